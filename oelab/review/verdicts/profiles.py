"""Instance profiles that workloads name themselves, beside that of the settings' role."""

from collections.abc import Iterator

from oelab.review.account_snapshot import INSTANCE_PROFILE, Survey
from oelab.review.models import Unread
from oelab.review.verdicts.clash import Clash, Effect
from oelab.settings import Settings


def profile_clashes(survey: Survey, settings: Settings) -> Iterator[Clash]:
    """A profile that does not exist, or that this very deployment deletes."""
    if isinstance(survey.named_profiles, Unread):
        return
    for name in sorted(settings.named_profiles()):
        users = [each.name for each in settings.workloads if each.instance_profile == name]
        if survey.is_ours(INSTANCE_PROFILE, name):
            effect = Effect.DIFFERS
            reason = "is deleted by this deployment, as [role] has another name now"
        elif name not in survey.named_profiles:
            effect = Effect.FAILS
            reason = "does not exist"
        else:
            continue
        yield Clash(
            place=str(survey.place),
            topic="instance profile",
            effect=effect,
            owner="the settings",
            reason=f"the instance profile {name} of {', '.join(users)} {reason}",
            remedy="leave `instance_profile` out of these workloads to use that of [role], or name "
            "one that exists",
        )
