"""The inventory association as a template with parameters."""

from dataclasses import replace
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.bundle import parameters
from oelab.bundle.parameters import TAG_TEXT
from oelab.bundle.template import BundledTemplate, Condition, Parameter, given
from oelab.constructs import (
    ComplianceSeverity,
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
)
from oelab.settings import AssociationSettings

_ASSOCIATION, _TARGET, _LOGS = "Association", "Target nodes", "Log of each run"
_MINUTES = (
    "^([3-9][0-9]|[1-9][0-9]{2,3}|[1-3][0-9]{4}|4[0-3][0-9]{3}|44[0-5][0-9]{2}|446[0-3][0-9])$"
)
_LAB = AssociationSettings()
((_LAB_KEY, (_LAB_VALUE,)),) = _LAB.targets.tags.items()

_PARAMETERS = (
    Parameter(
        name="AssociationName",
        group=_ASSOCIATION,
        label="Name",
        description="Name of the association",
        default=_LAB.name,
        pattern=r"^[A-Za-z0-9_.-]+$",
        at_least=3,
        at_most=128,
        constraint="must be 3 to 128 letters, digits and _ - . without white space",
    ),
    Parameter(
        name="IntervalMinutes",
        group=_ASSOCIATION,
        label="Interval in minutes",
        description="How often inventory is gathered",
        default=str(_LAB.interval_minutes),
        # A Number would let 30.5 pass, and State Manager refuses that once the stack is half made.
        pattern=_MINUTES,
        constraint="must be a whole number, at least 30 and less than 44640 (31 days)",
    ),
    Parameter(
        name="Severity",
        group=_ASSOCIATION,
        label="Severity of a failure",
        description="How a failure counts in compliance",
        default=_LAB.severity,
        allowed=tuple(ComplianceSeverity),
        constraint=f"must be one of {', '.join(ComplianceSeverity)}",
    ),
    Parameter(
        name="TargetKey",
        group=_TARGET,
        label="Tag key",
        description="Key of the tag that nodes are chosen by",
        default=_LAB_KEY,
        # Systems Manager takes no `+` in the key of a target, though EC2 does in that of a tag.
        pattern=TAG_TEXT.replace("+", ""),
        at_least=1,
        at_most=124,
        constraint="must be 1 to 124 letters, digits, spaces within and _ . : / = - @",
    ),
    Parameter(
        name="TargetValue",
        group=_TARGET,
        label="Tag value",
        description="Value of the tag",
        default=_LAB_VALUE,
        pattern=TAG_TEXT,
        at_least=1,
        at_most=256,
        constraint="must be 1 to 256 letters, digits, spaces within and _ . : / = + - @",
    ),
    Parameter(
        name="LogBucket",
        group=_LOGS,
        label="Bucket",
        description="Name of an existing bucket for the output of each run; blank for none",
        default="",
        pattern=r"^(?!.*\.\.)([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
        at_most=63,
        constraint="must be blank, or a bucket's name: 3 to 63 lower-case letters, digits, - and "
        "single dots",
    ),
    Parameter(
        name="LogPrefix",
        group=_LOGS,
        label="Folder in the bucket",
        description="Where in the bucket; all that the role of the nodes may write to",
        default="inventory",
        # An asterisk would be one in the policy of the role.
        pattern=r"^[A-Za-z0-9!_.'()-]+(/[A-Za-z0-9!_.'()-]+)*$",
        at_least=1,
        at_most=500,
        constraint="must be 1 to 500 letters, digits and ! _ . ' ( ) - with single slashes between",
    ),
    replace(
        parameters.ROLE_NAME,
        group=_LOGS,
        label="Role of the nodes",
        description="Name of the role of the nodes, which may then write to the bucket; of no use "
        "without one",
    ),
)


def _define(scope: Construct, construct_id: str, **stack_options: Any) -> cdk.Stack:
    stack = cdk.Stack(scope, construct_id, **stack_options)
    role = iam.Role.from_role_name(stack, "NodeRole", cdk.Fn.ref(parameters.ROLE_NAME.name))
    logs = InventoryLogs(
        stack,
        "Logs",
        bucket=cdk.Fn.ref("LogBucket"),
        prefix=cdk.Fn.ref("LogPrefix"),
        node_roles=[role],
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


def _conditions() -> tuple[Condition, ...]:
    return (given("LogBucket", "AWS::SSM::Association.OutputLocation", "AWS::IAM::Policy"),)


INVENTORY = BundledTemplate(
    name="inventory",
    description="The State Manager association that gathers inventory",
    launches="once for each account and Region",
    parameters=_PARAMETERS,
    conditions=_conditions,
    define=_define,
)
"""Launched last, though nothing but the role must be there before it."""
