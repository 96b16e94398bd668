"""What Systems Manager accepts of an association: intervals and offsets here, from
`systems_manager.schedule`; limits of names, targets and rate control in ssm.toml.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum

from oelab.constraints.ec2 import REGION_NAME
from oelab.constraints.kinds import Choice, Items, Number, Text, wrong_type
from oelab.constraints.rules import violation
from oelab.constraints.s3 import BUCKET_NAME, KEY_PREFIX
from oelab.constraints.tags import TAG_VALUE
from oelab.findings import Finding
from oelab.systems_manager import schedule
from oelab.systems_manager.targets import Nodes, ResourceGroup, Tags, Targets, describe


class ComplianceSeverity(StrEnum):
    """How serious it is when an association fails on a node."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    UNSPECIFIED = "UNSPECIFIED"


class SyncCompliance(StrEnum):
    """Whether runs set a node's compliance, or only PutComplianceItems does."""

    AUTO = "AUTO"
    MANUAL = "MANUAL"


COMPLIANCE_SEVERITY = Choice.declared("ssm.ComplianceSeverity", values=tuple(ComplianceSeverity))
SYNC_COMPLIANCE = Choice.declared("ssm.SyncCompliance", values=tuple(SyncCompliance))
ASSOCIATION_NAME = Text.declared("ssm.AssociationName")
MAX_CONCURRENCY = Text.declared("ssm.MaxConcurrency")
MAX_ERRORS = Text.declared("ssm.MaxErrors")
TARGET_KEY = Text.declared("ssm.TargetKey")
PLAIN_TARGET_KEY = Text.declared("ssm.PlainTargetKey")
TARGET_VALUES = Items.declared("ssm.TargetValues", each=TAG_VALUE)
TARGET_TAGS = Items.declared("ssm.TargetTags", keys=TARGET_KEY, each=TARGET_VALUES)
RUNBOOK_TARGET_TAGS = Items.declared("ssm.RunbookTargets", keys=TARGET_KEY, each=TARGET_VALUES)
INSTANCE_ID = Text.declared("ssm.InstanceId")
INSTANCE_IDS = Items.declared("ssm.InstanceIds", each=INSTANCE_ID)
RESOURCE_GROUP_NAME = Text.declared("ssm.ResourceGroupName")


def targets(where: str, value: Targets) -> Iterator[Finding]:
    """Tag keys and their values, ids or a resource group; what each of these must be."""
    match value:
        case Tags(tags):
            yield from TARGET_TAGS.required(where, tags)
        case Nodes(ids):
            yield from INSTANCE_IDS.findings(where, ids)
        case ResourceGroup(name):
            yield from RESOURCE_GROUP_NAME.required(where, name)


def runbook_targets(where: str, value: Targets) -> Iterator[Finding]:
    """One tag key and its values: what a runbook changes is to be narrow, and is never all."""
    if isinstance(value, Tags):
        yield from RUNBOOK_TARGET_TAGS.findings(where, value.values)
    else:
        yield violation(RUNBOOK_TARGET_TAGS.rule, where, describe(value))


_RATE_MINUTES = schedule.RATE_MINUTES[0], schedule.RATE_MINUTES[-1]
INTERVAL_MINUTES = Number("ScheduleInterval", schedule.SOURCE, *_RATE_MINUTES, "minutes")
"""Of a rate."""
OFFSET_DAYS = Number("ScheduleOffset", schedule.SOURCE, 1, 6, "days")
"""How many days after the time that a cron expression names."""


def schedule_expression(where: str, value: object) -> Iterator[Finding]:
    """A rate of 30 minutes or more, a cron expression of a form for associations, or one time.

    The forms are every half hour, every 1, 2, 4, 8 or 12 hours, daily, on one weekday, and on the
    nth or the last one of a month. Source: as of `systems_manager.schedule`.
    """
    if not isinstance(value, str):
        remedy = "write it like 'rate(30 minutes)'"
        yield wrong_type(where, value, "must be a text", schedule.SOURCE, remedy)
    elif schedule.parse(value) is None:
        misfit = schedule.misfit(value)
        case = "cron" if misfit else "any"
        yield violation("ScheduleForm", where, value, case=case, misfit=misfit)


def schedule_offset(where: str, days: int | None, expression: object) -> Iterator[Finding]:
    """Days to wait after the time that a cron expression names, which no other schedule has.

    Source: as of `systems_manager.schedule`.
    """
    yield from OFFSET_DAYS.findings(where, days)
    if days is not None and str(expression).startswith(("rate(", "at(")):
        yield violation("ScheduleOffset", where, days)


ASSOCIATION: dict[str, Callable[[str, str], Iterator[Finding]]] = {
    "AssociationName": ASSOCIATION_NAME.findings,
    "ComplianceSeverity": COMPLIANCE_SEVERITY.findings,
    "SyncCompliance": SYNC_COMPLIANCE.findings,
    "MaxConcurrency": MAX_CONCURRENCY.findings,
    "MaxErrors": MAX_ERRORS.findings,
    "ScheduleExpression": schedule_expression,
    "OutputLocation.S3Location.OutputS3BucketName": BUCKET_NAME.findings,
    "OutputLocation.S3Location.OutputS3KeyPrefix": KEY_PREFIX.findings,
    "OutputLocation.S3Location.OutputS3Region": REGION_NAME.findings,
}
"""What constrains the properties of AWS::SSM::Association that are texts, by their paths."""
