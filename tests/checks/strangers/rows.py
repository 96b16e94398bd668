"""What the tables are made of, and the sound parts that their apps share."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from aws_cdk import cloudformation_include as include

from oelab.constructs import ManagedInstancesRole, WorkloadNetwork

LINUX: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
X86_64: Final = f"{{{{resolve:ssm:{LINUX}x86_64}}}}"
ARM64: Final = f"{{{{resolve:ssm:{LINUX}arm64}}}}"
NODE_ID: Final = "i-0123456789abcdef0"
CORE: Final = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
DOCUMENT: Final = "AWS-GatherSoftwareInventory"

Build = Callable[[cdk.Stack, Any], object]


@dataclass(frozen=True)
class Row:
    """An app that breaks a rule by one value, and does not by another.

    `path` is that of the construct that the finding names, within the stack. `written` says by what
    the app is written, such as L1. `branch` tells apart what one rule has several of: obstacles,
    kinds of values. An error is raised by a construct or found at synth.
    """

    rule: str
    path: str
    build: Build
    wrong: Any
    sound: Any
    written: str = "L1"
    severity: str = "error"
    branch: str = ""


# --- associations ------------------------------------------------------------------------------


def target(key: str = "tag:Env", *values: str) -> dict[str, Any]:
    return {"key": key, "values": list(values or ["Prod"])}


def inventory(
    stack: cdk.Stack, construct_id: str = "Inventory", **given: Any
) -> ssm.CfnAssociation:
    """An association that gathers inventory every half hour from what is tagged Env=Prod."""
    sound: dict[str, Any] = {
        "name": DOCUMENT,
        "targets": [target()],
        "schedule_expression": "rate(30 minutes)",
    }
    merged: dict[str, Any] = {
        key: value for key, value in (sound | given).items() if value is not None
    }
    return ssm.CfnAssociation(stack, construct_id, **merged)


def included(stack: cdk.Stack, resources: dict[str, Any], **template: Any) -> include.CfnInclude:
    """A template that was written by hand."""
    folder = Path(tempfile.mkdtemp(dir=cdk.App.of(stack).outdir))  # type: ignore[union-attr]
    file = folder / "template.json"
    file.write_text(json.dumps({"Resources": resources, **template}))
    return include.CfnInclude(stack, "Included", template_file=str(file))


def association_of(**properties: Any) -> dict[str, Any]:
    """An association as such a template has it."""
    sound = {"Name": DOCUMENT, "Targets": [{"Key": "tag:Env", "Values": ["Prod"]}]}
    return {"Type": "AWS::SSM::Association", "Properties": sound | properties}


# --- nodes -------------------------------------------------------------------------------------


def tagged(**tags: str) -> list[cdk.CfnTag]:
    return [cdk.CfnTag(key=key, value=value) for key, value in ({"Env": "Prod"} | tags).items()]


def network(stack: cdk.Stack, **given: Any) -> WorkloadNetwork:
    return WorkloadNetwork(stack, "Network", **given)


def node_role(stack: cdk.Stack) -> ManagedInstancesRole:
    return ManagedInstancesRole(stack, "Nodes", role_name=f"Nodes{stack.account}")


def instance(stack: cdk.Stack, construct_id: str = "Web", **given: Any) -> ec2.CfnInstance:
    """An instance that lacks nothing, in a public network of its own unless it is given one."""
    if "subnet_id" not in given and "network_interfaces" not in given:
        own = network(stack)
        given = {"subnet_id": own.subnet, "security_group_ids": [own.security_group]} | given
    if "iam_instance_profile" not in given:
        given["iam_instance_profile"] = node_role(stack).instance_profile
    sound: dict[str, Any] = {"image_id": X86_64, "instance_type": "t3.micro", "tags": tagged()}
    merged: dict[str, Any] = {
        key: value for key, value in (sound | given).items() if value is not None
    }
    return ec2.CfnInstance(stack, construct_id, **merged)


def managed(stack: cdk.Stack, **given: Any) -> ec2.CfnInstance:
    """Such an instance, and the association that reaches it."""
    inventory(stack)
    return instance(stack, **given)


def launch_template(stack: cdk.Stack, **given: Any) -> ec2.CfnLaunchTemplate:
    """A launch template that lacks nothing but a network."""
    profile = {"arn": node_role(stack).instance_profile.instance_profile_arn}
    sound: dict[str, Any] = {
        "image_id": X86_64,
        "instance_type": "t3.micro",
        "iam_instance_profile": profile,
        "tag_specifications": [
            {"resourceType": "instance", "tags": [{"key": "Env", "value": "Prod"}]}
        ],
    }
    merged: dict[str, Any] = {
        key: value for key, value in (sound | given).items() if value is not None
    }
    data = ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(**merged)
    return ec2.CfnLaunchTemplate(stack, "Template", launch_template_data=data)


def group(stack: cdk.Stack, subnet: Any, **given: Any) -> autoscaling.CfnAutoScalingGroup:
    """An Auto Scaling group in a subnet, from such a launch template."""
    template = launch_template(stack, **given)
    specification = {
        "launchTemplateId": template.ref,
        "version": template.attr_latest_version_number,
    }
    return autoscaling.CfnAutoScalingGroup(
        stack,
        "Fleet",
        min_size="1",
        max_size="2",
        vpc_zone_identifier=[subnet],
        launch_template=specification,
        tags=[{"key": "Env", "value": "Prod", "propagateAtLaunch": True}],
    )


def l2_vpc(stack: cdk.Stack, *kinds: ec2.SubnetType, **given: Any) -> ec2.Vpc:
    subnets = [ec2.SubnetConfiguration(name=kind.value.title(), subnet_type=kind) for kind in kinds]
    zones = ["eu-central-1a"]
    return ec2.Vpc(
        stack, "Vpc", availability_zones=zones, subnet_configuration=subnets or None, **given
    )


def l2_instance(stack: cdk.Stack, vpc: ec2.IVpc, **given: Any) -> ec2.Instance:
    """An L2 instance that lacks nothing."""
    sound: dict[str, Any] = {
        "instance_type": ec2.InstanceType("t3.micro"),
        "machine_image": ec2.MachineImage.latest_amazon_linux2023(),
        "ssm_session_permissions": True,
    }
    made = ec2.Instance(stack, "Web", vpc=vpc, **(sound | given))
    cdk.Tags.of(made).add("Env", "Prod")
    return made


def ec2_role(scope: cdk.Stack, *policies: str, **given: Any) -> iam.Role:
    """An L2 role for EC2 with AWS managed policies."""
    return iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name(name) for name in policies
        ],
        **given,
    )


def profile_of(role: iam.IRole) -> iam.InstanceProfile:
    return iam.InstanceProfile(cdk.Stack.of(role), "Profile", role=role)


def stage_next_to(stack: cdk.Stack, region: str = "eu-west-1") -> cdk.Stack:
    """A stack of another Stage that goes to the same account."""
    stage = cdk.Stage.of(stack)
    assert stage is not None
    env = cdk.Environment(account=stack.account, region=region)
    return cdk.Stack(cdk.Stage(stage.node.scope, f"{stage.node.id}-Other", env=env), "Other")  # type: ignore[arg-type]
