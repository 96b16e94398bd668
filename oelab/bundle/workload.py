"""A workload as a template with the parameters of the lab."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab import tags as lab_tags
from oelab.bundle.template import BundledTemplate, Condition, Parameter, given
from oelab.settings import Settings, WorkloadSettings
from oelab.stacks.launch_image import LaunchImage
from oelab.stacks.workload import WorkloadStack
from oelab.systems_manager.images import AMAZON_LINUX

_INSTANCES, _ACCESS = "Instances", "Access"
_TYPE = (
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\.(nano|micro|small|medium|large|[0-9]*xlarge|metal(-[0-9]+xl)?)$"
)
_ZONE = r"^([a-z]{2,4}(-[a-z]+)+-[1-9][0-9]?([a-z]|(-[a-z0-9]+)+-[1-9][0-9]?[a-z]?))?$"
_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_CIDR = rf"({_BYTE}\.){{3}}{_BYTE}/([0-9]|[12][0-9]|3[0-2])"


def _instance_type(role: str, servers: str) -> Parameter:
    return Parameter(
        name=f"InstanceType{role}",
        group=_INSTANCES,
        label=f"Type of the {servers} servers",
        description=f"Instance type of the {servers} servers, for the processor of the image; "
        "another one stops and starts them",
        default="t3.micro",
        pattern=_TYPE,
        constraint="must be a family and a size, as in t3.micro",
    )


_PARAMETERS = (
    Parameter(
        name="WorkloadName",
        group=_INSTANCES,
        label="Name of the workload",
        description="Tag Workload, and the start of instance names, such as Test or Prod",
        pattern="^[A-Za-z][A-Za-z0-9-]*$",
        at_least=1,
        at_most=64,
        constraint="must be 1 to 64 letters, digits and hyphens, the first a letter",
    ),
    Parameter(
        name="InstanceProfile",
        group=_INSTANCES,
        label="Instance profile",
        description="Name of the instance profile, by which instances are managed; blank for none",
        default=WorkloadSettings(name="", stack_name="").instance_profile,
        pattern=r"^[A-Za-z0-9_+=,.@-]*$",
        at_most=128,
        constraint="must be blank, or the name (not the ARN) of an instance profile",
    ),
    _instance_type("Web", "web"),
    _instance_type("App", "app"),
    Parameter(
        name="ImageParameter",
        group=_INSTANCES,
        label="Parameter with the image",
        type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        description="Parameter with the id of an Amazon Linux 2023 image, read at each deployment; "
        "a newer image replaces the instances, and a parameter of your own keeps one",
        default=Settings().image,
    ),
    Parameter(
        name="AvailabilityZone",
        group=_INSTANCES,
        label="Availability Zone",
        description="Zone of the subnet; blank lets EC2 choose, which may be one without the "
        "instance types. It cannot be changed later",
        default="",
        pattern=_ZONE,
        constraint="must be blank, or the name of an Availability Zone such as us-east-1a",
    ),
    Parameter(
        name="KeyName",
        group=_ACCESS,
        label="Key pair",
        description="An existing EC2 key pair for SSH; blank for none. Another one replaces the "
        "instances",
        default="",
        pattern=r"^([!-~]([ -~]*[!-~])?)?$",
        at_most=255,
        constraint="must be blank, or the name of a key pair: up to 255 printable ASCII characters",
    ),
    Parameter(
        name="SourceLocation",
        group=_ACCESS,
        label="Source location",
        description="Who may reach ports 22 and 80, such as 203.0.113.0/24; blank for nobody",
        default="",
        pattern=f"^({_CIDR})?$",
        constraint="must be blank, or an IPv4 range such as 203.0.113.0/24",
    ),
)


def _define(scope: Construct, construct_id: str, **stack: Any) -> cdk.Stack:
    return WorkloadStack(
        scope,
        construct_id,
        workload=WorkloadSettings(
            name=cdk.Fn.ref("WorkloadName"),
            stack_name=construct_id,
            instance_profile=cdk.Fn.ref("InstanceProfile"),
            instance_type_web=cdk.Fn.ref("InstanceTypeWeb"),
            instance_type_app=cdk.Fn.ref("InstanceTypeApp"),
            availability_zone=cdk.Fn.ref("AvailabilityZone"),
            key_name=cdk.Fn.ref("KeyName"),
            web_ingress_cidr=cdk.Fn.ref("SourceLocation"),
            ssh_ingress_cidr=cdk.Fn.ref("SourceLocation"),
        ),
        image=LaunchImage(source=cdk.Fn.ref("ImageParameter"), family=AMAZON_LINUX),
        instance_tags=lab_tags.SHARED_BY_INSTANCES,
        **stack,
    )


def _conditions() -> tuple[Condition, ...]:
    return (
        given("InstanceProfile", "AWS::EC2::Instance.IamInstanceProfile"),
        given("AvailabilityZone", "AWS::EC2::Subnet.AvailabilityZone"),
        given("KeyName", "AWS::EC2::Instance.KeyName"),
        given("SourceLocation", "AWS::EC2::SecurityGroup.SecurityGroupIngress"),
    )


WORKLOAD = BundledTemplate(
    name="workload",
    description="Web and app servers of one workload, in a network of their own",
    launches="once for each workload",
    parameters=_PARAMETERS,
    conditions=_conditions,
    define=_define,
)
"""Launched for Test, and with other parameters for Prod."""
