"""Systems Manager: compliance."""

from collections.abc import Mapping

from oelab.review.models import ComplianceCount, ComplianceItem, ComplianceSummary
from oelab.review.read.access import Clients
from oelab.review.read.errors import reading
from oelab.review.read.pages import PAGE

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED")
"""From the worst on, as AWS counts them."""


def read_compliance(clients: Clients) -> Mapping[str, tuple[ComplianceSummary, ...]]:
    """By node, one summary for each compliance type.

    Raises `ReadError`. AWS: ssm:ListResourceComplianceSummaries.
    """
    found: dict[str, tuple[ComplianceSummary, ...]] = {}
    with reading(clients.place, "ssm:ListResourceComplianceSummaries"):
        pages = clients.ssm.get_paginator("list_resource_compliance_summaries").paginate(
            PaginationConfig={"PageSize": PAGE}
        )
        for page in pages:
            for each in page["ResourceComplianceSummaryItems"]:
                summary = ComplianceSummary(
                    node_id=each.get("ResourceId", ""),
                    compliance_type=each.get("ComplianceType", ""),
                    status=each.get("Status", ""),
                    severity=each.get("OverallSeverity", ""),
                    non_compliant=each.get("NonCompliantSummary", {}).get("NonCompliantCount", 0),
                )
                found[summary.node_id] = (*found.get(summary.node_id, ()), summary)
    return found


def read_counts(clients: Clients) -> tuple[ComplianceCount, ...]:
    """How many nodes comply with each type.

    Raises `ReadError`. AWS: ssm:ListComplianceSummaries.
    """
    with reading(clients.place, "ssm:ListComplianceSummaries"):
        pages = clients.ssm.get_paginator("list_compliance_summaries").paginate(
            PaginationConfig={"PageSize": PAGE}
        )
        return tuple(
            ComplianceCount(
                compliance_type=each.get("ComplianceType", ""),
                compliant=each.get("CompliantSummary", {}).get("CompliantCount", 0),
                non_compliant=each.get("NonCompliantSummary", {}).get("NonCompliantCount", 0),
                by_severity=_by_severity(
                    each.get("NonCompliantSummary", {}).get("SeveritySummary", {})
                ),
            )
            for page in pages
            for each in page["ComplianceSummaryItems"]
        )


def read_items(clients: Clients, node_id: str) -> tuple[ComplianceItem, ...]:
    """Every item of one node; AWS takes one node a call.

    Raises `ReadError`. AWS: ssm:ListComplianceItems.
    """
    with reading(clients.place, "ssm:ListComplianceItems"):
        pages = clients.ssm.get_paginator("list_compliance_items").paginate(
            ResourceIds=[node_id],
            ResourceTypes=["ManagedInstance"],
            PaginationConfig={"PageSize": PAGE},
        )
        return tuple(
            ComplianceItem(
                compliance_type=each.get("ComplianceType", ""),
                item_id=each.get("Id", ""),
                title=each.get("Title", ""),
                severity=each.get("Severity", ""),
                status=each.get("Status", ""),
                details=dict(each.get("Details", {})),
            )
            for page in pages
            for each in page["ComplianceItems"]
        )


def _by_severity(counts: Mapping[str, object]) -> Mapping[str, int]:
    named = {severity: counts.get(f"{severity.capitalize()}Count", 0) for severity in SEVERITIES}
    return {
        severity: count for severity, count in named.items() if isinstance(count, int) and count
    }
