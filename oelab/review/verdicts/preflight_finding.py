"""What a deployment would run into."""

from dataclasses import dataclass

from oelab.findings import Finding, Rule, Severity
from oelab.review.account_snapshot import Survey


@dataclass(frozen=True)
class Owner:
    """Whose the thing is that a finding is about, and in which place that is."""

    place: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} in {self.place}"


def preflight_finding(
    survey: Survey, rule: Rule, severity: Severity, owner: str, reason: str, remedy: str
) -> Finding:
    """A finding about one place before a deployment.

    An error makes the deployment fail, or destroy what is not ours. With a warning it succeeds and
    does not do what the settings say.
    """
    return Finding(
        rule=rule,
        severity=severity,
        subject=Owner(str(survey.place), owner),
        reason=reason,
        remedy=remedy,
    )
