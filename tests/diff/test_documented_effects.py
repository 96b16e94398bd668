"""Each mutation has the effect that the CloudFormation template reference documents."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from oelab.diff.compare import compare
from oelab.diff.vocabulary import Effect
from oelab.template.assembly import Stack

REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
UPDATES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "documented_updates.toml").read_text()
)
PROPERTIES = [
    pytest.param(resource_type, name, *values, Effect[effect.upper()], id=f"{resource_type}.{name}")
    for resource_type, entry in UPDATES.items()
    for effect, properties in entry.items()
    if effect != "source"
    for name, values in properties.items()
]

Resources = dict[str, dict[str, Any]]


def effects(before: Resources, after: Resources) -> dict[str, Effect]:
    changes = compare(stack(before), stack(after))
    return {each.logical_id: each.effect for change in changes for each in change.resources}


def unknown(before: Resources, after: Resources) -> set[object]:
    """The subjects of the findings on effects that are unknown."""
    notes = [note for change in compare(stack(before), stack(after)) for note in change.notes]
    return {note.subject for note in notes if note.rule == "UnknownEffect"}


def stack(resources: Resources) -> dict[str, Stack]:
    return {"S": Stack(name="S", template={"Resources": resources})}


def resource(resource_type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": resource_type, "Properties": properties}


@pytest.mark.parametrize(("resource_type", "name", "before", "after", "effect"), PROPERTIES)
def test_an_update_of_a_property_does_what_is_documented(
    resource_type: str, name: str, before: Any, after: Any, effect: Effect
) -> None:
    old, new = ({"It": resource(resource_type, **{name: each})} for each in (before, after))
    assert effects(old, new) == effects(new, old) == {"It": effect}
    assert unknown(old, new) == set()


class Reading(NamedTuple):
    """A create-only property that reads a resource whose property changes from `one` to `two`."""

    source: str
    """The page that says what the attribute returns."""
    type: str
    property: str
    attribute: str
    """`Ref` for what Ref returns."""
    reader: Effect | None
    """What happens to the reader; None for nothing."""
    own: Effect = Effect.CHANGED


MAYBE, STAYS = Effect.MAY_BE_REPLACED, None
EC2, IAM, SSM = "aws-resource-ec2", "aws-resource-iam", "aws-resource-ssm"
TEMPLATE, VPC = f"{EC2}-launchtemplate", f"{EC2}-vpc"
CUSTOM = "aws-resource-cloudformation-customresource"
READINGS = [
    Reading(
        TEMPLATE, "AWS::EC2::LaunchTemplate", "LaunchTemplateData", "LatestVersionNumber", MAYBE
    ),
    Reading(
        TEMPLATE, "AWS::EC2::LaunchTemplate", "VersionDescription", "LatestVersionNumber", MAYBE
    ),
    Reading(
        TEMPLATE, "AWS::EC2::LaunchTemplate", "LaunchTemplateData", "DefaultVersionNumber", MAYBE
    ),
    Reading(TEMPLATE, "AWS::EC2::LaunchTemplate", "LaunchTemplateData", "LaunchTemplateId", STAYS),
    Reading(TEMPLATE, "AWS::EC2::LaunchTemplate", "LaunchTemplateData", "Ref", STAYS),
    Reading(f"{SSM}-parameter", "AWS::SSM::Parameter", "Value", "Value", MAYBE),
    Reading(f"{SSM}-parameter", "AWS::SSM::Parameter", "Value", "Ref", STAYS),
    Reading(f"{SSM}-document", "AWS::SSM::Document", "Tags", "Ref", STAYS),
    Reading(CUSTOM, "Custom::Thing", "Any", "Any", MAYBE, own=MAYBE),
    Reading(CUSTOM, "Custom::Thing", "Any", "Ref", MAYBE, own=MAYBE),
    Reading(CUSTOM, "AWS::CloudFormation::CustomResource", "Any", "Arn", MAYBE, own=MAYBE),
    Reading(VPC, "AWS::EC2::VPC", "Tags", "DefaultSecurityGroup", STAYS),
    Reading(VPC, "AWS::EC2::VPC", "Tags", "Ref", STAYS),
    Reading(VPC, "AWS::EC2::VPC", "EnableDnsSupport", "DefaultSecurityGroup", MAYBE),
    Reading(VPC, "AWS::EC2::VPC", "EnableDnsSupport", "CidrBlock", STAYS),
    Reading(VPC, "AWS::EC2::VPC", "EnableDnsSupport", "VpcId", STAYS),
    Reading(f"{EC2}-subnet", "AWS::EC2::Subnet", "MapPublicIpOnLaunch", "AvailabilityZone", STAYS),
    Reading(f"{EC2}-subnet", "AWS::EC2::Subnet", "MapPublicIpOnLaunch", "Ref", STAYS),
    Reading(
        f"{EC2}-securitygroup", "AWS::EC2::SecurityGroup", "SecurityGroupEgress", "GroupId", STAYS
    ),
    Reading(f"{EC2}-securitygroup", "AWS::EC2::SecurityGroup", "SecurityGroupEgress", "Ref", STAYS),
    Reading(
        f"{EC2}-securitygroup", "AWS::EC2::SecurityGroup", "SecurityGroupEgress", "VpcId", STAYS
    ),
    Reading(f"{EC2}-instance", "AWS::EC2::Instance", "IamInstanceProfile", "InstanceId", STAYS),
    Reading(
        f"{EC2}-instance",
        "AWS::EC2::Instance",
        "InstanceType",
        "PublicIp",
        MAYBE,
        own=Effect.STOPPED,
    ),
    Reading(f"{IAM}-role", "AWS::IAM::Role", "Policies", "Arn", STAYS),
    Reading(f"{IAM}-role", "AWS::IAM::Role", "Policies", "RoleId", STAYS),
    Reading(f"{IAM}-role", "AWS::IAM::Role", "Policies", "Ref", STAYS),
    Reading(f"{IAM}-instanceprofile", "AWS::IAM::InstanceProfile", "Roles", "Arn", STAYS),
    Reading(
        f"{IAM}-managedpolicy", "AWS::IAM::ManagedPolicy", "PolicyDocument", "PolicyArn", STAYS
    ),
    Reading("aws-resource-s3-bucket", "AWS::S3::Bucket", "BucketEncryption", "Arn", STAYS),
    Reading(
        "aws-resource-stepfunctions-statemachine",
        "AWS::StepFunctions::StateMachine",
        "DefinitionString",
        "StateMachineRevisionId",
        MAYBE,
    ),
    Reading(
        "aws-resource-stepfunctions-statemachine",
        "AWS::StepFunctions::StateMachine",
        "DefinitionString",
        "Arn",
        STAYS,
    ),
]


def test_each_mutation_has_its_page() -> None:
    assert len(PROPERTIES) + len(READINGS) >= 60
    pages = {each["source"] for each in UPDATES.values()}
    pages |= {f"{REFERENCE}/{each.source}.html" for each in READINGS}
    assert all(page.startswith(f"{REFERENCE}/aws-resource-") for page in pages)


@pytest.mark.parametrize("case", READINGS, ids=lambda case: f"{case.type}.{case.attribute}")
def test_a_create_only_property_that_reads_what_changes(case: Reading) -> None:
    def resources(value: str) -> Resources:
        read = (
            {"Ref": "Read"} if case.attribute == "Ref" else {"Fn::GetAtt": ["Read", case.attribute]}
        )
        return {
            "Read": resource(case.type, **{case.property: value}),
            "Reader": resource("AWS::EC2::Instance", KeyName=read),
        }

    expected = {"Read": case.own} | ({"Reader": case.reader} if case.reader else {})
    assert effects(resources("one"), resources("two")) == expected


@pytest.mark.parametrize(
    "version",
    [
        {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
        {"Fn::GetAtt": "Template.LatestVersionNumber"},
        {"Fn::Sub": "${Template.LatestVersionNumber}"},
        {"Fn::GetAtt": ["Template", {"Ref": "Attribute"}]},
        {"Fn::If": ["Newest", {"Fn::GetAtt": "Template.LatestVersionNumber"}, "1"]},
    ],
)
def test_an_instance_of_a_launch_template_may_be_replaced_however_its_version_is_read(
    version: object,
) -> None:
    def resources(key: str) -> Resources:
        launch = {"LaunchTemplateId": {"Ref": "Template"}, "Version": version}
        return {
            "Template": resource("AWS::EC2::LaunchTemplate", LaunchTemplateData={"KeyName": key}),
            "Web": resource("AWS::EC2::Instance", LaunchTemplate=launch),
        }

    found = effects(resources("one"), resources("two"))
    assert found == {"Template": Effect.CHANGED, "Web": MAYBE}


def test_attributes_that_change_go_on_through_resources_that_are_changed_in_place() -> None:
    def resources(value: str) -> Resources:
        return {
            "One": resource("AWS::SSM::Parameter", Value=value),
            "Two": resource("AWS::SSM::Parameter", Value={"Fn::GetAtt": "One.Value"}),
            "Web": resource("AWS::EC2::Instance", KeyName={"Fn::GetAtt": "Two.Value"}),
        }

    changes = compare(stack(resources("one")), stack(resources("two")))
    found = {each.logical_id: each for change in changes for each in change.resources}
    assert {name: each.effect for name, each in found.items()} == {
        "One": Effect.CHANGED,
        "Two": Effect.CHANGED,
        "Web": MAYBE,
    }
    assert [each.because_of for each in found["Web"].properties] == ["Two"]


def test_a_property_that_stays_keeps_the_attribute_of_its_name() -> None:
    def resources(description: str) -> Resources:
        return {
            "One": resource("AWS::SSM::Parameter", Value="v", Description=description),
            "Web": resource("AWS::EC2::Instance", KeyName={"Fn::GetAtt": "One.Value"}),
        }

    assert effects(resources("one"), resources("two")) == {"One": Effect.CHANGED}


@pytest.mark.parametrize(
    "resource_type",
    [
        "Custom::Thing",
        "AWS::CloudFormation::CustomResource",
        "AWS::Serverless::Function",
        "AWS::No::SuchType",
        "Own::Private::Type",
        "Own::Private::Module::MODULE",
    ],
)
def test_a_type_without_schema_may_be_replaced_and_is_named(resource_type: str) -> None:
    old, new = ({"It": resource(resource_type, Any=each)} for each in ("one", "two"))
    assert effects(old, new) == {"It": MAYBE}
    assert unknown(old, new) == {"S/It"}
    assert unknown(old, old) == unknown(old, {}) == unknown({}, old) == set()


@pytest.mark.parametrize(
    ("before", "after", "is_unknown"),
    [
        ({"NoSuch": "one"}, {"NoSuch": "two"}, True),
        ({}, {"NoSuch": "one"}, True),
        ({"MetadataOptions": {"NoSuch": 1}}, {"MetadataOptions": {"NoSuch": 2}}, True),
        ({"NoSuch": "one", "Monitoring": True}, {"NoSuch": "one", "Monitoring": False}, False),
    ],
)
def test_a_property_that_the_schema_does_not_have_may_replace_and_is_named(
    before: dict[str, Any], after: dict[str, Any], is_unknown: bool
) -> None:
    old, new = ({"It": resource("AWS::EC2::Instance", **each)} for each in (before, after))
    assert effects(old, new) == {"It": MAYBE if is_unknown else Effect.CHANGED}
    assert unknown(old, new) == ({"S/It"} if is_unknown else set())
