"""Compliance: what associations report by themselves, and what people put."""

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
COMPLIANT, NON_COMPLIANT = "COMPLIANT", "NON_COMPLIANT"


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
    reports = state.compliance.setdefault(node.node_id, {})
    reports[ASSOCIATION, association.association_id] = ComplianceReport(
        ASSOCIATION, execution, [item]
    )


def drop_association(state: RegionState, association: Association, node_id: str) -> None:
    """Forget what the association has reported of the node."""
    state.compliance.get(node_id, {}).pop((ASSOCIATION, association.association_id), None)
