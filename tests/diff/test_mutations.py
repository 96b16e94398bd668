"""Each change of settings or code does what the CloudFormation reference says it does.

The expectations are those of "Update requires" of each property in the CloudFormation template
reference: "No interruption" is changed in place, "Replacement" is replaced, and what depends
("Some interruptions") may be replaced.
"""

from collections.abc import Mapping

import aws_cdk as cdk
import pytest

from oelab.diff.compare import compare
from oelab.diff.vocabulary import Effect
from oelab.settings import (
    InventorySettings,
    InventoryTypes,
    LogSettings,
    RoleSettings,
    Settings,
    TargetSettings,
    WorkloadSettings,
)
from oelab.template.assembly import Stack
from tests.diff.versions import (
    Edit,
    association,
    effects,
    inventory,
    lab,
    override,
    prod,
    resource,
    version,
    workloads,
)

ADDED, CHANGED, STOPPED = Effect.ADDED, Effect.CHANGED, Effect.STOPPED
MAYBE, REPLACED = Effect.MAY_BE_REPLACED, Effect.REPLACED
LEFT_BEHIND, DELETED = Effect.LEFT_BEHIND, Effect.DELETED

TEST, PROD = Settings().workloads
OTHER_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64"

NETWORK = {
    "EC2::VPC",
    "EC2::Subnet",
    "EC2::SecurityGroup",
    "EC2::RouteTable",
    "EC2::SubnetRouteTableAssociation",
    "EC2::InternetGateway",
    "EC2::VPCGatewayAttachment",
    "EC2::Route",
}


def of_prod(kinds: set[str], effect: Effect) -> dict[str, Effect]:
    return {f"OELabStack2 {kind}": effect for kind in kinds}


def instances(effect: Effect) -> dict[str, Effect]:
    return of_prod({"EC2::Instance"}, effect)


def association_is(effect: Effect) -> dict[str, Effect]:
    return {"OELabInventory SSM::Association": effect}


@pytest.fixture(scope="module")
def base() -> dict[str, Stack]:
    return version()


