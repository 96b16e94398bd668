"""What Systems Manager accepts of an association, its targets and its rate control."""

from dataclasses import replace
from enum import StrEnum

from oelab.constraints.kinds import Choice, Items, Text
from oelab.constraints.tags import BLANK, PLAIN_TAG_VALUE, TAG_KEY, TAG_VALUE

_ASSOCIATION = "CloudFormation schema of AWS::SSM::Association"
_GROUP = "Resource Groups API Reference, CreateGroup"

_NAME = "[A-Za-z0-9_.-]+"


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


COMPLIANCE_SEVERITY = Choice("ComplianceSeverity", _ASSOCIATION, tuple(ComplianceSeverity))
SYNC_COMPLIANCE = Choice("SyncCompliance", _ASSOCIATION, tuple(SyncCompliance))

ASSOCIATION_NAME = Text(
    "AssociationName",
    _ASSOCIATION,
    pattern=_NAME,
    form="letters, digits and _ - . without white space",
    at_least=3,
    at_most=128,
)

MAX_CONCURRENCY = Text(
    "MaxConcurrency",
    _ASSOCIATION,
    pattern="[1-9][0-9]{0,6}|[1-9][0-9]?%|100%",
    form="a number from 1 to 9999999 or a percentage from 1% to 100%, as a string",
)
MAX_ERRORS = Text(
    "MaxErrors",
    _ASSOCIATION,
    pattern="0|[1-9][0-9]{0,6}|0%|[1-9][0-9]?%|100%",
    form="a number from 0 to 9999999 or a percentage from 0% to 100%, as a string",
)

# The schema gives 128 characters to the key of a target, and "tag:" stands in front of it. The API
# takes no plus sign there, though a tag may have one. Tags of AWS itself can be targeted.
TARGET_KEY = replace(
    TAG_KEY,
    rule="TargetKey",
    source="Systems Manager API Reference, Target",
    pattern=TAG_KEY.pattern.replace("+@", "@"),
    form="letters, digits, spaces and _ . : / = - @",
    at_most=128 - len("tag:"),
    forbidden=BLANK,
)
PLAIN_TARGET_KEY = replace(
    PLAIN_TAG_VALUE,
    rule="TargetKey",
    pattern=PLAIN_TAG_VALUE.pattern.replace("+@", "@"),
    form="letters, digits, spaces within and _ . : / = - @",
    at_most=TARGET_KEY.at_most,
)
"""What parameters take, as of any tag."""
TARGET_VALUES = Items("TargetValues", _ASSOCIATION, "values", TAG_VALUE, at_least=1, at_most=50)
TARGET_TAGS = Items(
    "TargetTags", _ASSOCIATION, "tag keys", TARGET_VALUES, TARGET_KEY, at_least=1, at_most=5
)

INSTANCE_ID = Text(
    "InstanceId",
    "Systems Manager API Reference, InstanceId",
    pattern="i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17}",
    form="the id of one node such as i-0123456789abcdef0 or mi-0123456789abcdef0; "
    "all nodes are a target of their own",
)
INSTANCE_IDS = Items("InstanceIds", _ASSOCIATION, "ids", INSTANCE_ID, at_least=1, at_most=50)

RESOURCE_GROUP_NAME = Text(
    "ResourceGroupName", _GROUP, _NAME, "letters, digits and _ . -, and no ARN", 1, 300
)
