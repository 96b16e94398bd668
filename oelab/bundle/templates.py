"""The templates of the bundle: their stacks and parameters; their texts are in templates.toml.

A stack names its parameters by `Fn.ref`, which needs no more than their names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.bundle.parameter import Parameter
from oelab.constraints.cidr import CIDR
from oelab.constraints.ec2 import AVAILABILITY_ZONE, INSTANCE_TYPE, KEY_NAME
from oelab.constraints.fleet_data import WORKGROUP_NAME
from oelab.constraints.iam import INSTANCE_PROFILE_NAME, ROLE_NAME
from oelab.constraints.kinds import Choice, OrBlank, Text
from oelab.constraints.s3 import BUCKET_NAME, PLAIN_KEY_PREFIX
from oelab.constraints.ssm import ASSOCIATION_NAME, COMPLIANCE_SEVERITY, PLAIN_TARGET_KEY
from oelab.constraints.tags import PLAIN_TAG_VALUE
from oelab.constructs import (
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
)
from oelab.data_files import read_toml
from oelab.settings import FleetDataSettings, RoleSettings, Settings, WorkloadSettings
from oelab.settings.model import WORKLOAD_NAME
from oelab.stacks.fleet_data import FleetDataStack
from oelab.stacks.foundation import FoundationStack
from oelab.stacks.workload import WorkloadStack
from oelab.systems_manager import schedule

_TEXTS: dict[str, dict[str, Any]] = read_toml("templates.toml", __package__)
_LAB = Settings()
(_ASSOCIATION,) = _LAB.inventory.associations
((_TARGET_KEY, (_TARGET_VALUE,)),) = _ASSOCIATION.targets.tags.items()

# A parameter of the type Number would let 30.5 pass, which State Manager refuses only once the
# stack is half made.
_INTERVAL_MINUTES = Text(
    "IntervalMinutes",
    schedule.SOURCE,
    "([3-9][0-9]|[1-9][0-9]{2,3}|[1-3][0-9]{4}|4[0-3][0-9]{3}|44[0-5][0-9]{2}|446[0-3][0-9])",
    "a whole number of at least 30 and less than 44640 (31 days)",
)
_PERMISSIONS = Choice("Permissions", "", ("Standard", "Restricted"))
_ROLE = Parameter("RoleName", ROLE_NAME, _LAB.role.name)


@dataclass(frozen=True)
class BundledTemplate:
    """One template of the bundle; `parameters` are in the order of the console."""

    name: str
    define: Callable[..., cdk.Stack]
    """Makes its stack."""
    parameters: tuple[Parameter, ...]

    @property
    def texts(self) -> dict[str, Any]:
        """What templates.toml says of it."""
        return _TEXTS[self.name]

    @property
    def parameter_texts(self) -> dict[str, dict[str, str]]:
        """The `label` and the `description` of each parameter, by name."""
        groups = self.texts["parameters"].values()
        return {name: each for group in groups for name, each in group.items()}


_FOUNDATION_PARAMETERS = (
    _ROLE,
    Parameter("Permissions", _PERMISSIONS, "Standard"),
    Parameter("Owner", PLAIN_TAG_VALUE, _LAB.owner),
)


def _foundation(scope: Construct, construct_id: str, **stack: Any) -> cdk.Stack:
    foundation = FoundationStack(
        scope,
        construct_id,
        settings=Settings(
            role=RoleSettings(name=cdk.Fn.ref("RoleName"), restricted_permissions=True),
            owner=cdk.Fn.ref("Owner"),
        ),
        **stack,
    )
    # Both permission sets are there; the conditions keep one of them.
    assert foundation.managed_instances_role
    foundation.managed_instances_role.role.add_managed_policy(
        iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
    )
    return foundation


_WORKLOAD_PARAMETERS = (
    Parameter("WorkloadName", WORKLOAD_NAME),
    Parameter("InstanceProfile", OrBlank(INSTANCE_PROFILE_NAME), _LAB.role.name),
    Parameter("InstanceTypeWeb", INSTANCE_TYPE, "t3.micro"),
    Parameter("InstanceTypeApp", INSTANCE_TYPE, "t3.micro"),
    Parameter(
        "ImageParameter", default=_LAB.image, type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
    ),
    Parameter("AvailabilityZone", OrBlank(AVAILABILITY_ZONE), ""),
    Parameter("KeyName", OrBlank(KEY_NAME), ""),
    Parameter("SourceLocation", OrBlank(CIDR), ""),
)


def _workload(scope: Construct, construct_id: str, **stack: Any) -> cdk.Stack:
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


_INVENTORY_PARAMETERS = (
    Parameter("AssociationName", ASSOCIATION_NAME, _ASSOCIATION.name),
    Parameter("IntervalMinutes", _INTERVAL_MINUTES, str(_ASSOCIATION.interval_minutes)),
    Parameter("Severity", COMPLIANCE_SEVERITY, _ASSOCIATION.severity),
    Parameter("TargetKey", PLAIN_TARGET_KEY, _TARGET_KEY),
    Parameter("TargetValue", PLAIN_TAG_VALUE, _TARGET_VALUE),
    Parameter("LogBucket", OrBlank(BUCKET_NAME), ""),
    Parameter("LogPrefix", PLAIN_KEY_PREFIX, "inventory"),
    _ROLE,
)


def _inventory(scope: Construct, construct_id: str, **stack_options: Any) -> cdk.Stack:
    stack = cdk.Stack(scope, construct_id, **stack_options)
    logs = InventoryLogs(
        stack,
        "Logs",
        bucket=cdk.Fn.ref("LogBucket"),
        prefix=cdk.Fn.ref("LogPrefix"),
        node_roles=[iam.Role.from_role_name(stack, "NodeRole", cdk.Fn.ref("RoleName"))],
    )
    InventoryAssociation(
        Construct(stack, "Associations"),
        _ASSOCIATION.name,
        association_name=cdk.Fn.ref("AssociationName"),
        targets=InventoryTargets.tag(cdk.Fn.ref("TargetKey"), cdk.Fn.ref("TargetValue")),
        schedule=InventorySchedule(f"rate({cdk.Fn.ref('IntervalMinutes')} minutes)"),
        logs=logs,
    ).association.compliance_severity = cdk.Fn.ref("Severity")
    return stack


_FLEET_DATA_PARAMETERS = (Parameter("WorkgroupName", WORKGROUP_NAME, _LAB.fleet_data.workgroup),)


def _fleet_data(scope: Construct, construct_id: str, **stack: Any) -> cdk.Stack:
    fleet_data = FleetDataSettings(enabled=True, workgroup=cdk.Fn.ref("WorkgroupName"))
    settings = Settings(fleet_data=fleet_data)
    (environment,) = settings.all_environments
    return FleetDataStack(scope, construct_id, settings=settings, environment=environment, **stack)


BUNDLE = (
    BundledTemplate("foundation", _foundation, _FOUNDATION_PARAMETERS),
    BundledTemplate("workload", _workload, _WORKLOAD_PARAMETERS),
    BundledTemplate("inventory", _inventory, _INVENTORY_PARAMETERS),
    BundledTemplate("fleet-data", _fleet_data, _FLEET_DATA_PARAMETERS),
)
"""Every template, in the order in which they are launched."""