SETTINGS: dict[str, tuple[Settings, dict[str, Effect]]] = {
    "nothing": (Settings(), {}),
    "workload renamed": (prod(name="Live"), instances(CHANGED)),
    "stack renamed": (
        prod(stack_name="OELabProd"),
        {"OELabStack2": LEFT_BEHIND, "OELabProd": ADDED},
    ),
    "workload removed": (workloads(TEST), {"OELabStack2": LEFT_BEHIND}),
    "workload added": (
        workloads(TEST, PROD, WorkloadSettings(name="Dev", stack_name="OELabStack3")),
        {"OELabStack3": ADDED},
    ),
    "image pinned": (
        lab(image="ami-0123456789abcdef0"),
        {f"{stack} EC2::Instance": MAYBE for stack in ("OELabStack1", "OELabStack2")},
    ),
    "image of another parameter": (
        lab(image=OTHER_IMAGE),
        # It may hold the same.
        {f"{stack} EC2::Instance": MAYBE for stack in ("OELabStack1", "OELabStack2")},
    ),
    "existing subnet": (
        prod(subnet_id="subnet-0123456789abcdef0", security_group_ids=("sg-0123456789abcdef0",)),
        instances(REPLACED) | of_prod(NETWORK, DELETED),
    ),
    "key pair": (prod(key_name="lab"), instances(REPLACED)),
    "tag": (
        lab(tags={**Settings().tags, "Confidentiality": "Internal"}),
        {f"{stack} EC2::Instance": CHANGED for stack in ("OELabStack1", "OELabStack2")},
    ),
    "instance type": (prod(instance_type_app="t3.small"), instances(STOPPED)),
    "instance profile": (prod(instance_profile=""), instances(CHANGED)),
    "instance removed": (prod(web_instances=1), instances(DELETED)),
    "instance added": (prod(app_instances=3), instances(ADDED)),
    "ingress": (prod(web_ingress_cidr="0.0.0.0/0"), of_prod({"EC2::SecurityGroup"}, CHANGED)),
    "protection": (prod(protection=False), {}),
    "availability zone": (
        prod(availability_zone="us-east-1b"),
        instances(REPLACED)
        | of_prod({"EC2::Subnet", "EC2::SubnetRouteTableAssociation"}, REPLACED),
    ),
    "subnet range": (
        prod(subnet_cidr="10.0.1.0/24"),
        instances(REPLACED)
        | of_prod({"EC2::Subnet", "EC2::SubnetRouteTableAssociation"}, REPLACED),
    ),
    "network range": (
        prod(vpc_cidr="10.1.0.0/16", subnet_cidr="10.1.0.0/24"),
        instances(REPLACED) | of_prod(NETWORK - {"EC2::InternetGateway"}, REPLACED),
    ),
    "private network": (
        prod(private=True),
        of_prod({"EC2::Subnet"}, CHANGED)
        | of_prod({"EC2::InternetGateway", "EC2::VPCGatewayAttachment", "EC2::Route"}, DELETED)
        | of_prod({"EC2::SecurityGroup", "EC2::SecurityGroupIngress", "EC2::VPCEndpoint"}, ADDED),
    ),
    "role renamed": (
        lab(role=RoleSettings(name="Nodes")),
        {
            "OELabFoundation IAM::Role": REPLACED,
            "OELabFoundation IAM::InstanceProfile": REPLACED,
            "OELabStack1 EC2::Instance": CHANGED,
            "OELabStack2 EC2::Instance": CHANGED,
        },
    ),
    "role described": (
        lab(role=RoleSettings(description="Other words")),
        {"OELabFoundation IAM::Role": CHANGED},
    ),
    "role tagged": (
        lab(role=RoleSettings(tags={"Team": "ops"})),
        {"OELabFoundation IAM::Role": CHANGED},
    ),
    "fewer permissions": (
        lab(role=RoleSettings(restricted_permissions=True)),
        {"OELabFoundation IAM::Role": CHANGED, "OELabFoundation IAM::Policy": ADDED},
    ),
    "interval": (association(interval_minutes=60), association_is(CHANGED)),
    "target": (association(targets=TargetSettings(all_nodes=True)), association_is(CHANGED)),
    "severity": (association(severity="HIGH"), association_is(CHANGED)),
    "types": (association(types=InventoryTypes(services=False)), association_is(CHANGED)),
    "owner": (lab(owner="someone"), {"OELabFoundation IAM::ManagedPolicy": CHANGED}),
}


@pytest.mark.parametrize("mutation", SETTINGS)
def test_a_change_of_settings(base: dict[str, Stack], mutation: str) -> None:
    settings, expected = SETTINGS[mutation]
    found = effects(compare(base, version(settings)))
    assert found == {key: {effect} for key, effect in expected.items()}


def test_a_renamed_association_is_another_one(base: dict[str, Stack]) -> None:
    changes = compare(base, version(association(name="Inventory")))
    assert effects(changes)["OELabInventory SSM::Association"] == {ADDED, DELETED}


OWN_BUCKET = inventory(logs=LogSettings(create_bucket=True))
LOGS = {
    "bucket of our own": (
        Settings(),
        OWN_BUCKET,
        {"S3::Bucket": ADDED, "S3::BucketPolicy": ADDED, "IAM::Policy": ADDED},
    ),
    "no bucket any more": (
        OWN_BUCKET,
        Settings(),
        {"S3::Bucket": LEFT_BEHIND, "S3::BucketPolicy": DELETED, "IAM::Policy": DELETED},
    ),
    "prefix": (
        OWN_BUCKET,
        inventory(logs=LogSettings(create_bucket=True, prefix="inventory")),
        {"IAM::Policy": CHANGED},
    ),
    "bucket of another": (
        inventory(logs=LogSettings(bucket="one-bucket")),
        inventory(logs=LogSettings(bucket="another-bucket")),
        {"IAM::Policy": CHANGED},
    ),
}


PINS = {
    "further Region": ({"eu-west-1": "ami-11111111", "eu-west-2": "ami-22222222"}, {}),
    "another Region": ({"eu-west-2": "ami-22222222"}, {}),
    "moved pin": (
        {"eu-west-1": "ami-22222222"},
        {f"{stack} EC2::Instance": {REPLACED} for stack in ("OELabStack1", "OELabStack2")},
    ),
}


