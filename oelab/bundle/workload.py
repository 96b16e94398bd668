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

_PARAMETERS = (
    Parameter("WorkloadName", WORKLOAD_NAME),
    Parameter("InstanceProfile", OrBlank(INSTANCE_PROFILE_NAME), RoleSettings().name),
    Parameter("InstanceTypeWeb", INSTANCE_TYPE, "t3.micro"),
    Parameter("InstanceTypeApp", INSTANCE_TYPE, "t3.micro"),
    Parameter(
        "ImageParameter",
        default=Settings().image,
        type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
    ),
    Parameter("AvailabilityZone", OrBlank(AVAILABILITY_ZONE), ""),
    Parameter("KeyName", OrBlank(KEY_NAME), ""),
    Parameter("SourceLocation", OrBlank(CIDR), ""),
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
    parameters=_PARAMETERS,
    conditions=(
        ParameterCondition("InstanceProfile", ("AWS::EC2::Instance.IamInstanceProfile",)),
        ParameterCondition("AvailabilityZone", ("AWS::EC2::Subnet.AvailabilityZone",)),
        ParameterCondition("KeyName", ("AWS::EC2::Instance.KeyName",)),
        ParameterCondition("SourceLocation", ("AWS::EC2::SecurityGroup.SecurityGroupIngress",)),
    ),
    define=_define,
)
"""Launched for Test, and with other parameters for Prod."""
