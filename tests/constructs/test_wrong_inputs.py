"""Every construct refuses what AWS would refuse, and says by which rule."""

from collections.abc import Callable
from dataclasses import fields
from typing import cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from oelab.constructs import (
    ComplianceSeverity,
    FileRule,
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
from oelab.constructs.fleet_data import InventoryDataSync, InventoryTables
from oelab.findings import Finding, FindingsError
from tests.synthesis import new_stack

Define = Callable[[Construct], object]
TAGGED = InventoryTargets.tag("Environment", "OELabIPM")


def association(**wrong: object) -> Define:
    properties = {"targets": TAGGED} | wrong
    return lambda scope: InventoryAssociation(scope, "Inventory", **properties)  # type: ignore[arg-type]


def schedule(expression: str, offset_days: int | None = None) -> Define:
    return association(schedule=InventorySchedule(expression, offset_days))


def types(**chosen: object) -> Define:
    return association(types=InventoryTypes(**chosen))  # type: ignore[arg-type]


def logs(**wrong: object) -> Define:
    return lambda scope: InventoryLogs(scope, "Logs", **wrong)  # type: ignore[arg-type]


def instance(**wrong: object) -> Define:
    properties = {
        "image_id": "ami-0123456789abcdef0",
        "instance_type": "t3.micro",
        "subnet": "subnet-0123456789abcdef0",
        "security_groups": ["sg-0123456789abcdef0"],
    } | wrong
    return lambda scope: ManagedInstance(scope, "Instance", **properties)  # type: ignore[arg-type]


def role(**wrong: object) -> Define:
    return lambda scope: ManagedInstancesRole(scope, "Role", **wrong)  # type: ignore[arg-type]


def endpoints(**wrong: object) -> Define:
    properties = {
        "vpc": "vpc-0123456789abcdef0",
        "subnets": ["subnet-0123456789abcdef0"],
        "route_tables": ["rtb-0123456789abcdef0"],
        "clients": ["sg-0123456789abcdef0"],
    } | wrong
    return lambda scope: SystemsManagerEndpoints(scope, "Endpoints", **properties)  # type: ignore[arg-type]


def data_sync(**wrong: object) -> Define:
    return lambda scope: InventoryDataSync(scope, "Data", **wrong)  # type: ignore[arg-type]


def fleet_tables(organization_id: str | None = None, **wrong: object) -> Define:
    def define(scope: Construct) -> None:
        data = InventoryDataSync(scope, "Data", organization_id=organization_id)
        InventoryTables(scope, "Tables", data=data, **wrong)  # type: ignore[arg-type]

    return define


def network(**wrong: object) -> Define:
    return lambda scope: WorkloadNetwork(scope, "Network", **wrong)  # type: ignore[arg-type]


NONE_COLLECTED = {
    field.name: False for field in fields(InventoryTypes) if isinstance(field.default, bool)
}

# Each wrong input, with the subject and the rule of its one finding.
WRONG: list[tuple[Define, str, str]] = [
    (association(association_name="Inventory All"), "association_name", "AssociationName"),
    (association(association_name=""), "association_name", "AssociationName"),
    (types(**NONE_COLLECTED), "types", "InventoryTypes"),
    (types(files=(FileRule(path="", patterns=("*",)),)), "types.files[0].path", "NotBlank"),
    (
        types(windows_registry=(RegistryRule(path=r"HKLM\SOFTWARE"),)),
        "types.windows_registry[0].path",
        "RegistryPath",
    ),
    (association(max_concurrency="0"), "max_concurrency", "MaxConcurrency"),
    (data_sync(bucket="My_Bucket"), "bucket", "BucketName"),
    (data_sync(bucket="mine", bucket_region="Ohio"), "bucket_region", "RegionName"),
    (data_sync(prefix="/all/"), "prefix", "SyncPrefix"),
    (data_sync(prefix="accountid=1"), "prefix", "SyncPrefix"),
    (data_sync(encryption_key="alias/mine"), "encryption_key", "KeyArn"),
    (data_sync(accounts=["123"]), "accounts[0]", "AccountId"),
    (data_sync(accounts=["111122223333"] * 21), "accounts", "SyncAccounts"),
    (data_sync(organization_id="ou-1"), "organization_id", "OrganizationId"),
    (
        data_sync(organization_id="o-a1b2c3d4e5", accounts=["111122223333"]),
        "accounts",
        "SyncOrganization",
    ),
    (data_sync(name="n" * 48), "name", "SyncName"),
    (fleet_tables(regions=["Ohio"]), "regions[0]", "RegionName"),
    (fleet_tables("o-a1b2c3d4e5", regions=["us-east-1"]), "regions", "SyncOrganization"),
    (fleet_tables(database_name="My-Data"), "database_name", "DatabaseName"),
    (fleet_tables(workgroup_name="my group"), "workgroup_name", "WorkgroupName"),
    (fleet_tables(scan_limit_gigabytes=0), "scan_limit_gigabytes", "ScanLimit"),
    (fleet_tables(expire_days=0), "expire_days", "ExpireDays"),
    (association(max_concurrency=10), "max_concurrency", "ValueType"),
    (association(max_errors="-1"), "max_errors", "MaxErrors"),
    (association(compliance_severity="high"), "compliance_severity", "ComplianceSeverity"),
    (association(sync_compliance="NEVER"), "sync_compliance", "SyncCompliance"),
    (logs(bucket="My_Logs"), "bucket", "BucketName"),
    (logs(prefix="/inventory"), "prefix", "KeyPrefix"),
    (logs(prefix=""), "prefix", "KeyPrefix"),
    (logs(bucket="my-logs", region="Frankfurt"), "region", "RegionName"),
    (logs(region="eu-west-1"), "region", "BucketRegion"),
    (logs(expire_days=0), "expire_days", "ExpireDays"),
    (instance(image_id="/aws/service/ami"), "image_id", "ImageId"),
    (instance(instance_type="micro"), "instance_type", "InstanceType"),
    (instance(subnet="vpc-0123456789abcdef0"), "subnet", "SubnetId"),
    (instance(security_groups=[]), "security_groups", "SecurityGroups"),
    (instance(security_groups=["default"]), "security_groups[0]", "SecurityGroupId"),
    (instance(instance_profile="arn:aws:iam::1:x/P"), "instance_profile", "InstanceProfileName"),
    (instance(key_name=""), "key_name", "KeyName"),
    (instance(root_device_name="C:"), "root_device_name", "RootDeviceName"),
    (instance(user_data=ec2.UserData.for_linux()), "user_data", "ValueType"),
    (instance(user_data="x" * 20000), "user_data", "UserData"),
    (instance(tags={"aws:x": "y"}), 'tags."aws:x"', "TagKey"),
    (instance(tags={str(n): "" for n in range(51)}), "tags", "Tags"),
    (role(role_name="Managed Instances"), "role_name", "RoleName"),
    (role(description="d" * 1001), "description", "RoleDescription"),
    (role(tags={"k": "*"}), "tags.k", "TagValue"),
    (endpoints(vpc="subnet-0123456789abcdef0"), "vpc", "VpcId"),
    (endpoints(subnets=[]), "subnets", "EndpointSubnets"),
    (endpoints(subnets=["subnet-1"]), "subnets[0]", "SubnetId"),
    (endpoints(route_tables=["main"]), "route_tables[0]", "RouteTableId"),
    (endpoints(clients=[]), "clients", "EndpointClients"),
    (endpoints(clients=["default"]), "clients[0]", "SecurityGroupId"),
    (network(vpc_cidr="10.0.0.0/8"), "vpc_cidr", "VpcCidr"),
    (network(subnet_cidr="10.0.0.0/29"), "subnet_cidr", "SubnetCidr"),
    (network(subnet_cidr="10.1.0.0/24"), "subnet_cidr", "SubnetInVpc"),
    (network(web_ingress_cidr="anyone"), "web_ingress_cidr", "Cidr"),
    (network(ssh_ingress_cidr="2001:db8::/32"), "ssh_ingress_cidr", "Cidr"),
    (network(availability_zone="a"), "availability_zone", "AvailabilityZone"),
    (network(egress_ports=(80,)), "egress_ports", "EgressPorts"),
    (network(egress_ports=(443, 70000)), "egress_ports[1]", "EgressPorts"),
]

WRONG_SCHEDULES = {
    "schedule": [
        *(schedule("rate(10 minutes)"), schedule("rate(31 days)"), schedule("rate(1 hours)")),
        *(schedule("every day"), schedule("at(2027-02-30T00:00:00)")),
        *(schedule("cron(0 2 * * *)"), schedule("cron(0 2 * * SUN *)")),
        *(schedule("cron(0/15 * ? * * *)"), schedule("cron(0 24 ? * * *)")),
    ],
    "schedule.offset_days": [
        schedule("cron(0 2 ? * SUN *)", 0),
        schedule("cron(0 2 ? * SUN *)", 7),
        schedule("rate(1 day)", 2),
    ],
}


@pytest.fixture(scope="module")
def parent() -> Construct:
    return new_stack()


def found(parent: Construct, define: Define) -> list[Finding]:
    scope = Construct(parent, f"Scope{len(parent.node.children)}")
    with pytest.raises(FindingsError) as error:
        define(scope)
    return list(error.value.findings)


def name_of(finding: Finding) -> str:
    """The argument that a finding is about."""
    return str(finding.subject).partition(": ")[2]


@pytest.mark.parametrize(
    ("define", "subject", "rule"), WRONG, ids=[f"{subject} {rule}" for _, subject, rule in WRONG]
)
def test_refuses(parent: Construct, define: Define, subject: str, rule: str) -> None:
    (finding,) = found(parent, define)
    assert (name_of(finding), finding.rule) == (subject, rule)
    assert str(finding).startswith("Stack/Scope")
    assert finding.source
    assert finding.remedy


@pytest.mark.parametrize("subject", WRONG_SCHEDULES)
def test_refuses_what_the_grammar_of_state_manager_does_not_have(
    parent: Construct, subject: str
) -> None:
    for define in WRONG_SCHEDULES[subject]:
        assert {name_of(finding) for finding in found(parent, define)} == {subject}


def test_reports_all_faults_together(parent: Construct) -> None:
    wrong = association(
        association_name="a b",
        schedule=InventorySchedule.rate(minutes=5),
        max_errors="x",
        targets=InventoryTargets.instances("web"),
    )
    subjects = [name_of(finding) for finding in found(parent, wrong)]
    assert subjects == ["targets[0]", "schedule", "association_name", "max_errors"]


def test_faults_between_arguments_are_reported_with_the_others(parent: Construct) -> None:
    wrong = network(subnet_cidr="10.1.0.0/24", web_ingress_cidr="anyone")
    assert [name_of(each) for each in found(parent, wrong)] == ["web_ingress_cidr", "subnet_cidr"]


def test_a_construct_that_is_refused_leaves_nothing_behind(parent: Construct) -> None:
    scope = Construct(parent, "Refused")
    with pytest.raises(FindingsError):
        ManagedInstancesRole(scope, "Role", role_name="a b")
    ManagedInstancesRole(scope, "Role", role_name="ab")


def test_tokens_pass_unchecked() -> None:
    stack = new_stack()
    parameter = cdk.CfnParameter(stack, "Text").value_as_string
    listed = cdk.CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    InventoryAssociation(
        stack,
        "Inventory",
        association_name=parameter,
        targets=InventoryTargets.tags({"Environment": listed}),
        schedule=InventorySchedule.rate(minutes=number),
        max_concurrency=parameter,
        max_errors=parameter,
        compliance_severity=ComplianceSeverity.HIGH,
        types=InventoryTypes(files=(FileRule(path=parameter, patterns=(parameter,)),)),
    )
    InventoryAssociation(
        stack,
        "ById",
        targets=InventoryTargets.instances(parameter),
        schedule=InventorySchedule(parameter, cast("int", number)),
    )
    InventoryLogs(stack, "Logs", bucket=parameter, prefix=parameter, region=cdk.Aws.REGION)
    InventoryLogs(stack, "OwnLogs", expire_days=cast("int", number))
    data = InventoryDataSync(stack, "Data", bucket=parameter, prefix=parameter, accounts=listed)
    InventoryTables(stack, "Tables", data=data, workgroup_name=parameter, regions=[parameter])
    ManagedInstancesRole(stack, "Role", role_name=parameter, tags={"Owner": parameter})
    ports = [443, cast("int", number)]
    WorkloadNetwork(stack, "Network", vpc_cidr=parameter, subnet_cidr=parameter, egress_ports=ports)
    ManagedInstance(
        stack,
        "Instance",
        image_id=parameter,
        instance_type=parameter,
        subnet=parameter,
        security_groups=listed,
        instance_profile=parameter,
        key_name=parameter,
        tags={"Workload": parameter},
    )
    SystemsManagerEndpoints(
        stack,
        "Endpoints",
        vpc=parameter,
        subnets=listed,
        route_tables=listed,
        clients=listed,
    )
