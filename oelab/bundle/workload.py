"""A workload as a template with the parameters of the lab."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab.bundle.template import BundledTemplate, Parameter, ParameterCondition
from oelab.constraints.cidr import CIDR
from oelab.constraints.ec2 import AVAILABILITY_ZONE, INSTANCE_TYPE, KEY_NAME
from oelab.constraints.iam import INSTANCE_PROFILE_NAME
from oelab.constraints.kinds import OrBlank
from oelab.settings import RoleSettings, Settings, WorkloadSettings
from oelab.settings.model import WORKLOAD_NAME
from oelab.stacks.workload import WorkloadStack


def _instance_type(role: str, servers: str) -> Parameter:
    return Parameter(
        f"InstanceType{role}",
        f"Type of the {servers} servers",
        f"Instance type of the {servers} servers, for the processor of the image; "
        "another one stops and starts them",
        INSTANCE_TYPE,
        "t3.micro",
    )


_INSTANCES = (
    Parameter(
        "WorkloadName",
        "Name of the workload",
        "Tag Workload, and the start of instance names, such as Test or Prod",
        WORKLOAD_NAME,
    ),
    Parameter(
        "InstanceProfile",
        "Instance profile",
        "Name of the instance profile, by which instances are managed; blank for none",
        OrBlank(INSTANCE_PROFILE_NAME),
        RoleSettings().name,
    ),
    _instance_type("Web", "web"),
    _instance_type("App", "app"),
    Parameter(
        "ImageParameter",
        "Parameter with the image",
        "Parameter with the id of an Amazon Linux 2023 image, read at each deployment; a newer "
        "image replaces the instances, and a parameter of your own keeps one",
        default=Settings().image,
        type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
    ),
    Parameter(
        "AvailabilityZone",
        "Availability Zone",
        "Zone of the subnet; blank lets EC2 choose, which may be one without the instance types. "
        "It cannot be changed later",
        OrBlank(AVAILABILITY_ZONE),
        "",
    ),
)
_ACCESS = (
    Parameter(
        "KeyName",
        "Key pair",
        "An existing EC2 key pair for SSH; blank for none. Another one replaces the instances",
        OrBlank(KEY_NAME),
        "",
    ),
    Parameter(
        "SourceLocation",
        "Source location",
        "Who may reach ports 22 and 80, such as 203.0.113.0/24; blank for no one",
        OrBlank(CIDR),
        "",
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
        settings=Settings(image=cdk.Fn.ref("ImageParameter")),
        open_to="the range of the parameter SourceLocation, and to no one if that is blank",
        **stack,
    )


WORKLOAD = BundledTemplate(
    name="workload",
    description="Web and app servers of one workload, in a network of their own",
    launches="once for each workload",
    groups={"Instances": _INSTANCES, "Access": _ACCESS},
    conditions=(
        ParameterCondition("InstanceProfile", ("AWS::EC2::Instance.IamInstanceProfile",)),
        ParameterCondition("AvailabilityZone", ("AWS::EC2::Subnet.AvailabilityZone",)),
        ParameterCondition("KeyName", ("AWS::EC2::Instance.KeyName",)),
        ParameterCondition("SourceLocation", ("AWS::EC2::SecurityGroup.SecurityGroupIngress",)),
    ),
    define=_define,
)
"""Launched for Test, and with other parameters for Prod."""
