"""What a reviewer cannot see from the effects of a change, each by the rule that finds it."""

import dataclasses
from typing import Any

import pytest

from oelab.diff.compare import compare
from oelab.diff.guard import guard
from oelab.diff.notes import moving_images
from oelab.settings import LogSettings, RoleSettings, Settings
from oelab.template.assembly import Stack
from tests.diff.versions import association, inventory, lab, override, prod, version, workloads

PINNED = "ami-0123456789abcdef0"
PUBLIC_ADDRESS, CONFLICT = "PublicAddressStays", "OldResourceInTheWay"


@pytest.fixture(scope="module")
def base() -> dict[str, Stack]:
    return version()


def notes(before: dict[str, Stack], after: dict[str, Stack]) -> list[tuple[str, str]]:
    """The rules and subjects of the notes on all stacks, but for those that are left behind."""
    return [
        (note.rule, str(note.subject))
        for change in compare(before, after)
        for note in change.notes
        if note.rule != "StackLeftBehind"
    ]


def left_behind(before: dict[str, Stack], after: dict[str, Stack]) -> list[object]:
    """The stacks that a note says are left behind."""
    notes = [note for change in compare(before, after) for note in change.notes]
    return [note.subject for note in notes if note.rule == "StackLeftBehind"]


def rules(before: dict[str, Stack], after: dict[str, Stack]) -> list[str]:
    return [rule for rule, _ in notes(before, after)]


NETWORK: dict[str, tuple[Settings, str, str]] = {
    "network range": (
        prod(vpc_cidr="10.1.0.0/16", subnet_cidr="10.1.0.0/24"),
        CONFLICT,
        "OELabStack2/NetworkGatewayAttachment3C0DA759",
    ),
    "zone": (
        prod(availability_zone="us-east-1b"),
        CONFLICT,
        "OELabStack2/NetworkSubnet8D9C3287",
    ),
    "wider subnet": (
        prod(subnet_cidr="10.0.0.0/20"),
        CONFLICT,
        "OELabStack2/NetworkSubnet8D9C3287",
    ),
    "private": (
        prod(private=True),
        PUBLIC_ADDRESS,
        "OELabStack2/NetworkSubnet8D9C3287",
    ),
}


@pytest.mark.parametrize("name", NETWORK)
def test_what_aws_refuses_of_a_network_is_noted_both_ways(
    base: dict[str, Stack], name: str
) -> None:
    settings, rule, subject = NETWORK[name]
    assert notes(base, version(settings)) == [(rule, subject)]
    assert notes(version(settings), base) == [(rule, subject)]


@pytest.mark.parametrize(
    "settings",
    [
        prod(subnet_cidr="10.0.1.0/24"),
        prod(availability_zone="us-east-1b", subnet_cidr="10.0.1.0/24"),
        prod(key_name="lab"),
        prod(subnet_id="subnet-0123456789abcdef0", security_group_ids=("sg-0123456789abcdef0",)),
        prod(private=True, key_name="lab"),
        lab(image=PINNED),
    ],
)
def test_what_can_be_deployed_has_no_note(base: dict[str, Stack], settings: Settings) -> None:
    assert notes(base, version(settings)) == []


def test_a_renamed_association_conflicts_with_the_old_one(base: dict[str, Stack]) -> None:
    assert rules(base, version(association(name="Other"))) == [CONFLICT]


def test_the_guard_asks_for_a_pin_of_what_is_protected_too(base: dict[str, Stack]) -> None:
    refused = guard(compare(base, version(lab(image=PINNED))), base)
    assert {str(each.subject).partition("/")[0] for each in refused} == {"OELabStack2"}


def test_a_bucket_that_is_replaced_stays() -> None:
    logged = inventory(logs=LogSettings(create_bucket=True))
    renamed = override("OELabInventory", "Logs", "Bucket", BucketName="other-logs")
    assert rules(version(logged), version(logged, renamed)) == ["OldResourceStays"]


