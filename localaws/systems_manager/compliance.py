"""Compliance: what associations report by themselves, and what people put."""

from collections.abc import Iterator

from localaws.adapter import Record
from localaws.clock import iso
from localaws.systems_manager.state import (
    SUCCESS,
    Association,
    ComplianceReport,
    ExecutionTarget,
    Node,
    RegionState,
)

ASSOCIATION = "Association"
RESOURCE_TYPE = "ManagedInstance"
COMPLIANT, NON_COMPLIANT = "COMPLIANT", "NON_COMPLIANT"
# From the worst on.
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED")


def report_association(
    state: RegionState, association: Association, node: Node, target: ExecutionTarget
) -> None:
    """A node complies if the association succeeded there; MANUAL leaves it to people."""
    if association.settings.get("SyncCompliance") == "MANUAL":
        return
    execution = {"ExecutionTime": target.date, "ExecutionId": target.execution_id}
    item = {
        "Id": association.association_id,
        "Title": association.name,
        "Severity": association.settings.get("ComplianceSeverity", "UNSPECIFIED"),
        "Status": COMPLIANT if target.status == SUCCESS else NON_COMPLIANT,
        "Details": {
            "DocumentName": association.document,
            "DetailedText": target.summary,
            "ExecutionTime": iso(target.date),
        },
    }
    of_node = state.compliance.setdefault(node.node_id, {})
    of_node[ASSOCIATION, association.association_id] = ComplianceReport(
        ASSOCIATION, execution, [item]
    )


def drop_association(state: RegionState, association: Association, node_id: str) -> None:
    """Forget what the association has reported of the node."""
    state.compliance.get(node_id, {}).pop((ASSOCIATION, association.association_id), None)


def reports(state: RegionState) -> Iterator[tuple[str, ComplianceReport]]:
    """By node; a terminated one is not a resource any more."""
    for node_id, found in sorted(state.compliance.items()):
        if not state.nodes[node_id].is_terminated:
            for _, report in sorted(found.items()):
                yield node_id, report


def resource_summaries(state: RegionState) -> list[Record]:
    """One for each node and type."""
    items: dict[tuple[str, str], list[Record]] = {}
    executions: dict[tuple[str, str], Record] = {}
    for node_id, report in reports(state):
        key = (node_id, report.compliance_type)
        items.setdefault(key, []).extend(report.items)
        executions[key] = report.execution
    return [
        {
            "ComplianceType": kind,
            "ResourceType": RESOURCE_TYPE,
            "ResourceId": node_id,
            "ExecutionSummary": executions[node_id, kind],
            **_summary(found),
        }
        for (node_id, kind), found in items.items()
    ]


def _summary(items: list[Record]) -> Record:
    good = [item for item in items if item["Status"] == COMPLIANT]
    bad = [item for item in items if item["Status"] != COMPLIANT]
    severities = {item["Severity"] for item in bad}
    return {
        "Status": NON_COMPLIANT if bad else COMPLIANT,
        "OverallSeverity": next((s for s in SEVERITIES if s in severities), SEVERITIES[-1]),
        "CompliantSummary": {"CompliantCount": len(good), "SeveritySummary": _by_severity(good)},
        "NonCompliantSummary": {
            "NonCompliantCount": len(bad),
            "SeveritySummary": _by_severity(bad),
        },
    }


def _by_severity(items: list[Record]) -> Record:
    given = [item["Severity"] for item in items]
    return {f"{level.capitalize()}Count": given.count(level) for level in SEVERITIES}
