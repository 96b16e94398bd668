"""Compliance: what associations report by themselves, and what anyone puts."""

from localaws.clock import iso
from localaws.systems_manager.state import (
    Association,
    ComplianceReport,
    Node,
    Outcome,
    ScopeState,
)

ASSOCIATION = "Association"
COMPLIANT, NON_COMPLIANT = "COMPLIANT", "NON_COMPLIANT"
UNSPECIFIED = "UNSPECIFIED"
# From the worst on.
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", UNSPECIFIED)


def report_association(
    state: ScopeState, association: Association, node: Node, outcome: Outcome
) -> None:
    """A node complies if the association succeeded there; MANUAL leaves it to whoever puts."""
    if association.settings.get("SyncCompliance") == "MANUAL":
        return
    execution = {
        "ExecutionTime": outcome.date,
        "ExecutionId": outcome.execution_id,
        "ExecutionType": "Command",
    }
    item = {
        "Id": association.association_id,
        "Title": association.settings.get("AssociationName", ""),
        "Severity": association.settings.get("ComplianceSeverity", UNSPECIFIED),
        "Status": COMPLIANT if outcome.status == "Success" else NON_COMPLIANT,
        "Details": {
            "DocumentName": association.document,
            "DocumentVersion": "$DEFAULT",
            "DetailedText": outcome.summary,
            "ExecutionTime": iso(outcome.date),
        },
    }
    reports = state.compliance.setdefault(node.instance_id, {})
    reports[ASSOCIATION, association.association_id] = ComplianceReport(
        ASSOCIATION, execution, [item]
    )


def worst(severities: list[str]) -> str:
    return min(severities, key=SEVERITIES.index, default=UNSPECIFIED)


def count(items: list[dict[str, object]]) -> dict[str, object]:
    """A SeveritySummary, every level of it."""
    given = [item["Severity"] for item in items]
    return {f"{level.capitalize()}Count": given.count(level) for level in SEVERITIES}