def test_policies_that_people_have_are_guarded(base: dict[str, Stack]) -> None:
    described = override("OELabFoundation", "FleetAccess", "Reviewer", Description="Other words")
    (refused,) = guard(compare(base, version(edit=described)), base)
    assert refused.subject == "OELabFoundation/FleetAccessReviewerF17C35EF"


def test_images_that_aws_moves_are_noted(base: dict[str, Stack]) -> None:
    found = {each.subject for each in moving_images(base, version(prod(name="Live")))}
    assert found == {"OELabStack1", "OELabStack2"}
    assert not [*moving_images({}, base)], "new instances are not replaced"
    assert not [*moving_images(base, version(lab(image=PINNED)))]


@pytest.mark.parametrize(("version", "moves"), [("", True), (":3", False)])
def test_an_image_of_a_dynamic_reference_without_version_moves(version: str, moves: bool) -> None:
    image = by_hand(I=instance(ImageId=f"{{{{resolve:ssm:/aws/service/image{version}}}}}"))
    assert [each.subject for each in moving_images(image, image)] == ["Own"] * moves


def test_a_stack_that_is_left_behind_is_named(base: dict[str, Stack]) -> None:
    test, production = Settings().workloads
    assert left_behind(base, version(workloads(test))) == ["OELabStack2"]
    renamed = dataclasses.replace(production, stack_name="OELabProd")
    assert left_behind(base, version(workloads(test, renamed))) == ["OELabStack2"]
    assert left_behind(base, version(prod(name="Live"))) == []
    moved = left_behind(in_region("eu-west-1"), in_region("eu-west-2"))
    assert moved == ["OELabFoundation", "OELabInventory", "OELabStack1", "OELabStack2"]


def in_region(
    region: str, *, suffix: bool = False, account: str = "111122223333"
) -> dict[str, Stack]:
    return version(lab(account=account, region=region, role=RoleSettings(region_suffix=suffix)))


def test_a_stack_in_another_region_conflicts_with_the_names_that_it_leaves() -> None:
    assert notes(in_region("eu-west-1"), in_region("eu-west-2")) == [
        (CONFLICT, "OELabFoundation/ManagedInstancesRole6A00602B"),
        (CONFLICT, "OELabFoundation/ManagedInstancesRoleInstanceProfile913BF133"),
    ]


def test_names_that_differ_do_not_conflict() -> None:
    here, there = (in_region(region, suffix=True) for region in ("eu-west-1", "eu-west-2"))
    assert notes(here, there) == []
    elsewhere = in_region("eu-west-2", account="444455556666")
    assert notes(in_region("eu-west-1"), elsewhere) == []


def test_a_conflict_by_conditions_says_so() -> None:
    before, after = CONFLICTS["a name of two conditions"]
    (change,) = compare(before, after)
    (note,) = change.notes
    assert note.reason.endswith("where the conditions of both hold")


RANGES = {"R": {"Type": "String", "Default": "10.0.0.0/24"}}
ELSEWHERE = {"R": {"Type": "String", "Default": "10.0.9.0/24"}}


def by_hand(parameters: object = None, **resources: Any) -> dict[str, Stack]:
    template = {"Parameters": parameters or {}, "Resources": resources}
    return {"Own": Stack(name="Own", template=template)}


def subnet(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-1", **properties}}


def instance(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "S"}, **properties}}


def gathering(key: str, name: str = "AWS-GatherSoftwareInventory") -> dict[str, Any]:
    targets = [{"Key": f"tag:{key}", "Values": ["x"]}]
    return {"Type": "AWS::SSM::Association", "Properties": {"Name": name, "Targets": targets}}


def zone(letter: str, **properties: Any) -> dict[str, Any]:
    return subnet(AvailabilityZone=f"eu-west-1{letter}", **properties)


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "Nodes", **properties}}


def egress(port: int) -> dict[str, Any]:
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"}
    return {"SecurityGroupEgress": [rule]}


def group(properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


def route(**properties: Any) -> dict[str, Any]:
    same = {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0"}
    return {"Type": "AWS::EC2::Route", "Properties": same | properties}


def attachment(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": properties}


def vpc(cidr: str) -> dict[str, Any]:
    return {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}}


def policy(**properties: Any) -> dict[str, Any]:
    same = {"ManagedPolicyName": "Reviewer"}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": same | properties}


def log_group(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "it", **properties}}


def bucket_policy() -> dict[str, Any]:
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}}}


