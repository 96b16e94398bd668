"""Compliance, of all nodes in sum and of one by item."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Subject, Unread
from oelab.review.read.connection import Connection, read_all
from oelab.review.read.nodes import locate, read_fleet_nodes
from oelab.review.records import ComplianceItem, ComplianceSummary
from oelab.review.snapshots import FleetSnapshot


def read_compliance(aws: Connection) -> Mapping[str, tuple[ComplianceSummary, ...]]:
    """By node, one summary for each compliance type."""
    found: defaultdict[str, tuple[ComplianceSummary, ...]] = defaultdict(tuple)
    action, key = "ssm:ListResourceComplianceSummaries", "ResourceComplianceSummaryItems"
    for each in aws.items(action, key, ComplianceSummary):
        found[each.node_id] += (each,)
    return found


def read_fleet_compliance(aws: Connection, expected: ExpectedFleet) -> FleetSnapshot:
    """The compliance of all nodes of one environment."""
    compliance = aws.start(read_compliance)
    return replace(read_fleet_nodes(aws, expected), compliance=compliance.result())


def read_node_compliance(
    connections: Sequence[Connection], expected: ExpectedFleet, wanted: str
) -> tuple[list[FleetSnapshot], dict[Subject, tuple[ComplianceItem, ...] | Unread]]:
    """The items of each node of this id or name. Raises `BadInputError` where there is none."""
    fleets = read_all(connections, read_fleet_nodes, expected)
    started = {
        fleet.subject_of(node): aws.start(_read_items, node, fleet.name_of(node))
        for aws, fleet, node in locate(connections, fleets, wanted)
    }
    return fleets, {subject: each.result() for subject, each in started.items()}


def _read_items(aws: Connection, node_id: str, name: str) -> tuple[ComplianceItem, ...]:
    return aws.items(
        "ssm:ListComplianceItems",
        "ComplianceItems",
        ComplianceItem,
        given={"name": name},
        # AWS takes one node a call.
        ResourceIds=[node_id],
        ResourceTypes=["ManagedInstance"],
    )
