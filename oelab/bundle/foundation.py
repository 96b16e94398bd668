"""The foundation as a template with parameters."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.bundle import parameters
from oelab.bundle.parameters import TAG_TEXT
from oelab.bundle.template import BundledTemplate, Condition, Parameter
from oelab.settings import RoleSettings
from oelab.stacks.foundation import FoundationStack

_STANDARD, _RESTRICTED = "Standard", "Restricted"

_PERMISSIONS = Parameter(
    name="Permissions",
    group="Role of the managed instances",
    label="Permissions",
    description="Standard is AmazonSSMManagedInstanceCore; Restricted is inventory and Session "
    "Manager's channels only",
    default=_STANDARD,
    allowed=(_STANDARD, _RESTRICTED),
    constraint=f"must be {_STANDARD} or {_RESTRICTED}",
)

_OWNER = Parameter(
    name="Owner",
    group="People",
    label="Owner",
    description="The tag Owner of the stacks; operators may run and change associations with it",
    default="oelab",
    pattern=TAG_TEXT,
    at_least=1,
    at_most=256,
    constraint="must be 1 to 256 letters, digits, spaces within and _ . : / = + - @",
)


def _define(scope: Construct, construct_id: str, **stack: Any) -> cdk.Stack:
    foundation = FoundationStack(
        scope,
        construct_id,
        role=RoleSettings(restricted_permissions=True),
        role_name=cdk.Fn.ref(parameters.ROLE_NAME.name),
        owner=cdk.Fn.ref(_OWNER.name),
        **stack,
    )
    # Both permission sets are there; the conditions keep one of them.
    assert foundation.managed_instances_role
    foundation.managed_instances_role.role.add_managed_policy(
        iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
    )
    return foundation


def _conditions() -> tuple[Condition, ...]:
    chosen = cdk.Fn.ref(_PERMISSIONS.name)
    return (
        Condition(
            name="StandardPermissions",
            test=cdk.Fn.condition_equals(chosen, _STANDARD),
            keeps=("AWS::IAM::Role.ManagedPolicyArns",),
        ),
        Condition(
            name="RestrictedPermissions",
            test=cdk.Fn.condition_equals(chosen, _RESTRICTED),
            keeps=("AWS::IAM::Policy",),
        ),
    )


FOUNDATION = BundledTemplate(
    name="foundation",
    description="The role that makes EC2 instances managed nodes, and access for people",
    launches="once for each account",
    parameters=(parameters.ROLE_NAME, _PERMISSIONS, _OWNER),
    conditions=_conditions,
    define=_define,
)
"""Launched first: the other templates name its role and profile."""
