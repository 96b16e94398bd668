"""Every construct refuses what AWS would refuse, in words that name the value and the rule."""

from collections.abc import Callable

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
    WorkloadNetwork,
)
from oelab.findings import FindingsError
from tests.synthesis import new_stack

Define = Callable[[Construct], object]
TAGGED = InventoryTargets.tag("Environment", "OELabIPM")


def association(**wrong: object) -> Define:
    properties = {"targets": TAGGED} | wrong
    return lambda scope: InventoryAssociation(scope, "Inventory", **properties)  # type: ignore[arg-type]


def targets(wrong: InventoryTargets) -> Define:
    return association(targets=wrong)


def cron(fields: str, offset_days: int | None = None) -> Define:
    return association(schedule=InventorySchedule.cron(fields, offset_days=offset_days))


def rate(**every: int) -> Define:
    return association(schedule=InventorySchedule.rate(**every))


def expression(text: str) -> Define:
    return association(schedule=InventorySchedule(text))


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


def network(**wrong: object) -> Define:
    return lambda scope: WorkloadNetwork(scope, "Network", **wrong)  # type: ignore[arg-type]


NONE_COLLECTED = dict.fromkeys(
    (
        "applications",
        "aws_components",
        "network_config",
        "instance_detailed_information",
        "custom_inventory",
        "services",
        "windows_roles",
        "windows_updates",
    ),
    False,
)

