"""Compliance, of all nodes in sum and of one by item."""

from collections.abc import Mapping, Sequence

from oelab.review.models import ComplianceItem, ComplianceSummary, Unread
from oelab.review.read.connection import Connection, read_all
from oelab.review.read.nodes import locate, read_node_index
from oelab.review.snapshots import ComplianceSnapshot, NodeIndex, extend


def read_compliance(aws: Connection) -> Mapping[str, tuple[ComplianceSummary, ...]]:
    """By node, one summary for each compliance type."""
    found: dict[str, tuple[ComplianceSummary, ...]] = {}
    for each in aws.items(
        "ssm:ListResourceComplianceSummaries", "ResourceComplianceSummaryItems", ComplianceSummary
    ):
        found[each.node_id] = (*found.get(each.node_id, ()), each)
    return found


def read_fleet_compliance(aws: Connection) -> ComplianceSnapshot:
    """The compliance of all nodes of one environment."""
    compliance = aws.start(read_compliance)
    return extend(ComplianceSnapshot, read_node_index(aws), compliance=compliance.result())


def read_node_compliance(
    connections: Sequence[Connection], wanted: str
) -> tuple[list[NodeIndex], list[tuple[ComplianceItem, ...] | Unread]]:
    """The items of each node of this id or name. Raises `BadInputError` where there is none."""
    indexes = read_all(connections, read_node_index)
    located = locate(connections, indexes, wanted)
    started = [aws.start(_read_items, node, index.name_of(node)) for aws, index, node in located]
    return indexes, [each.result() for each in started]


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
