"""The inventory association as a template with parameters."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.bundle.foundation import ROLE
from oelab.bundle.template import BundledTemplate, Parameter, ParameterCondition
from oelab.constraints.kinds import OrBlank, Text
from oelab.constraints.s3 import BUCKET_NAME, PLAIN_KEY_PREFIX
from oelab.constraints.ssm import ASSOCIATION_NAME, COMPLIANCE_SEVERITY, PLAIN_TARGET_KEY
from oelab.constraints.tags import PLAIN_TAG_VALUE
from oelab.constructs import (
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
)
from oelab.settings import AssociationSettings
from oelab.systems_manager import schedule

# A parameter of the type Number would let 30.5 pass, which State Manager refuses only once the
# stack is half made.
INTERVAL_MINUTES = Text(
    "IntervalMinutes",
    schedule.SOURCE,
    "([3-9][0-9]|[1-9][0-9]{2,3}|[1-3][0-9]{4}|4[0-3][0-9]{3}|44[0-5][0-9]{2}|446[0-3][0-9])",
    "a whole number of at least 30 and less than 44640 (31 days)",
)
_LAB = AssociationSettings()
((_LAB_KEY, (_LAB_VALUE,)),) = _LAB.targets.tags.items()

_PARAMETERS = (
    Parameter("AssociationName", ASSOCIATION_NAME, _LAB.name),
    Parameter("IntervalMinutes", INTERVAL_MINUTES, str(_LAB.interval_minutes)),
    Parameter("Severity", COMPLIANCE_SEVERITY, _LAB.severity),
    Parameter("TargetKey", PLAIN_TARGET_KEY, _LAB_KEY),
    Parameter("TargetValue", PLAIN_TAG_VALUE, _LAB_VALUE),
    Parameter("LogBucket", OrBlank(BUCKET_NAME), ""),
    Parameter("LogPrefix", PLAIN_KEY_PREFIX, "inventory"),
    ROLE,
)


def _define(scope: Construct, construct_id: str, **stack_options: Any) -> cdk.Stack:
    stack = cdk.Stack(scope, construct_id, **stack_options)
    logs = InventoryLogs(
        stack,
        "Logs",
        bucket=cdk.Fn.ref("LogBucket"),
        prefix=cdk.Fn.ref("LogPrefix"),
        node_roles=[iam.Role.from_role_name(stack, "NodeRole", cdk.Fn.ref(ROLE.name))],
    )
    InventoryAssociation(
        Construct(stack, "Associations"),
        _LAB.name,
        association_name=cdk.Fn.ref("AssociationName"),
        targets=InventoryTargets.tag(cdk.Fn.ref("TargetKey"), cdk.Fn.ref("TargetValue")),
        schedule=InventorySchedule(f"rate({cdk.Fn.ref('IntervalMinutes')} minutes)"),
        logs=logs,
    ).association.compliance_severity = cdk.Fn.ref("Severity")
    return stack


INVENTORY = BundledTemplate(
    name="inventory",
    description="The State Manager association that gathers inventory",
    launches="once for each account and Region",
    capabilities=("CAPABILITY_IAM",),
    parameters=_PARAMETERS,
    conditions=(
        ParameterCondition(
            "LogBucket", ("AWS::SSM::Association.OutputLocation", "AWS::IAM::Policy")
        ),
    ),
    define=_define,
)
"""Launched last, though nothing but the role must be there before it."""
