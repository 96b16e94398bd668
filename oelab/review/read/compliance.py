"""Compliance, of all nodes in sum and of one by item."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Subject, Unread
from oelab.review.read.connection import Connection, read_all
from oelab.review.read.nodes import locate, read_node_index
from oelab.review.records import ComplianceItem, ComplianceSummary
from oelab.review.snapshots import ComplianceSnapshot, NodeIndex, extend


def read_compliance(aws: Connection) -> Mapping[str, tuple[ComplianceSummary, ...]]:
    """By node, one summary for each compliance type."""
    found: defaultdict[str, tuple[ComplianceSummary, ...]] = defaultdict(tuple)
    action, key = "ssm:ListResourceComplianceSummaries", "ResourceComplianceSummaryItems"
    for each in aws.items(action, key, ComplianceSummary):
        found[each.node_id] += (each,)
    return found


def read_fleet_compliance(aws: Connection, expected: ExpectedFleet) -> ComplianceSnapshot:
    """The compliance of all nodes of one environment."""
    compliance = aws.start(read_compliance)
    index = read_node_index(aws, expected)
    return extend(ComplianceSnapshot, index, compliance=compliance.result())


def read_node_compliance(
    connections: Sequence[Connection], expected: ExpectedFleet, wanted: str
) -> tuple[list[NodeIndex], dict[Subject, tuple[ComplianceItem, ...] | Unread]]:
    """The items of each node of this id or name. Raises `BadInputError` where there is none."""
    indexes = read_all(connections, read_node_index, expected)
    located = locate(connections, indexes, wanted)
    started = {
        index.subject_of(node): aws.start(_read_items, node, index.name_of(node))
        for aws, index, node in located
    }
    return indexes, {subject: each.result() for subject, each in started.items()}


def _read_items(aws: Connection, node_id: str, name: str) -> tuple[ComplianceItem, ...]:
    items = aws.items(
        "ssm:ListComplianceItems",
        "ComplianceItems",
        ComplianceItem,
        given={"name": name},
        # AWS takes one node a call.
        ResourceIds=[node_id],
        ResourceTypes=["ManagedInstance"],
    )
    return tuple(items)
