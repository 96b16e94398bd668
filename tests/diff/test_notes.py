"""What AWS will not do, though the templates alone look as if it would."""

import dataclasses
from typing import Any

import pytest

from oelab.diff import Stack, compare, guard
from oelab.settings import LogSettings, Settings
from tests.diff.versions import association, inventory, lab, override, prod, version

PINNED = "ami-0123456789abcdef0"


@pytest.fixture(scope="module")
def base() -> dict[str, Stack]:
    return version()


def notes(before: dict[str, Stack], after: dict[str, Stack], beginning: str) -> list[str]:
    """The notes that begin so, of all stacks."""
    found = [note for change in compare(before, after) for note in change.notes]
    return [note for note in found if beginning in note]


IMPOSSIBLE: dict[str, tuple[Settings, str]] = {
    "network range": (
        prod(vpc_cidr="10.1.0.0/16", subnet_cidr="10.1.0.0/24"),
        "cannot be deployed: the new NetworkGatewayAttachment",
    ),
    "zone": (prod(availability_zone="us-east-1b"), "cannot be deployed: the new NetworkSubnet"),
    "wider subnet": (prod(subnet_cidr="10.0.0.0/20"), "cannot be deployed: the new NetworkSubnet"),
    "private": (prod(private=True), "will not work: App1, App2, Web1, Web2 "),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_deployed_is_said(base: dict[str, Stack], name: str) -> None:
    settings, said = IMPOSSIBLE[name]
    there = notes(base, version(settings), said)
    back = notes(version(settings), base, said)
    assert len(there) == len(back) == 1
    assert there[0].endswith("delete the stack and deploy it again")


@pytest.mark.parametrize(
    "settings",
    [
        prod(subnet_cidr="10.0.1.0/24"),
        prod(availability_zone="us-east-1b", subnet_cidr="10.0.1.0/24"),
        prod(key_name="lab"),
        prod(subnet_id="subnet-0123456789abcdef0", security_group_ids=("sg-0123456789abcdef0",)),
    ],
)
def test_what_can_be_deployed_is_not_called_impossible(
    base: dict[str, Stack], settings: Settings
) -> None:
    assert not notes(base, version(settings), "cannot be deployed")
    assert not notes(base, version(settings), "will not work")


def test_instances_that_are_replaced_take_the_new_kind_of_address(base: dict[str, Stack]) -> None:
    assert not notes(base, version(prod(private=True, key_name="lab")), "will not work")


def test_a_renamed_association_meets_its_old_self(base: dict[str, Stack]) -> None:
    (note,) = notes(base, version(association(name="Other")), "is made, and runs, before")
    assert "an association keeps its id with its name" in note


def test_a_pin_may_be_the_image_that_runs(base: dict[str, Stack]) -> None:
    pinned = version(lab(image=PINNED))
    for before, after in ((base, pinned), (pinned, base)):
        test, prod_ = notes(before, after, "unless they run the new image already")
        assert test == prod_
        assert test.startswith("App1, App2, Web1, Web2 are replaced unless")
    other = version(lab(image="ami-0123456789abcdef1"))
    assert not notes(pinned, other, "unless they run the new image already")


def test_the_guard_asks_for_a_pin_of_what_is_protected_too(base: dict[str, Stack]) -> None:
    verdict = guard(compare(base, version(lab(image=PINNED))), base)
    assert {refusal.key.partition("/")[0] for refusal in verdict.refusals} == {"OELabStack2"}


def test_a_pin_does_not_spare_what_is_replaced_anyway(base: dict[str, Stack]) -> None:
    both = version(dataclasses.replace(prod(key_name="lab"), image=PINNED))
    found = {change.name: change.notes for change in compare(base, both)}
    assert found["OELabStack2"] == ()
    (note,) = found["OELabStack1"]
    assert "unless they run the new image already" in note


def test_a_condition_is_weighed() -> None:
    before, after = IN_THE_WAY["a name of two conditions"]
    (note,) = notes(before, after, "")
    assert note.startswith("cannot be deployed where both are there by their conditions: ")


def test_a_bucket_that_is_replaced_stays() -> None:
    logged = inventory(logs=LogSettings(create_bucket=True))
    renamed = override("OELabInventory", "Logs", "Bucket", BucketName="other-logs")
    (note,) = notes(version(logged), version(logged, renamed), "the old one stays")
    assert note.startswith("LogsBucket")


def test_policies_that_people_have_are_guarded(base: dict[str, Stack]) -> None:
    described = override("OELabFoundation", "FleetAccess", "Reviewer", Description="Other words")
    verdict = guard(compare(base, version(edit=described)), base)
    assert [refusal.type for refusal in verdict.refusals] == ["AWS::IAM::ManagedPolicy"]


VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
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


def images(*regions: str, at: str = "", asked: bool = True) -> dict[str, Stack]:
    mapping = {region: {"Id": "ami-1"} for region in regions}
    image = {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "Id"]} if asked else "ami-1"
    template = {"Mappings": {"Images": mapping}, "Resources": {"I": instance(ImageId=image)}}
    environment = f"111122223333/{at}" if at else ""
    return {"Own": Stack(name="Own", template=template, environment=environment)}


