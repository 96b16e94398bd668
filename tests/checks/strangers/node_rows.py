"""What an instance is launched with: its image, its processor, zone, groups and tags."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2

from tests.checks.strangers.rows import (
    ARM64,
    LINUX,
    X86_64,
    Row,
    group,
    included,
    inventory,
    l2_instance,
    l2_vpc,
    managed,
    network,
    node_role,
)

MINIMAL = X86_64.replace("al2023-ami-", "al2023-ami-minimal-")
INSTALL = "dnf install -y amazon-ssm-agent"


def launched(**given: Any) -> Any:
    return lambda stack, value: managed(stack, **given | value)


def script(text: str) -> dict[str, str]:
    return {"user_data": cdk.Fn.base64(f"#!/bin/bash\n{text}")}


def in_a_group(stack: cdk.Stack, given: dict[str, str]) -> None:
    inventory(stack)
    group(stack, network(stack).subnet, **given)


def l2_image(stack: cdk.Stack, cpu: ec2.AmazonLinuxCpuType) -> None:
    inventory(stack)
    image = ec2.MachineImage.latest_amazon_linux2023(cpu_type=cpu)
    l2_instance(stack, l2_vpc(stack), machine_image=image)


def by_parameter(stack: cdk.Stack, path: str) -> None:
    kind = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
    image = cdk.CfnParameter(stack, "Image", type=kind, default=path).value_as_string
    managed(stack, image_id=image)


def in_zone(stack: cdk.Stack, zone: str) -> None:
    own = network(stack, availability_zone="eu-central-1a")
    groups = [own.security_group]
    managed(stack, subnet_id=own.subnet, security_group_ids=groups, availability_zone=zone)


def template_in_zone(stack: cdk.Stack, zone: str) -> None:
    inventory(stack)
    own = network(stack, availability_zone="eu-central-1a")
    group(stack, own.subnet, placement={"availabilityZone": zone})


def with_group_of(stack: cdk.Stack, vpc: str) -> None:
    own = network(stack)
    vpcs = {"own": own.vpc, "other": ec2.CfnVPC(stack, "Other", cidr_block="10.1.0.0/16")}
    made = ec2.CfnSecurityGroup(stack, "Group", group_description="g", vpc_id=vpcs[vpc])
    managed(stack, subnet_id=own.subnet, security_group_ids=[made.attr_group_id])


def with_group_in_default_vpc(stack: cdk.Stack, is_in_own: bool) -> None:
    own = network(stack)
    vpc = own.vpc if is_in_own else None
    made = ec2.CfnSecurityGroup(stack, "Group", group_description="g", vpc_id=vpc)
    managed(stack, subnet_id=own.subnet, security_group_ids=[made.attr_group_id])


def with_tags(stack: cdk.Stack, count: int) -> None:
    inventory(stack)
    made = l2_instance(stack, l2_vpc(stack))
    for number in range(count):
        cdk.Tags.of(made).add(f"Tag{number}", "")


def with_tag_on_the_stack(stack: cdk.Stack, key: str) -> None:
    managed(stack)
    cdk.Tags.of(stack).add(key, "x", include_resource_types=["AWS::EC2::Instance"])


def from_template(stack: cdk.Stack, image: str) -> None:
    node_role(stack)
    own = network(stack)
    included(
        stack,
        {
            "Web": {
                "Type": "AWS::EC2::Instance",
                "Properties": {
                    "ImageId": {"Ref": "Image"},
                    "InstanceType": "t3.micro",
                    "IamInstanceProfile": "TheirNodes",
                    "SubnetId": "subnet-12345678",
                    "Tags": [{"Key": "Env", "Value": "Prod"}],
                },
            }
        },
        Parameters={"Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": image}},
    )
    inventory(stack)
    assert own


def l2_group(stack: cdk.Stack, cpu: ec2.AmazonLinuxCpuType) -> None:
    inventory(stack)
    fleet = autoscaling.AutoScalingGroup(
        stack,
        "Fleet",
        vpc=l2_vpc(stack),
        instance_type=ec2.InstanceType("t4g.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(cpu_type=cpu),
        ssm_session_permissions=True,
    )
    cdk.Tags.of(fleet).add("Env", "Prod")


X86, ARM = ec2.AmazonLinuxCpuType.X86_64, ec2.AmazonLinuxCpuType.ARM_64
ROWS = [
    Row("NodeAgent", "Web", launched(image_id=MINIMAL), script("dnf update"), script(INSTALL)),
    Row(
        "NodeAgent",
        "Fleet",
        in_a_group,
        {"image_id": MINIMAL},
        {"image_id": X86_64},
        "Auto Scaling group",
    ),
    Row(
        "NodeAgent",
        "Included/Web",
        from_template,
        "/aws/service/debian/release/12/latest/amd64",
        f"{LINUX}x86_64",
        "CfnInclude",
    ),
    Row("NodeArchitecture", "Web", launched(), {"image_id": ARM64}, {"image_id": X86_64}),
    Row("NodeArchitecture", "Web", l2_image, ARM, X86, "L2"),
    Row(
        "NodeArchitecture",
        "Fleet",
        in_a_group,
        {"instance_type": "t4g.micro"},
        {"instance_type": "t3.micro"},
        "Auto Scaling group",
        branch="group",
    ),
    Row("NodeArchitecture", "Fleet/ASG", l2_group, X86, ARM, "L2 group", branch="group"),
    Row("NodeArchitecture", "Web", by_parameter, f"{LINUX}arm64", f"{LINUX}x86_64", "parameter"),
    Row("NodeZone", "Web", in_zone, "eu-central-1b", "eu-central-1a"),
    Row("NodeZone", "Fleet", template_in_zone, "eu-central-1b", "eu-central-1a", "launch template"),
    Row("NodeSecurityGroup", "Web", with_group_of, "other", "own"),
    Row("NodeSecurityGroup", "Web", with_group_in_default_vpc, False, True),
    Row("Tags", "Web", with_tags, 50, 48, "L2"),
    Row("TagKey", "Web", with_tag_on_the_stack, "aws:owner", "owner", "Tags.of"),
]
