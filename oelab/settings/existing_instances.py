"""The settings `[existing_instances]`, which no stack of the app defines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from oelab import tags as lab_tags
from oelab.constraints import ssm

PROFILE_ATTACHMENT = "AttachInstanceProfile"
"""Name of the association that attaches the profile."""

_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class ExistingInstanceSettings:
    """Whether instances that have no instance profile are given that of the role.

    That are the instances that carry the one key of `tags` with one of its values.
    """

    attach_profile: bool = False
    tags: Annotated[Mapping[str, tuple[str, ...]], ssm.RUNBOOK_TARGET_TAGS] = field(
        default_factory=lambda: {lab_tags.ENVIRONMENT: (lab_tags.LAB_ENVIRONMENT,)}
    )
    interval_minutes: Annotated[int, ssm.INTERVAL_MINUTES] = _DAY
