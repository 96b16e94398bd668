"""What a node's compliance amounts to."""

from collections.abc import Iterable, Iterator

from oelab.findings import Rule
from oelab.review.models import ComplianceSummary
from oelab.review.verdicts.remedies import Observation

_RULES = {
    "Association": Rule.NON_COMPLIANT_ASSOCIATION,
    "Patch": Rule.NON_COMPLIANT_PATCH,
}


def compliance(summaries: Iterable[ComplianceSummary]) -> Iterator[Observation]:
    """One for each compliance type that the node does not comply with."""
    for summary in summaries:
        if summary.compliant:
            continue
        count = summary.non_compliant
        items = f"{count} item{'' if count == 1 else 's'}"
        yield (
            _RULES.get(summary.compliance_type, Rule.NON_COMPLIANT_CUSTOM),
            f"{items} of type {summary.compliance_type} not compliant, worst severity "
            f"{summary.severity or 'UNSPECIFIED'}",
        )