@pytest.mark.parametrize("mutation", PINS)
def test_a_change_of_pinned_images(mutation: str) -> None:
    pins, expected = PINS[mutation]
    before = version(lab(image_pins={"eu-west-1": "ami-11111111"}))
    assert effects(compare(before, version(lab(image_pins=pins)))) == expected


@pytest.mark.parametrize("mutation", LOGS)
def test_a_change_of_where_logs_go(mutation: str) -> None:
    before, after, expected = LOGS[mutation]
    expected = {**expected, "SSM::Association": CHANGED}
    found = effects(compare(version(before), version(after)))
    assert found == {f"OELabInventory {kind}": {effect} for kind, effect in expected.items()}


def _renamed(app: cdk.App) -> None:
    resource("OELabStack2", "Web1")(app).override_logical_id("Web01")


def _bucket_policy_dropped(app: cdk.App) -> None:
    bucket = resource("OELabInventory", "Logs", "Bucket")(app)
    bucket.apply_removal_policy(cdk.RemovalPolicy.DESTROY)


EVERYTHING = {"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}
CODE: Mapping[str, tuple[Edit, dict[str, set[Effect]]]] = {
    "construct renamed": (_renamed, {"OELabStack2 EC2::Instance": {ADDED, DELETED}}),
    "words for the security group": (
        # The group is replaced, and a list of groups is only conditionally create-only.
        override("OELabStack2", "Network", "SecurityGroup", GroupDescription="Other words"),
        {
            "OELabStack2 EC2::SecurityGroup": {REPLACED},
            "OELabStack2 EC2::Instance": {MAYBE},
        },
    ),
    "larger volume": (
        override("OELabStack2", "Web1", BlockDeviceMappings__0__Ebs__VolumeSize=20),
        {"OELabStack2 EC2::Instance": {MAYBE}},
    ),
    "tag of the network": (
        override("OELabStack2", "Network", "Vpc", Tags=[{"Key": "Name", "Value": "other"}]),
        {"OELabStack2 EC2::VPC": {CHANGED}},
    ),
    "egress rule": (
        override("OELabStack2", "Network", "SecurityGroup", SecurityGroupEgress__1=EVERYTHING),
        {"OELabStack2 EC2::SecurityGroup": {CHANGED}},
    ),
    "permissions boundary": (
        override("OELabFoundation", "ManagedInstancesRole", "Role", PermissionsBoundary="arn:1"),
        {"OELabFoundation IAM::Role": {CHANGED}},
    ),
    "user data": (
        override("OELabStack2", "Web1", UserData={"Fn::Base64": "echo another page"}),
        {"OELabStack2 EC2::Instance": {STOPPED}},
    ),
    "metadata options": (
        override("OELabStack2", "Web1", MetadataOptions__HttpPutResponseHopLimit=2),
        {"OELabStack2 EC2::Instance": {CHANGED}},
    ),
    "path of the role": (
        override("OELabFoundation", "ManagedInstancesRole", "Role", Path="/nodes/"),
        {
            "OELabFoundation IAM::Role": {REPLACED},
            "OELabFoundation IAM::InstanceProfile": {CHANGED},
        },
    ),
    "instance of the association": (
        override(
            "OELabInventory",
            "Associations",
            InventorySettings().associations[0].name,
            InstanceId="i-0123456789abcdef0",
            Targets=None,
        ),
        {"OELabInventory SSM::Association": {REPLACED}},
    ),
}


@pytest.mark.parametrize("mutation", CODE)
def test_a_change_of_code(base: dict[str, Stack], mutation: str) -> None:
    edit, expected = CODE[mutation]
    assert effects(compare(base, version(edit=edit))) == expected


def test_a_bucket_that_nothing_keeps_is_deleted() -> None:
    doomed = version(OWN_BUCKET, _bucket_policy_dropped)
    assert effects(compare(doomed, version()))["OELabInventory S3::Bucket"] == {DELETED}
