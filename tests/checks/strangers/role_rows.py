"""Roles and instance profiles of nodes, host management, and names that exist once."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from aws_cdk import custom_resources

from oelab.constructs import ManagedInstance, ManagedInstancesRole
from tests.checks.strangers.rows import (
    CORE,
    Row,
    ec2_role,
    group,
    instance,
    inventory,
    l2_instance,
    l2_vpc,
    managed,
    network,
    profile_of,
    stage_next_to,
)

WARNING = "warning"
SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    ]
}


def allowing(*actions: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


def with_profile(stack: cdk.Stack, name: str | None) -> None:
    managed(stack, iam_instance_profile=name)


def in_a_group_with_profile(stack: cdk.Stack, profile: dict[str, str] | None) -> None:
    inventory(stack)
    group(stack, network(stack).subnet, iam_instance_profile=profile)


def by_host_management(stack: cdk.Stack, setting: str) -> None:
    ssm.CfnServiceSetting(
        stack, "Setting", setting_id=setting, setting_value="service-role/TheirRole"
    )
    managed(stack, iam_instance_profile=None)


def by_custom_resource(stack: cdk.Stack, setting: str) -> None:
    call = custom_resources.AwsSdkCall(
        service="SSM",
        action="UpdateServiceSetting",
        parameters={"SettingId": f"arn:aws:ssm:eu-central-1:1:servicesetting{setting}"},
        physical_resource_id=custom_resources.PhysicalResourceId.of("x"),
    )
    policy = custom_resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"])
    custom_resources.AwsCustomResource(stack, "Setting", on_create=call, policy=policy)
    managed(stack, iam_instance_profile=None)


def with_l1_role(stack: cdk.Stack, **role: Any) -> None:
    made = iam.CfnRole(stack, "Role", **({"assume_role_policy_document": TRUST} | role))
    profile = iam.CfnInstanceProfile(stack, "Profile", roles=[made.ref])
    managed(stack, iam_instance_profile=profile.ref)


def l1_policies(stack: cdk.Stack, arns: list[str]) -> None:
    with_l1_role(stack, managed_policy_arns=arns)


def l1_trust(stack: cdk.Stack, service: str) -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
        ]
    }
    with_l1_role(stack, managed_policy_arns=[CORE], assume_role_policy_document=document)


def l2_policy(stack: cdk.Stack, name: str) -> None:
    inventory(stack)
    l2_instance(stack, l2_vpc(stack), role=ec2_role(stack, name), ssm_session_permissions=False)


def l2_boundary(stack: cdk.Stack, actions: list[str]) -> None:
    boundary = iam.ManagedPolicy(
        stack,
        "Boundary",
        statements=[iam.PolicyStatement(actions=actions, resources=["*"])],
    )
    role = ec2_role(stack, "AmazonSSMManagedInstanceCore", permissions_boundary=boundary)
    managed(stack, iam_instance_profile=profile_of(role).instance_profile_name)


def l1_boundary(stack: cdk.Stack, boundary: str) -> None:
    arn = f"arn:aws:iam::aws:policy/{boundary}"
    with_l1_role(stack, managed_policy_arns=[CORE], permissions_boundary=arn)


def own_role_with_denial(stack: cdk.Stack, action: str) -> None:
    inventory(stack)
    role = ManagedInstancesRole(stack, "Nodes", role_name=f"Nodes{stack.account}")
    denial = iam.PolicyStatement(effect=iam.Effect.DENY, actions=[action], resources=["*"])
    role.role.add_to_policy(denial)
    instance(stack, iam_instance_profile=role.instance_profile.instance_profile_name)


def without_profile(stack: cdk.Stack, profile: str | None) -> None:
    inventory(stack)
    own = network(stack)
    ManagedInstance(
        stack,
        "Web",
        image_id="ami-12345678",
        instance_type="t3.micro",
        subnet=own.subnet,
        security_groups=[own.security_group],
        instance_profile=profile,
        tags={"Env": "Prod"},
    )


# --- names -------------------------------------------------------------------------------------


def own_roles_in_regions(stack: cdk.Stack, name: str) -> None:
    ManagedInstancesRole(stack, "Nodes")
    ManagedInstancesRole(stage_next_to(stack), "Nodes", role_name=name)


def own_role_twice(stack: cdk.Stack, name: str) -> None:
    ManagedInstancesRole(stack, "One")
    ManagedInstancesRole(stack, "Two", role_name=name)


def own_role_with_tag(stack: cdk.Stack, key: str) -> None:
    inventory(stack)
    cdk.Tags.of(ManagedInstancesRole(stack, "Nodes")).add(key, "x")


def l1_role_in_nested_stack(stack: cdk.Stack, name: str) -> None:
    iam.CfnRole(stack, "One", role_name="Nodes", assume_role_policy_document=TRUST)
    nested = cdk.NestedStack(stack, "Nested")
    iam.CfnRole(nested, "Two", role_name=name, assume_role_policy_document=TRUST)


# --- metadata ----------------------------------------------------------------------------------


def metadata(stack: cdk.Stack, options: dict[str, str]) -> None:
    managed(stack, metadata_options=options)


def metadata_by_host_management(stack: cdk.Stack, tokens: str) -> None:
    ssm.CfnServiceSetting(stack, "Setting", setting_id=SETTING, setting_value="service-role/R")
    managed(stack, iam_instance_profile=None, metadata_options={"httpTokens": tokens})


ROWS = [
    Row("NodeInstanceProfile", "Web", with_profile, None, "TheirNodes", "imported"),
    Row(
        "NodeInstanceProfile",
        "Fleet",
        in_a_group_with_profile,
        None,
        {"name": "TheirNodes"},
        "Auto Scaling group",
    ),
    Row("NodeInstanceProfile", "Web", without_profile, None, "TheirNodes", "our construct"),
    Row(
        "NodeInstanceProfile",
        "Web",
        by_host_management,
        "/ssm/parameter-store/default-parameter-tier",
        SETTING,
        branch="host management",
    ),
    Row(
        "NodeInstanceProfile",
        "Web",
        by_custom_resource,
        "/ssm/parameter-store/x",
        SETTING,
        "custom resource",
        branch="host management",
    ),
    Row(
        "NodeRole", "Role", l1_policies, ["arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"], [CORE]
    ),
    Row("NodeRole", "Role", l1_trust, "ssm.amazonaws.com", "ec2.amazonaws.com"),
    Row("NodeRole", "Role", l2_policy, "AmazonEC2FullAccess", "AmazonSSMManagedInstanceCore", "L2"),
    Row(
        "NodeRole",
        "Role",
        l2_boundary,
        ["s3:*", "ssm:*"],
        ["ssmmessages:*", "ssm:*"],
        "L2",
        branch="boundary",
    ),
    Row(
        "NodeRole", "Role", l1_boundary, "AmazonS3FullAccess", "PowerUserAccess", branch="boundary"
    ),
    Row(
        "NodeRole",
        "Nodes/Role",
        own_role_with_denial,
        "ssm:PutInventory",
        "ssm:GetParameter",
        "our construct",
        branch="denial",
    ),
    Row(
        "PolicyName",
        "Role",
        l1_policies,
        ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCor"],
        [CORE],
    ),
    Row(
        "PolicyName",
        "Role",
        l2_policy,
        "service-role/AmazonSSMManagedInstanceCore",
        "AmazonSSMManagedInstanceCore",
        "L2",
    ),
    Row(
        "PolicyName",
        "Role",
        l2_policy,
        "AmazonEC2RoleForSSM",
        "service-role/AmazonEC2RoleforSSM",
        "L2",
    ),
    Row(
        "TagKey",
        "Nodes/Role",
        own_role_with_tag,
        "AWS:Owner",
        "Owner",
        "Tags.of",
    ),
    Row(
        "IamName",
        "Nodes/Role",
        own_roles_in_regions,
        "ManagedInstancesRole",
        "ManagedInstancesRole-2",
        "Stage",
    ),
    Row(
        "IamName",
        "Two/Role",
        own_role_twice,
        "managedinstancesrole",
        "ManagedInstancesRole-2",
        "our construct",
    ),
    Row("IamName", "Nested/Two", l1_role_in_nested_stack, "Nodes", "Nodes-2", "nested stack"),
    Row("NodeMetadata", "Web", metadata, {"httpEndpoint": "disabled"}, {"httpTokens": "optional"}),
    Row(
        "NodeMetadata", "Web", metadata_by_host_management, "optional", "required", severity=WARNING
    ),
]
