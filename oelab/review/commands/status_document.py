"""The JSON document of `oelab status` and `oelab wait`."""

from collections import Counter
from collections.abc import Sequence

from oelab.findings import Finding
from oelab.review.models import AssociationStatus, Unread
from oelab.review.output import unread_documents
from oelab.review.verdicts.verdict import NodeVerdict

SCHEMA = "oelab.status/1"


def document(verdicts: Sequence[NodeVerdict], unread: Sequence[Unread]) -> dict[str, object]:
    """The JSON document of these verdicts."""
    return {
        "unread": unread_documents(unread),
        "totals": totals(verdicts),
        "nodes": [node_document(each) for each in verdicts],
    }


def node_document(each: NodeVerdict) -> dict[str, object]:
    """One node of it."""
    return {
        "place": each.place,
        "name": each.name,
        "workload": each.workload,
        "id": each.node_id,
        "verdict": each.verdict,
        "state": each.state,
        "profile": each.profile,
        "ping": each.ping,
        "agent_version": each.agent_version,
        "platform": each.platform,
        "association": each.association,
        "association_status": each.outcome,
        "inventory_captured": each.captured,
        "compliant": each.compliant,
        "findings": [_finding(finding) for finding in each.findings],
        "notes": list(each.notes),
        "unread": list(each.unread),
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "cause": finding.rule,
        "reason": finding.reason,
        "remedy": finding.remedy,
    }


def status_document(each: AssociationStatus) -> dict[str, object]:
    """One association, as the node itself tells of it."""
    return {
        "id": each.association_id,
        "name": each.name,
        "status": each.status,
        "detailed_status": each.detailed_status,
        "ran": each.ran,
        "summary": each.summary,
        "error_code": each.error_code,
        "output_url": each.output_url,
    }


def totals(verdicts: Sequence[NodeVerdict]) -> dict[str, int]:
    """How many nodes there are, and how many of each verdict."""
    counts = Counter(each.verdict for each in verdicts)
    return {"nodes": len(verdicts), **dict(counts.most_common())}