WRONG: list[tuple[Define, str]] = [
    # names
    (
        association(association_name="ab"),
        "association_name must have 3 to 128 characters, got 'ab'",
    ),
    (association(association_name="a" * 129), "association_name must have 3 to 128 characters"),
    (
        association(association_name="Inventory All"),
        "association_name must not contain white space, got 'Inventory All'; write 'Inventory-All'",
    ),
    (
        association(association_name="Inventory/All"),
        "association_name must consist of letters, digits and _ - ., got 'Inventory/All'",
    ),
    (association(association_name=""), "association_name must"),
    # targets
    (targets(InventoryTargets.tags({})), "targets must hold 1 to 5 tag keys, got 'none'"),
    (
        targets(InventoryTargets.tags({f"k{n}": ("v",) for n in range(6)})),
        "targets must hold 1 to 5 tag keys, got '6 tag keys'",
    ),
    (targets(InventoryTargets.tag("Environment")), "must hold 1 to 50 values, got 'none'"),
    (
        targets(InventoryTargets.tag("Environment", *map(str, range(51)))),
        "must hold 1 to 50 values, got '51 values'",
    ),
    (targets(InventoryTargets.tag("", "x")), "must not be blank, got ''"),
    (targets(InventoryTargets.tag("k" * 125, "x")), "must have at most 124 characters"),
    (targets(InventoryTargets.tag("aws:Name", "x")), "got 'aws:Name'"),
    (targets(InventoryTargets.tag("Env*", "x")), "got 'Env*'"),
    (targets(InventoryTargets.tag("Environment", "v" * 257)), "must have 0 to 256 characters"),
    (targets(InventoryTargets.tag("Environment", "OELab?")), "got 'OELab?'"),
    (targets(InventoryTargets.instances()), "targets must hold 1 to 50 ids, got 'none'"),
    (
        targets(InventoryTargets.instances(*["i-0123456789abcdef0"] * 51)),
        "targets must hold 1 to 50 ids, got '51 ids'",
    ),
    (
        targets(InventoryTargets.instances("*")),
        "to target every node say all nodes instead of naming ids",
    ),
    (targets(InventoryTargets.instances("Test-Web1")), "must be an instance id"),
    (targets(InventoryTargets.instances("i-0123")), "got 'i-0123'"),
    (targets(InventoryTargets.resource_group("")), "targets must not be blank, got ''"),
    (
        targets(InventoryTargets.resource_group("arn:aws:resource-groups:::group/lab")),
        "give the name alone and not its ARN",
    ),
    # schedules
    (rate(minutes=10), "schedule must be at least 30 minutes, got 'rate(10 minutes)'"),
    (rate(minutes=0), "got 'rate(0 minutes)'"),
    (rate(minutes=1), "got 'rate(1 minute)'"),
    (rate(minutes=-30), "schedule must be at least 30 minutes, got 'rate(-30 minutes)'"),
    (rate(days=31), "schedule must be less than 44640 minutes, got 'rate(31 days)'"),
    (rate(hours=744), "got 'rate(744 hours)'"),
    (expression("every day"), "schedule must be a rate or a cron expression, got 'every day'"),
    (expression("rate(1 hours)"), "write 'rate(1 hour)'"),
    (expression("rate(2 hour)"), "write 'rate(2 hours)'"),
    (expression("rate(1 week)"), "got 'rate(1 week)'"),
    (expression("at(2027-02-30T00:00:00)"), "must name a date and time that exist"),
    (cron("0 2 * * *"), "must have the six fields"),
    (cron("0 0 2 ? * SUN * *"), "must have the six fields"),
    (cron("0  2 ? * SUN *"), "separate them by single spaces"),
    (cron("30 0 2 ? * SUN *"), "must have '0' for its seconds, not '30'"),
    (cron("0 2 ? JAN SUN *"), "must have '*' for its month, not 'JAN'"),
    (cron("0 2 ? * SUN 2027"), "must have '*' for its year, not '2027'"),
    (cron("0 2 * * SUN *"), "must have '?' in exactly one of day of month and day of week"),
    (cron("0 2 ? * ? *"), "must have '?' in exactly one of day of month and day of week"),
    (cron("0 2 15 * ? *"), "not on '15'"),
    (cron("0 2 ? * MON-FRI *"), "not on 'MON-FRI'"),
    (cron("0 2 ? * SUN#6 *"), "not on 'SUN#6'"),
    (cron("0 2 ? * 8L *"), "not on '8L'"),
    (cron("0/15 * ? * * *"), "not at minutes '0/15' of hours '*'"),
    (cron("0 0/3 ? * * *"), "not at minutes '0' of hours '0/3'"),
    (cron("0 24 ? * * *"), "of hours '24'"),
    (cron("0 0/4 ? * SUN *"), "of hours '0/4'"),
    (cron("0 2 ? * SUN *", 0), "schedule.offset_days must be from 1 to 6, got 0"),
    (cron("0 2 ? * SUN *", 7), "schedule.offset_days must be from 1 to 6, got 7"),
    # an offset needs a cron expression, which only a hand-made schedule can miss
    (
        association(schedule=InventorySchedule("rate(1 day)", 2)),
        "schedule.offset_days must be left out for a rate, got 2",
    ),
    # types
    (types(**NONE_COLLECTED), "types must collect at least one inventory type, got 'none'"),
    (types(files=(FileRule(path="", patterns=("*",)),)), "types.files[0].path must"),
    (
        types(files=(FileRule(path="/etc", patterns=()),)),
        "types.files[0].patterns must hold at least one pattern",
    ),
    (types(files=(FileRule(path="/etc", patterns=("",)),)), "types.files[0].patterns[0] must"),
    (
        types(files=(FileRule(path="/etc", patterns=("*",), dir_scan_limit=0),)),
        "types.files[0].dir_scan_limit must be at least 1, got 0",
    ),
    (
        types(windows_registry=(RegistryRule(path=r"HKLM\SOFTWARE"),)),
        r"types.windows_registry[0].path must be a key below a hive",
    ),
    (
        types(windows_registry=(RegistryRule(path=r"HKEY_USERS\X", value_names=("",)),)),
        "types.windows_registry[0].value_names[0] must",
    ),
    (
        types(
            windows_registry=(
                RegistryRule(path=r"HKEY_USERS\X", value_names=tuple(str(n) for n in range(251))),
            )
        ),
        "must hold at most 250 names, got '251 names'",
    ),
    # rate control, severity, compliance
    (association(max_concurrency="0"), "max_concurrency must be a number from 1"),
    (association(max_concurrency="101%"), "got '101%'"),
    (association(max_concurrency=10), "max_concurrency must be a number from 1 to 9999999"),
    (association(max_concurrency="10 %"), "got '10 %'"),
    (association(max_errors="-1"), "max_errors must be a number from 0"),
    (association(max_errors="some"), "got 'some'"),
    (association(compliance_severity="high"), "compliance_severity must be one of"),
    (association(sync_compliance="NEVER"), "sync_compliance must be AUTO or MANUAL"),
    # logs
    (logs(bucket="My_Logs"), "bucket must consist of lower-case letters"),
    (logs(bucket="ab"), "bucket must have 3 to 63 characters, got 'ab'"),
    (logs(bucket="192.168.0.1"), "got '192.168.0.1'"),
    (logs(prefix="/inventory"), "prefix must"),
    (logs(prefix="inventory/"), "got 'inventory/'"),
    (logs(prefix="p" * 501), "prefix must have 0 to 500 characters"),
    (logs(region="Frankfurt"), "region must"),
    (logs(expire_days=0), "expire_days must be at least 1, got 0"),
    # instances
    (instance(image_id="/aws/service/ami"), "image_id must be the id of an Amazon Machine Image"),
    (instance(instance_type="micro"), "instance_type must be an instance type"),
    (instance(subnet="vpc-0123456789abcdef0"), "subnet must be the id of a subnet"),
    (instance(security_groups=[]), "security_groups must hold 1 to 16 security groups"),
    (instance(security_groups=["default"]), "security_groups[0] must be the id"),
    (
        instance(instance_profile="arn:aws:iam::111122223333:instance-profile/P"),
        "instance_profile must",
    ),
    (instance(key_name=""), "key_name must"),
    (instance(availability_zone="us-east-1"), "availability_zone must"),
    (instance(root_device_name="C:"), "root_device_name must be a device name"),
    (instance(user_data=ec2.UserData.for_linux()), "user_data must be text, got "),
    (instance(user_data="x" * 20000), "user_data must have at most 16384 bytes, got '20000 bytes'"),
    (instance(tags={"aws:x": "y"}), "got 'aws:x'"),
    (instance(tags={str(n): "" for n in range(51)}), "must"),
    # the role
    (role(role_name="Managed Instances"), "role_name must"),
    (role(role_name="r" * 65), "role_name must"),
    (role(description="d" * 1001), "description must"),
    (role(tags={"k" * 129: "v"}), "must"),
    # the network
    (network(vpc_cidr="10.0.0.0/8"), "vpc_cidr must be an IPv4 range between /16 and /28"),
    (network(vpc_cidr="10.0.0.1/16"), "vpc_cidr must not have bits set"),
    (network(subnet_cidr="10.1.0.0/24"), "subnet_cidr must lie inside vpc_cidr"),
    (network(web_ingress_cidr="anyone"), "web_ingress_cidr must be an address range"),
    (network(ssh_ingress_cidr="2001:db8::/32"), "ssh_ingress_cidr must be an IPv4 range"),
    (network(availability_zone="a"), "availability_zone must"),
    (network(egress_ports=(80,)), "egress_ports must contain 443"),
    (network(egress_ports=(443, 70000)), "egress_ports must hold ports from 1 to 65535, got 70000"),
]


