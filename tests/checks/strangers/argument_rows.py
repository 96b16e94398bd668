"""Arguments of constructs that AWS would refuse, or that are slips of type."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from oelab.constructs import (
    FileRule,
    FleetAccess,
    InstanceProfileAttachment,
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
    InventoryTypes,
    ManagedInstance,
    ManagedInstancesRole,
    RegistryRule,
    SystemsManagerEndpoints,
    WorkloadNetwork,
)
from oelab.constructs import InventoryTargets as To
from tests.checks.strangers.rows import NODE_ID, Row

SUBNET = "subnet-0123456789abcdef0"
GROUP = "sg-0123456789abcdef0"
PATH = "Made"

NAMES = cdk.Stack(cdk.App(), "Names")
NODES = iam.Role.from_role_name(NAMES, "Role", "Nodes")
PROFILE = "arn:aws:iam::111122223333:instance-profile/Nodes"


def imported(name: str, role: iam.IRole | None = None) -> iam.IInstanceProfile:
    """An instance profile from elsewhere, with its role or without."""
    return iam.InstanceProfile.from_instance_profile_attributes(
        NAMES, name, instance_profile_arn=PROFILE, role=role
    )


LEAST: dict[type, dict[str, Any]] = {
    FleetAccess: {"owner": "platform"},
    InstanceProfileAttachment: {
        "instance_profile": imported("Profile", role=NODES),
        "targets": To.tag("Env", "Prod"),
    },
    InventoryAssociation: {"targets": To.tag("Env", "Prod")},
    InventoryLogs: {"bucket": "their-logs"},
    ManagedInstance: {
        "image_id": "ami-0123456789abcdef0",
        "instance_type": "t3.micro",
        "subnet": SUBNET,
        "security_groups": [GROUP],
        "tags": {"Env": "Test"},
    },
    ManagedInstancesRole: {},
    SystemsManagerEndpoints: {
        "vpc": "vpc-0123456789abcdef0",
        "subnets": [SUBNET],
        "route_tables": ["rtb-0123456789abcdef0"],
        "clients": [GROUP],
    },
    WorkloadNetwork: {},
}


def of(construct: type, rule: str, argument: str, wrong: Any, sound: Any, within: str = "") -> Row:
    """An argument of a construct that is given what is wrong or sound."""

    def build(stack: cdk.Stack, value: Any) -> object:
        return construct(stack, PATH, **(LEAST[construct] | {argument: value}))

    # Slips of type differ by what they take for what.
    kinds = type(wrong).__name__, type(sound).__name__
    branch = " for ".join(kinds) if rule == "ValueType" else "argument"
    path = f"{PATH}: {argument}{within}"
    return Row(rule, path, build, wrong, sound, "our construct", branch=branch)


def association(rule: str, argument: str, wrong: Any, sound: Any, within: str = "") -> Row:
    return of(InventoryAssociation, rule, argument, wrong, sound, within)


def targets(rule: str, within: str, wrong: Any, sound: Any) -> Row:
    return association(rule, "targets", wrong, sound, within)


def attachment(rule: str, argument: str, wrong: Any, sound: Any) -> Row:
    return of(InstanceProfileAttachment, rule, argument, wrong, sound)


def instance(rule: str, argument: str, wrong: Any, sound: Any, within: str = "") -> Row:
    return of(ManagedInstance, rule, argument, wrong, sound, within)


def network(rule: str, argument: str, wrong: Any, sound: Any, within: str = "") -> Row:
    return of(WorkloadNetwork, rule, argument, wrong, sound, within)


def endpoints(rule: str, argument: str, wrong: Any, sound: Any, within: str = "") -> Row:
    return of(SystemsManagerEndpoints, rule, argument, wrong, sound, within)


def types(rule: str, within: str, wrong: dict[str, Any], sound: dict[str, Any]) -> Row:
    return association(rule, "types", InventoryTypes(**wrong), InventoryTypes(**sound), within)


def files(rule: str, within: str, wrong: dict[str, Any], sound: dict[str, Any]) -> Row:
    def rules(given: dict[str, Any]) -> dict[str, Any]:
        return {"files": (FileRule(**({"path": "/etc", "patterns": ("*",)} | given)),)}

    return types(rule, f".files[0].{within}", rules(wrong), rules(sound))


def registry(rule: str, within: str, wrong: dict[str, Any], sound: dict[str, Any]) -> Row:
    def rules(given: dict[str, Any]) -> dict[str, Any]:
        return {"windows_registry": (RegistryRule(**({"path": r"HKEY_USERS\X"} | given)),)}

    return types(rule, f".windows_registry[0].{within}", rules(wrong), rules(sound))


def schedule(rule: str, within: str, wrong: InventorySchedule, sound: InventorySchedule) -> Row:
    return association(rule, "schedule", wrong, sound, within)


NOTHING = {field.name: False for field in fields(InventoryTypes) if field.default is True}
rate: Callable[..., InventorySchedule] = InventorySchedule.rate
cron: Callable[..., InventorySchedule] = InventorySchedule.cron
any_targets: Any = InventoryTargets

ROWS = [
    # Slips of type.
    targets("ValueType", ".Env", any_targets.tags({"Env": "Prod"}), To.tags({"Env": ["Prod"]})),
    targets("ValueType", ".Env[0]", any_targets.tag("Env", ["Prod"]), To.tag("Env", *["Prod"])),
    files("ValueType", "patterns", {"patterns": "*.conf"}, {"patterns": ("*.conf",)}),
    registry("ValueType", "value_names", {"value_names": "V"}, {"value_names": ("V",)}),
    association("ValueType", "schedule", "rate(1 day)", rate(days=1)),
    association("ValueType", "max_errors", True, "1"),
    of(InventoryLogs, "ValueType", "expire_days", True, 1),
    of(InventoryLogs, "ValueType", "node_roles", "Nodes", []),
    instance("ValueType", "tags", [cdk.CfnTag(key="A", value="B")], {"A": "B"}),
    instance("ValueType", "user_data", ec2.UserData.for_linux(), ec2.UserData.for_linux().render()),
    network("ValueType", "egress_ports", 443, [443]),
    of(ManagedInstancesRole, "ValueType", "restricted_permissions", "yes", True),
    # Associations.
    association("AssociationName", "association_name", "Inventory All", "Inventory-All"),
    targets("TargetTags", "", To.tags({}), To.tags({"Env": ["Prod"]})),
    targets("TargetValues", ".Env", To.tag("Env"), To.tag("Env", "Prod")),
    targets("TargetKey", '."Env*"', To.tag("Env*", "Prod"), To.tag("Env", "Prod")),
    targets("TagValue", ".Env[0]", To.tag("Env", "Prod?"), To.tag("Env", "Prod")),
    targets("InstanceIds", "", To.instances(), To.instances(NODE_ID)),
    targets("InstanceId", "[0]", To.instances("*"), To.all_nodes()),
    targets(
        "ResourceGroupName",
        "",
        To.resource_group("arn:aws:resource-groups:eu-central-1:111122223333:group/lab"),
        To.resource_group("lab"),
    ),
    types("InventoryTypes", "", NOTHING, NOTHING | {"applications": True}),
    files("NotBlank", "path", {"path": " "}, {"path": "/"}),
    files("FilePatterns", "patterns", {"patterns": ()}, {"patterns": ("*",)}),
    files("DirScanLimit", "dir_scan_limit", {"dir_scan_limit": 0}, {"dir_scan_limit": 1}),
    registry("RegistryPath", "path", {"path": r"HKLM\X"}, {"path": r"HKEY_LOCAL_MACHINE\X"}),
    registry(
        "RegistryValueNames",
        "value_names",
        {"value_names": ("v",) * 251},
        {"value_names": ("v",) * 250},
    ),
    association("MaxConcurrency", "max_concurrency", "0", "1"),
    association("MaxErrors", "max_errors", "-1", "0"),
    association("ComplianceSeverity", "compliance_severity", "high", "HIGH"),
    association("SyncCompliance", "sync_compliance", "NEVER", "MANUAL"),
    schedule("ScheduleForm", "", rate(minutes=10), rate(minutes=30)),
    schedule("ScheduleForm", "", cron("0 2 * * *"), cron("0 2 * * ? *")),
    schedule(
        "ScheduleOffset",
        ".offset_days",
        cron("0 2 ? * SUN *", offset_days=7),
        cron("0 2 ? * SUN *", offset_days=6),
    ),
    # Attachments of profiles.
    attachment("RunbookTargets", "targets", To.instances(NODE_ID), To.tag("Env", "Prod")),
    attachment("ProfileRole", "instance_profile", imported("A"), imported("B", role=NODES)),
    # Logs.
    of(InventoryLogs, "BucketName", "bucket", "My_Logs", "my-logs"),
    of(InventoryLogs, "KeyPrefix", "prefix", "/inventory", "inventory"),
    of(InventoryLogs, "RegionName", "region", "Frankfurt", "eu-central-1"),
    of(InventoryLogs, "ExpireDays", "expire_days", 0, 1),
    Row(
        "BucketRegion",
        f"{PATH}: region",
        lambda stack, region: InventoryLogs(stack, PATH, region=region),
        "eu-west-1",
        None,
        "our construct",
    ),
    # Instances and roles.
    instance("ImageId", "image_id", "ami-latest", "ami-12345678"),
    instance("InstanceType", "instance_type", "micro", "t3.micro"),
    instance("SubnetId", "subnet", "vpc-0123456789abcdef0", SUBNET),
    instance("SecurityGroups", "security_groups", [], [GROUP]),
    instance("SecurityGroupId", "security_groups", ["default"], [GROUP], "[0]"),
    instance("InstanceProfileName", "instance_profile", "arn:aws:iam::1:x/P", "P"),
    instance("KeyName", "key_name", " lab", "lab"),
    instance("RootDeviceName", "root_device_name", "C:", "/dev/sda1"),
    instance("UserData", "user_data", "#" * 16385, "#" * 16384),
    instance("TagKey", "tags", {"aws:x": "y"}, {"aws-x": "y"}, '."aws:x"'),
    instance("Tags", "tags", {str(n): "" for n in range(51)}, {str(n): "" for n in range(50)}),
    of(ManagedInstancesRole, "RoleName", "role_name", "Managed Nodes", "ManagedNodes"),
    of(ManagedInstancesRole, "RoleDescription", "description", "d" * 1001, "d" * 1000),
    of(ManagedInstancesRole, "TagValue", "tags", {"k": "*"}, {"k": "x"}, ".k"),
    of(FleetAccess, "TagValue", "owner", "o" * 257, "o" * 256),
    # Networks.
    network("VpcCidr", "vpc_cidr", "10.0.0.0/8", "10.0.0.0/16"),
    network("SubnetCidr", "subnet_cidr", "10.0.0.0/29", "10.0.0.0/28"),
    network("SubnetInVpc", "subnet_cidr", "10.1.0.0/24", "10.0.1.0/24"),
    network("Cidr", "web_ingress_cidr", "anyone", "0.0.0.0/0"),
    network("Cidr", "ssh_ingress_cidr", "203.0.113.7/24", "203.0.113.7/32"),
    network("AvailabilityZone", "availability_zone", "a", "eu-central-1a"),
    network("EgressPorts", "egress_ports", (80,), (80, 443)),
    network("EgressPorts", "egress_ports", (443, 70000), (443, 7000), "[1]"),
    endpoints("VpcId", "vpc", SUBNET, "vpc-12345678"),
    endpoints("SubnetId", "subnets", ["a"], [SUBNET], "[0]"),
    endpoints("EndpointSubnets", "subnets", [], [SUBNET]),
    endpoints("RouteTableId", "route_tables", ["main"], ["rtb-12345678"], "[0]"),
    endpoints("EndpointClients", "clients", [], [GROUP]),
]
