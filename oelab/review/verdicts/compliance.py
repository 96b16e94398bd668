"""What a node's compliance amounts to."""

from collections.abc import Iterable, Iterator

from oelab.review.models import ComplianceSummary
from oelab.review.verdicts.causes import Cause, Finding

_CAUSES = {
    "Association": Cause.NON_COMPLIANT_ASSOCIATION,
    "Patch": Cause.NON_COMPLIANT_PATCH,
}


def compliance(summaries: Iterable[ComplianceSummary]) -> Iterator[Finding]:
    """One finding for each compliance type that the node does not comply with."""
    for summary in summaries:
        if summary.compliant:
            continue
        count = summary.non_compliant
        items = f"{count} item{'' if count == 1 else 's'}"
        yield Finding(
            cause=_CAUSES.get(summary.compliance_type, Cause.NON_COMPLIANT_CUSTOM),
            reason=f"{items} of type {summary.compliance_type} not compliant, worst severity "
            f"{summary.severity or 'UNSPECIFIED'}",
        )
