"""The output of associations, from the role that writes it to the bucket that takes it."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from oelab.constructs import (
    InventoryAssociation,
    InventoryLogs,
    InventoryTargets,
    ManagedInstancesRole,
)
from tests.checks.strangers.rows import (
    Row,
    ec2_role,
    instance,
    inventory,
    l2_instance,
    l2_vpc,
    profile_of,
    stage_next_to,
)

TAGGED = InventoryTargets.tag("Env", "Prod")


def location(bucket: str, **more: str) -> dict[str, Any]:
    return {"s3Location": {"outputS3BucketName": bucket} | more}


def with_own_logs(stack: cdk.Stack, whose: str) -> None:
    nodes = ManagedInstancesRole(stack, "Nodes", role_name=f"Nodes{stack.account}")
    other = iam.Role(stack, "Other", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    roles: dict[str, list[Any]] = {"nobody": [], "another": [other], "nodes": [nodes]}
    logs = InventoryLogs(stack, "Logs", node_roles=roles[whose])
    InventoryAssociation(stack, "Inventory", targets=TAGGED, logs=logs)
    instance(stack, iam_instance_profile=nodes.instance_profile.instance_profile_name)


def l1_logs(stack: cdk.Stack, policy: str) -> None:
    inventory(stack, output_location=location("their-logs"))
    role = ec2_role(stack, "AmazonSSMManagedInstanceCore", policy)
    instance(stack, iam_instance_profile=profile_of(role).instance_profile_name)


def with_key(stack: cdk.Stack, action: str) -> None:
    """A bucket with a customer key, granted by hand."""
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    inventory(stack, output_location=location(bucket.bucket_name))
    role = ec2_role(stack, "AmazonSSMManagedInstanceCore", "AmazonS3FullAccess")
    statement = iam.PolicyStatement(actions=[action], resources=["*"])
    iam.Policy(stack, "Granted", roles=[role], statements=[statement])
    instance(stack, iam_instance_profile=profile_of(role).instance_profile_name)


def with_bucket_policy(stack: cdk.Stack, action: str) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=[action],
            resources=[bucket.arn_for_objects("*")],
        )
    )
    inventory(stack, output_location=location(bucket.bucket_name))
    role = ec2_role(stack, "AmazonSSMManagedInstanceCore", "AmazonS3FullAccess")
    instance(stack, iam_instance_profile=profile_of(role).instance_profile_name)


def with_denial(stack: cdk.Stack, condition: dict[str, Any]) -> None:
    bucket = s3.CfnBucket(stack, "Bucket", bucket_name=f"logs-{stack.account}")
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:Put*",
        "Resource": f"arn:aws:s3:::logs-{stack.account}/*",
    }
    document = {"Statement": [statement | condition]}
    s3.CfnBucketPolicy(stack, "Policy", bucket=bucket.ref, policy_document=document)
    inventory(stack, output_location=location(f"logs-{stack.account}"))
    role = ec2_role(stack, "AmazonSSMManagedInstanceCore", "AmazonS3FullAccess")
    instance(stack, iam_instance_profile=profile_of(role).instance_profile_name)


def with_denial_of_role(stack: cdk.Stack, is_of_nodes: bool) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    nodes = ec2_role(stack, "AdministratorAccess")
    other = iam.Role(stack, "Other", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.ArnPrincipal((nodes if is_of_nodes else other).role_arn)],
            actions=["s3:*"],
            resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
        )
    )
    inventory(stack, output_location=location(bucket.bucket_name))
    instance(stack, iam_instance_profile=profile_of(nodes).instance_profile_name)


def with_denial_of_folder(stack: cdk.Stack, folder: str) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects(folder)],
        )
    )
    inventory(stack, output_location=location(bucket.bucket_name, outputS3KeyPrefix="inventory"))


def of_own_bucket(stack: cdk.Stack, region: str) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    inventory(stack, output_location=location(bucket.bucket_name, outputS3Region=region))


def in_region(stack: cdk.Stack, region: str) -> None:
    name = f"logs-{stack.account}"
    s3.CfnBucket(stage_next_to(stack, "eu-west-1"), "Bucket", bucket_name=name)
    inventory(stack, output_location=location(name, outputS3Region=region))
    managed_by_administrator(stack)


def managed_by_administrator(stack: cdk.Stack) -> None:
    role = ec2_role(stack, "AdministratorAccess")
    instance(stack, iam_instance_profile=profile_of(role).instance_profile_name)


def isolated(stack: cdk.Stack, with_gateway: bool) -> None:
    vpc = l2_vpc(stack, ec2.SubnetType.PRIVATE_ISOLATED)
    for name in ("ssm", "ssmmessages"):
        vpc.add_interface_endpoint(name, service=ec2.InterfaceVpcEndpointAwsService(name))
    if with_gateway:
        vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    inventory(stack, output_location=location("their-logs"))
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    role = ec2_role(stack, "AdministratorAccess")
    l2_instance(stack, vpc, vpc_subnets=subnets, role=role)


def endpoint_for(stack: cdk.Stack, service: str) -> None:
    vpc = l2_vpc(stack, ec2.SubnetType.PRIVATE_ISOLATED)
    for name in ("ssm", "ssmmessages", service):
        vpc.add_interface_endpoint(name, service=ec2.InterfaceVpcEndpointAwsService(name))
    inventory(stack, output_location=location("their-logs"))
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    role = ec2_role(stack, "AdministratorAccess")
    l2_instance(stack, vpc, vpc_subnets=subnets, role=role)


ROWS = [
    Row("LogPermission", "Nodes/Role", with_own_logs, "nobody", "nodes", "our construct"),
    Row("LogPermission", "Nodes/Role", with_own_logs, "another", "nodes", "our construct"),
    Row("LogPermission", "Role", l1_logs, "AmazonS3ReadOnlyAccess", "AmazonS3FullAccess", "L1"),
    Row(
        "LogPermission", "Role", with_key, "kms:Decrypt", "kms:GenerateDataKey", "L2", branch="key"
    ),
    Row("LogDenied", "Bucket", with_bucket_policy, "s3:PutObject", "s3:GetObject", "L2"),
    Row(
        "LogDenied",
        "Bucket",
        with_denial,
        {},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ),
    Row("LogDenied", "Bucket", with_denial_of_role, True, False, "L2", branch="role"),
    Row("LogDenied", "Bucket", with_denial_of_folder, "*", "archive/*", "L2", branch="folder"),
    Row("LogRegion", "Inventory", of_own_bucket, "eu-west-1", "eu-central-1", "L2"),
    Row("LogRegion", "Inventory", in_region, "eu-central-1", "eu-west-1", "Stage"),
    Row("LogRoute", "Web", isolated, False, True, "L2"),
    Row("LogRoute", "Web", endpoint_for, "kms", "s3", "L2"),
]