@pytest.fixture(scope="module")
def parent() -> Construct:
    return new_stack()


def test_the_table_is_long() -> None:
    assert len(WRONG) >= 60


@pytest.mark.parametrize(("define", "said"), WRONG, ids=[said[:60] for _, said in WRONG])
def test_refuses(
    parent: Construct, define: Define, said: str, request: pytest.FixtureRequest
) -> None:
    scope = Construct(parent, str(abs(hash(request.node.name))))
    with pytest.raises(FindingsError) as error:
        define(scope)
    assert said in str(error.value)
    for fault in error.value.findings:
        assert fault.source, "a fault names where its rule comes from"
        assert fault.remedy, "a fault names the way out"


def test_reports_all_faults_together(parent: Construct) -> None:
    with pytest.raises(FindingsError) as error:
        association(
            association_name="a b",
            schedule=InventorySchedule.rate(minutes=5),
            max_errors="x",
            targets=InventoryTargets.instances("web"),
        )(parent)
    assert [fault.subject for fault in error.value.findings] == [
        "targets[0]",
        "schedule",
        "association_name",
        "max_errors",
    ]


def test_one_rate_has_one_unit() -> None:
    with pytest.raises(TypeError, match="one of minutes, hours and days"):
        InventorySchedule.rate(minutes=30, hours=1)


def test_tokens_pass_unchecked() -> None:
    stack = new_stack()
    parameter = cdk.CfnParameter(stack, "Text").value_as_string
    listed = cdk.CfnParameter(stack, "List", type="CommaDelimitedList").value_as_list
    InventoryAssociation(
        stack,
        "Inventory",
        association_name=parameter,
        targets=InventoryTargets.tags({"Environment": listed}),
        schedule=InventorySchedule(parameter),
        max_concurrency=parameter,
        max_errors=parameter,
        compliance_severity=ComplianceSeverity.HIGH,
        types=InventoryTypes(files=(FileRule(path=parameter, patterns=(parameter,)),)),
    )
    InventoryAssociation(stack, "ById", targets=InventoryTargets.instances(parameter))
    InventoryLogs(
        stack,
        "Logs",
        bucket=parameter,
        prefix=parameter,
        region=cdk.Aws.REGION,
    )
    ManagedInstancesRole(stack, "Role", role_name=parameter, tags={"Owner": parameter})
    WorkloadNetwork(stack, "Network", vpc_cidr=parameter, subnet_cidr=parameter)
    ManagedInstance(
        stack,
        "Instance",
        image_id=parameter,
        instance_type=parameter,
        subnet=parameter,
        security_groups=listed,
        instance_profile=parameter,
        key_name=parameter,
        availability_zone=parameter,
        tags={"Workload": parameter},
    )