def attachment(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": properties}


def own(environment: str) -> dict[str, Stack]:
    return {"Own": Stack(name="Own", template={"Resources": {}}, environment=environment)}


ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
NAT = {"Type": "AWS::EC2::NatGateway", "Properties": {}}
WANTED = {"Condition": "Wanted"}
OTHERWISE = {"Condition": "Otherwise"}


IN_THE_WAY = {
    "a name that another path does not change": (by_hand(R=role()), by_hand(R=role(Path="/x/"))),
    "a name of another logical id": (by_hand(Old=role()), by_hand(New=role())),
    "a name that a kept resource has": (
        by_hand(Old=role() | {"DeletionPolicy": "Retain"}),
        by_hand(New=role()),
    ),
    "a route of another logical id": (by_hand(Old=route()), by_hand(New=route(GatewayId="igw-2"))),
    "a second gateway of a VPC": (
        by_hand(Old=attachment(VpcId="vpc-1", InternetGatewayId="igw-1")),
        by_hand(New=attachment(VpcId="vpc-1", InternetGatewayId="igw-2")),
    ),
    "a second VPC of a gateway": (
        by_hand(Old=attachment(VpcId="vpc-1", InternetGatewayId="igw-1")),
        by_hand(New=attachment(VpcId="vpc-2", InternetGatewayId="igw-1")),
    ),
    "a name of two conditions": (by_hand(Old=role() | WANTED), by_hand(New=role() | OTHERWISE)),
    "a name that may stay": (
        by_hand(Old=role()),
        by_hand(Old=role() | WANTED, New=role() | OTHERWISE),
    ),
    "a Region that gets its key back": (images("eu-west-2"), images("eu-west-1", "eu-west-2")),
    "an environment that is given": (own(""), own("111122223333/eu-west-1")),
    "an environment that is not given any more": (own("111122223333/eu-west-1"), own("")),
    "rules that are none": (
        by_hand(G=group(egress(443))),
        by_hand(G=group({"SecurityGroupEgress": {"Ref": "AWS::NoValue"}})),
    ),
    "a group that loses its rules": (by_hand(G=group(egress(443))), by_hand(G=group({}))),
    "a Region that loses its key": (images("eu-west-1", "eu-west-2"), images("eu-west-2")),
    "user data of instances that stay": (by_hand(I=instance()), by_hand(I=instance(UserData="x"))),
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
    "public": (
        by_hand(S=subnet(MapPublicIpOnLaunch=True), I=instance()),
        by_hand(S=subnet(), I=instance()),
    ),
    "two renamed associations": (
        by_hand(A=gathering("one"), B=gathering("two")),
        by_hand(C=gathering("one"), D=gathering("two")),
    ),
}
NOT_IN_THE_WAY = {
    "another name": (by_hand(R=role()), by_hand(R=role(RoleName="Others"))),
    "no name": (by_hand(Old=role(RoleName=None)), by_hand(New=role(RoleName=None))),
    "another route": (
        by_hand(Old=route()),
        by_hand(New=route(DestinationCidrBlock="10.0.0.0/8")),
    ),
    "other rules": (by_hand(G=group(egress(443))), by_hand(G=group(egress(80)))),
    "a group made anew": (
        by_hand(G=group(egress(443))),
        by_hand(G=group({"GroupDescription": "anew"})),
    ),
    "a Region of a mapping that nobody asks": (
        images("eu-west-1", "eu-west-2", asked=False),
        images("eu-west-2", asked=False),
    ),
    "another Region than that of the stack": (
        images("eu-west-1", "eu-west-2", at="eu-west-2"),
        images("eu-west-2", at="eu-west-2"),
    ),
    "gateways of two kinds": (
        by_hand(Old=attachment(VpcId="vpc-1", InternetGatewayId="igw-1")),
        by_hand(New=attachment(VpcId="vpc-1", VpnGatewayId="vgw-1")),
    ),
    "no public address behind a NAT gateway": (
        by_hand(S=subnet(MapPublicIpOnLaunch=True), I=instance(), N=NAT),
        by_hand(S=subnet(), I=instance(), N=NAT),
    ),
    "the same said in words": (
        by_hand(S=subnet(MapPublicIpOnLaunch=True), I=instance()),
        by_hand(S=subnet(MapPublicIpOnLaunch="true"), I=instance()),
    ),
    "an association of another table": (
        by_hand(A={"Type": ASSOCIATION, "Properties": {"SubnetId": "s", "RouteTableId": "r"}}),
        by_hand(A={"Type": ASSOCIATION, "Properties": {"SubnetId": "s", "RouteTableId": "q"}}),
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
        by_hand(V=VPC, S=zone("a", CidrBlock="10.0.0.0/24", VpcId={"Ref": "V"})),
        by_hand(
            V={**VPC, "Properties": {"CidrBlock": "10.0.0.0/8"}},
            S=zone("a", CidrBlock="10.0.0.0/24", VpcId={"Ref": "V"}),
        ),
    ),
    "no public address said outright": (
        by_hand(S=subnet(), I=instance()),
        by_hand(S=subnet(MapPublicIpOnLaunch=False), I=instance()),
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


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_whatever_the_templates_look_like(name: str) -> None:
    before, after = IN_THE_WAY[name]
    assert len(notes(before, after, "")) == (2 if name.startswith("two") else 1)


@pytest.mark.parametrize("name", NOT_IN_THE_WAY)
def test_what_is_not_in_the_way_is_not_said_to_be(name: str) -> None:
    before, after = NOT_IN_THE_WAY[name]
    assert compare(before, after)
    assert notes(before, after, "") == []
