"""What a resource data sync writes about a node: an object of JSON lines for each type.

Sources: "Understanding AWS Systems Manager Inventory Metadata" in the AWS Cloud Operations blog,
for the types; "Creating a resource data sync for Inventory" in the user guide, for what stays of a
deleted node.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from localaws.adapter import Record
from localaws.clock import iso
from localaws.systems_manager import compliance, inventory
from localaws.systems_manager.state import InventoryItem, Node, RegionState

# The capture of what Systems Manager knows by itself: the moment at which it is written.
AT_WRITING = 0.0


def items(state: RegionState, node: Node) -> Iterator[InventoryItem]:
    """Of a terminated node only AWS:InstanceInformation, which says so."""
    if node.registered_at is None:
        return
    found = inventory.of_node(state, node)
    yield replace(found.pop(inventory.INSTANCE_INFORMATION), captured=AT_WRITING)
    if node.is_terminated:
        return
    yield from found.values()
    known = {
        "AWS:Tag": [{"Key": key, "Value": value} for key, value in sorted(node.tags.items())],
        "AWS:ComplianceItem": list(_compliance_items(state, node)),
        "AWS:ComplianceSummary": list(_compliance_summaries(state, node)),
    }
    for type_name, content in known.items():
        if content:
            yield InventoryItem(type_name, "1.0", AT_WRITING, content)


def lines(item: InventoryItem, node_id: str, now: float) -> str:
    """One JSON document for each record, with text values only."""
    common = {
        "resourceId": node_id,
        "captureTime": iso(item.captured or now),
        "schemaVersion": item.schema_version,
    }
    records = [{name: str(value) for name, value in each.items()} for each in item.content]
    return "".join(json.dumps({**record, **common}) + "\n" for record in records)


def _compliance_items(state: RegionState, node: Node) -> Iterator[Record]:
    for node_id, report in compliance.reports(state):
        for item in report.items if node_id == node.node_id else ():
            own = {name: value for name, value in item.items() if name != "Details"}
            yield {
                **item.get("Details", {}),
                **own,
                "ComplianceType": report.compliance_type,
                **_execution(report.execution),
            }


def _compliance_summaries(state: RegionState, node: Node) -> Iterator[Record]:
    for summary in compliance.resource_summaries(state):
        if summary["ResourceId"] == node.node_id:
            counts = {
                f"{side}{name}": count
                for side in ("Compliant", "NonCompliant")
                for name, count in summary[f"{side}Summary"]["SeveritySummary"].items()
            }
            names = ("ComplianceType", "Status", "OverallSeverity")
            own = {name: summary[name] for name in names}
            yield {**own, **_execution(summary["ExecutionSummary"]), **counts}


def _execution(execution: Record) -> Record:
    return {**execution, "ExecutionTime": iso(float(execution["ExecutionTime"]))}
