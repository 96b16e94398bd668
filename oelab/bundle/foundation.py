"""The foundation as a template with parameters."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.bundle.template import BundledTemplate, Parameter, ParameterCondition
from oelab.constraints.iam import ROLE_NAME
from oelab.constraints.kinds import Choice
from oelab.constraints.tags import PLAIN_TAG_VALUE
from oelab.settings import RoleSettings, Settings
from oelab.stacks.foundation import FoundationStack

_STANDARD, _RESTRICTED = "Standard", "Restricted"

ROLE = Parameter("RoleName", ROLE_NAME, RoleSettings().name)
_PERMISSIONS = Parameter(
    "Permissions", Choice("Permissions", "", (_STANDARD, _RESTRICTED)), _STANDARD
)
_OWNER = Parameter("Owner", PLAIN_TAG_VALUE, Settings().owner)


def _define(scope: Construct, construct_id: str, **stack: Any) -> cdk.Stack:
    foundation = FoundationStack(
        scope,
        construct_id,
        role=RoleSettings(restricted_permissions=True),
        role_name=cdk.Fn.ref(ROLE.name),
        owner=cdk.Fn.ref("Owner"),
        **stack,
    )
    # Both permission sets are there; the conditions keep one of them.
    assert foundation.managed_instances_role
    foundation.managed_instances_role.role.add_managed_policy(
        iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
    )
    return foundation


FOUNDATION = BundledTemplate(
    name="foundation",
    description="The role that makes EC2 instances managed nodes, and access for people",
    launches="once for each account",
    capabilities=("CAPABILITY_NAMED_IAM",),
    parameters=(ROLE, _PERMISSIONS, _OWNER),
    conditions=(
        ParameterCondition("Permissions", ("AWS::IAM::Role.ManagedPolicyArns",), _STANDARD),
        ParameterCondition("Permissions", ("AWS::IAM::Policy",), _RESTRICTED),
    ),
    define=_define,
)
"""Launched first: the other templates name its role and profile."""