def table_association(table: str) -> dict[str, Any]:
    properties = {"SubnetId": "subnet-1", "RouteTableId": table}
    return {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": properties}


UNNAMED = {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}}
WANTED = {"Condition": "Wanted"}
OTHERWISE = {"Condition": "Otherwise"}
CONFLICTS = {
    "a name that another path does not change": (by_hand(R=role()), by_hand(R=role(Path="/x/"))),
    "a name of another logical id": (by_hand(Old=role()), by_hand(New=role())),
    "a name that a kept resource has": (
        by_hand(Old=role() | {"DeletionPolicy": "Retain"}),
        by_hand(New=role()),
    ),
    "a name of two conditions": (by_hand(Old=role() | WANTED), by_hand(New=role() | OTHERWISE)),
    "a name that may stay": (
        by_hand(Old=role()),
        by_hand(Old=role() | WANTED, New=role() | OTHERWISE),
    ),
    "a name that is no primary identifier": (
        by_hand(P=policy()),
        by_hand(P=policy(Description="Other words")),
    ),
    "a name of a type that the lab does not define": (
        by_hand(Old=log_group(RetentionInDays=1)),
        by_hand(New=log_group(RetentionInDays=7)),
    ),
    "the policy of a bucket": (by_hand(Old=bucket_policy()), by_hand(New=bucket_policy())),
    "a route of another logical id": (by_hand(Old=route()), by_hand(New=route(GatewayId="igw-2"))),
    "a route table association of another logical id": (
        by_hand(Old=table_association("r")),
        by_hand(New=table_association("r")),
    ),
    "a second gateway of a VPC": (
        by_hand(Old=attachment(VpcId="vpc-1", InternetGatewayId="igw-1")),
        by_hand(New=attachment(VpcId="vpc-1", InternetGatewayId="igw-2")),
    ),
    "a second VPC of a gateway": (
        by_hand(Old=attachment(VpcId="vpc-1", InternetGatewayId="igw-1")),
        by_hand(New=attachment(VpcId="vpc-2", InternetGatewayId="igw-1")),
    ),
    "range of a parameter": (
        by_hand(RANGES, S=zone("a", CidrBlock={"Ref": "R"})),
        by_hand(RANGES, S=zone("b", CidrBlock={"Ref": "R"})),
    ),
    "vpc of a parameter": (
        by_hand(RANGES, S=zone("a", CidrBlock="10.0.0.0/24", VpcId={"Ref": "V"})),
        by_hand(RANGES, S=zone("b", CidrBlock="10.0.0.0/24", VpcId={"Ref": "V"})),
    ),
    "subnet of another logical id": (
        by_hand(Old=subnet(CidrBlock="10.0.0.0/24")),
        by_hand(New=subnet(CidrBlock="10.0.0.0/25")),
    ),
    "an association of another logical id": (
        by_hand(A=gathering("one")),
        by_hand(B=gathering("one")),
    ),
}
OTHER_NOTES = {
    "rules that are none": (
        by_hand(G=group(egress(443))),
        by_hand(G=group({"SecurityGroupEgress": {"Ref": "AWS::NoValue"}})),
        "NothingGoesOut",
    ),
    "a group that loses its rules": (
        by_hand(G=group(egress(443))),
        by_hand(G=group({})),
        "NothingGoesOut",
    ),
    "user data of instances that stay": (
        by_hand(I=instance()),
        by_hand(I=instance(UserData="x")),
        "UserDataDoesNotRun",
    ),
    "public": (
        by_hand(S=subnet(MapPublicIpOnLaunch=True), I=instance()),
        by_hand(S=subnet(), I=instance()),
        "PublicAddressStays",
    ),
}
NO_NOTES = {
    "another name": (by_hand(R=role()), by_hand(R=role(RoleName="Others"))),
    "no name": (by_hand(Old=UNNAMED), by_hand(New=UNNAMED)),
    "a name of a resource that is replaced": (
        by_hand(V=vpc("10.0.0.0/16"), R=role(RoleName={"Ref": "V"})),
        by_hand(V=vpc("10.0.0.0/8"), R=role(RoleName={"Ref": "V"})),
    ),
    "another route": (
        by_hand(Old=route()),
        by_hand(New=route(DestinationCidrBlock="10.0.0.0/8")),
    ),
    "other rules": (by_hand(G=group(egress(443))), by_hand(G=group(egress(80)))),
    "a new group": (
        by_hand(G=group(egress(443))),
        by_hand(G=group({"GroupDescription": "new"})),
    ),
    "gateways of two kinds": (
        by_hand(Old=attachment(VpcId="vpc-1", InternetGatewayId="igw-1")),
        by_hand(New=attachment(VpcId="vpc-1", VpnGatewayId="vgw-1")),
    ),
    "the same written as a text": (
        by_hand(S=subnet(MapPublicIpOnLaunch=True), I=instance()),
        by_hand(S=subnet(MapPublicIpOnLaunch="true"), I=instance(), V=vpc("10.0.0.0/16")),
    ),
    "an association of another table": (
        by_hand(A=table_association("r")),
        by_hand(A=table_association("q")),
    ),
    "user data of instances that are replaced": (
        by_hand(I=instance()),
        by_hand(I=instance(UserData="x", KeyName="k")),
    ),
    "another default of a range": (
        by_hand(RANGES, S=zone("a", CidrBlock={"Ref": "R"})),
        by_hand(ELSEWHERE, S=zone("b", CidrBlock={"Ref": "R"})),
    ),
    "a range that is allotted": (
        by_hand(S=zone("a", Ipv4IpamPoolId="p")),
        by_hand(S=zone("b", Ipv4IpamPoolId="p")),
    ),
    "another VPC": (
        by_hand(S=zone("a", CidrBlock="10.0.0.0/24")),
        by_hand(S=zone("a", CidrBlock="10.0.0.0/24", VpcId="vpc-2")),
    ),
    "a VPC that is replaced": (
        by_hand(V=vpc("10.0.0.0/16"), S=zone("a", CidrBlock="10.0.0.0/24", VpcId={"Ref": "V"})),
        by_hand(V=vpc("10.0.0.0/8"), S=zone("a", CidrBlock="10.0.0.0/24", VpcId={"Ref": "V"})),
    ),
    "no public address said outright": (
        by_hand(S=subnet(), I=instance()),
        by_hand(S=subnet(MapPublicIpOnLaunch=False), I=instance(), V=vpc("10.0.0.0/16")),
    ),
    "no instances": (by_hand(S=subnet(MapPublicIpOnLaunch=True)), by_hand(S=subnet())),
    "new instances": (
        by_hand(S=subnet(MapPublicIpOnLaunch=True)),
        by_hand(S=subnet(), I=instance()),
    ),
    "associations of something else": (
        by_hand(A=gathering("one", "AWS-UpdateSSMAgent")),
        by_hand(B=gathering("one", "AWS-UpdateSSMAgent")),
    ),
    "associations of other nodes": (by_hand(A=gathering("one")), by_hand(B=gathering("two"))),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_new_resource_conflicts_with_an_old_one(name: str) -> None:
    assert rules(*CONFLICTS[name]) == [CONFLICT]


def test_each_conflict_is_reported() -> None:
    before = by_hand(A=gathering("one"), B=gathering("two"))
    after = by_hand(C=gathering("one"), D=gathering("two"))
    assert notes(before, after) == [(CONFLICT, "Own/C"), (CONFLICT, "Own/D")]


@pytest.mark.parametrize("name", OTHER_NOTES)
def test_what_does_not_happen_is_noted(name: str) -> None:
    before, after, rule = OTHER_NOTES[name]
    assert rules(before, after) == [rule]


@pytest.mark.parametrize("name", NO_NOTES)
def test_a_change_that_does_what_its_effect_says_has_no_note(name: str) -> None:
    before, after = NO_NOTES[name]
    assert compare(before, after)
    assert rules(before, after) == []
