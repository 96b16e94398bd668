"""Constructs take an id, or the construct that has one: L1, L2, imported or one of this library."""

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_resourcegroups as groups
from aws_cdk import aws_s3 as s3

from oelab.constructs import (
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
    ManagedInstance,
    ManagedInstancesRole,
    SystemsManagerEndpoints,
)
from oelab.systems_manager.targets import Targets
from tests.synthesis import Template, new_stack, of_type, only, template_of

if TYPE_CHECKING:
    from collections.abc import Callable

L1 = "L1"
L2 = "L2"
IMPORTED = "imported"


def network(stack: cdk.Stack, kind: str) -> tuple[Any, Any, Any, Any]:
    """A VPC, and a subnet, a route table and a security group in it."""
    if kind == L1:
        vpc = ec2.CfnVPC(stack, "Vpc", cidr_block="10.0.0.0/16")
        return (
            vpc,
            ec2.CfnSubnet(stack, "Subnet", vpc_id=vpc, cidr_block="10.0.0.0/24"),
            ec2.CfnRouteTable(stack, "Table", vpc_id=vpc),
            ec2.CfnSecurityGroup(stack, "Group", group_description="g", vpc_id=vpc),
        )
    if kind == L2:
        made = ec2.Vpc(stack, "Vpc", availability_zones=["eu-central-1a"])
        subnet = made.private_subnets[0]
        table = subnet.route_table.route_table_id
        return made, subnet, table, ec2.SecurityGroup(stack, "Group", vpc=made)
    imported = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-12345678", availability_zones=["eu-central-1a"]
    )
    attributes = {"subnet_id": "subnet-12345678", "route_table_id": "rtb-12345678"}
    subnet = ec2.Subnet.from_subnet_attributes(stack, "Subnet", **attributes)
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-12345678")
    return imported, subnet, "rtb-12345678", group


@pytest.mark.parametrize("kind", [L1, L2, IMPORTED])
def test_an_instance_and_endpoints_take_parts_of_a_network(kind: str) -> None:
    stack = new_stack()
    vpc, subnet, table, group = network(stack, kind)
    ManagedInstance(
        stack,
        "Instance",
        image_id="ami-12345678",
        instance_type="t3.micro",
        subnet=subnet,
        security_groups=[group],
    )
    SystemsManagerEndpoints(
        stack, "Endpoints", vpc=vpc, subnets=[subnet], route_tables=[table], clients=[group]
    )
    template = template_of(stack)
    instance = only(template, "AWS::EC2::Instance")["Properties"]
    interface, _, _ = (each["Properties"] for each in of_type(template, "AWS::EC2::VPCEndpoint"))
    assert interface["SubnetIds"] == [instance["SubnetId"]]
    rule = only(template, "AWS::EC2::SecurityGroupIngress")["Properties"]
    assert rule["SourceSecurityGroupId"] == instance["SecurityGroupIds"][0]


def test_a_group_that_reaches_the_endpoints_only_depends_on_them_without_a_circle() -> None:
    stack = new_stack()
    vpc, subnet, table, group = network(stack, L1)
    endpoints = SystemsManagerEndpoints(
        stack, "Endpoints", vpc=vpc, subnets=[subnet], route_tables=[table], clients=[group]
    )
    group.security_group_egress = [
        ec2.CfnSecurityGroup.EgressProperty(
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            destination_security_group_id=endpoints.security_group.attr_group_id,
        )
    ]
    template = template_of(stack)
    needed = {name: needs(template, name) for name in template["Resources"]}
    assert all(name not in everything for name, everything in needed.items())


def needs(template: Template, name: str) -> set[str]:
    """The resources that one waits for, at any distance."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        text = str(template["Resources"][waiting.pop()])
        new = {each for each in template["Resources"] if f"'{each}'" in text} - found
        found |= new
        waiting += new
    return found


def test_the_role_of_this_library_stands_for_its_profile_and_its_role() -> None:
    stack = new_stack()
    role = ManagedInstancesRole(stack, "Role")
    InventoryLogs(stack, "Logs", bucket="their-logs", node_roles=[role])
    ManagedInstance(
        stack,
        "Instance",
        image_id="ami-12345678",
        instance_type="t3.micro",
        subnet="subnet-12345678",
        security_groups=["sg-12345678"],
        instance_profile=role,
    )
    template = template_of(stack)
    profile = only(template, "AWS::EC2::Instance")["Properties"]["IamInstanceProfile"]["Ref"]
    assert template["Resources"][profile]["Type"] == "AWS::IAM::InstanceProfile"
    (policy,) = of_type(template, "AWS::IAM::Policy")
    granted = policy["Properties"]["Roles"][0]["Ref"]
    assert template["Resources"][granted]["Type"] == "AWS::IAM::Role"


@pytest.mark.parametrize("kind", [L1, L2, IMPORTED])
def test_a_bucket_and_roles_of_any_kind_take_logs(kind: str) -> None:
    stack = new_stack()
    makers: dict[str, Callable[[], Any]] = {
        L1: lambda: s3.CfnBucket(stack, "Bucket"),
        L2: lambda: s3.Bucket(stack, "Bucket"),
        IMPORTED: lambda: s3.Bucket.from_bucket_arn(stack, "Bucket", "arn:aws:s3:::their-logs"),
    }
    bucket = makers[kind]()
    role = (
        iam.Role.from_role_name(stack, "NodeRole", "Nodes")
        if kind == IMPORTED
        else iam.Role(stack, "NodeRole", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    )
    logs = InventoryLogs(stack, "Logs", bucket=bucket, node_roles=[role])
    InventoryAssociation(stack, "I", targets=InventoryTargets.all_nodes(), logs=logs)
    template = template_of(stack)
    location = only(template, "AWS::SSM::Association")["Properties"]["OutputLocation"]
    name = location["S3Location"]["OutputS3BucketName"]
    assert name == "their-logs" if kind == IMPORTED else "Ref" in name
    assert only(template, "AWS::IAM::Policy")


def targets_of(stack: cdk.Stack, kind: str) -> Targets:
    if kind == "group":
        return InventoryTargets.resource_group(groups.CfnGroup(stack, "Nodes", name="nodes"))
    return InventoryTargets.instances(
        ec2.Instance(
            stack,
            "Web",
            vpc=ec2.Vpc(stack, "Vpc", availability_zones=["eu-central-1a"]),
            instance_type=ec2.InstanceType("t3.micro"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            ssm_session_permissions=True,
        )
    )


@pytest.mark.parametrize("kind", ["instance", "group"])
def test_targets_take_instances_and_groups(kind: str) -> None:
    stack = new_stack()
    InventoryAssociation(stack, "Inventory", targets=targets_of(stack, kind))
    (target,) = only(template_of(stack), "AWS::SSM::Association")["Properties"]["Targets"]
    (value,) = target["Values"]
    assert set(value) <= {"Ref", "Fn::GetAtt"}


def test_a_number_that_only_the_deployment_knows_makes_a_rate() -> None:
    stack = new_stack()
    minutes = cdk.CfnParameter(stack, "Minutes", type="Number", default=60).value_as_number
    schedule = InventorySchedule.rate(minutes=minutes)
    InventoryAssociation(stack, "I", targets=InventoryTargets.all_nodes(), schedule=schedule)
    properties = only(template_of(stack), "AWS::SSM::Association")["Properties"]
    assert properties["ScheduleExpression"] == {
        "Fn::Join": ["", ["rate(", {"Ref": "Minutes"}, " minutes)"]]
    }
