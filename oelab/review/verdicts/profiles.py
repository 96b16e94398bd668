"""Instance profiles that workloads name themselves, in addition to that of the settings' role."""

from collections.abc import Iterator

from oelab.findings import Finding, Rule, Severity
from oelab.review.account_snapshot import INSTANCE_PROFILE, Survey
from oelab.review.models import Unread
from oelab.review.verdicts.preflight_finding import preflight_finding
from oelab.settings import Settings


def profile_findings(survey: Survey, settings: Settings) -> Iterator[Finding]:
    """A profile that does not exist, or that this very deployment deletes."""
    if isinstance(survey.named_profiles, Unread):
        return
    for name in sorted(settings.named_profiles()):
        users = [each.name for each in settings.workloads if each.instance_profile == name]
        if survey.is_ours(INSTANCE_PROFILE, name):
            severity = Severity.WARNING
            reason = "is deleted by this deployment, as [role] has another name now"
        elif name not in survey.named_profiles:
            severity = Severity.ERROR
            reason = "does not exist"
        else:
            continue
        yield preflight_finding(
            survey,
            Rule.PREFLIGHT_PROFILE,
            severity,
            "the settings",
            f"the instance profile {name} of {', '.join(users)} {reason}",
            "leave `instance_profile` out of these workloads to use that of [role], or name one "
            "that exists",
        )
