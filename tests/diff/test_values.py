"""Values as CloudFormation resolves them, on templates of a few lines."""

from typing import Any

import pytest

from oelab.diff.compare import compare
from oelab.diff.resources import ResourceChange
from oelab.diff.vocabulary import Effect, Replacement
from oelab.environment import Environment
from oelab.template.assembly import Stack

SSM_IMAGE = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"


def instance(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::Instance", "Properties": properties}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, ResourceChange]:
    base, head = ({"S": Stack(name="S", template=template)} for template in (before, after))
    changes = compare(base, head)
    return {each.logical_id: each for change in changes for each in change.resources}


def with_image(name: str, default: str) -> dict[str, Any]:
    return {
        "Parameters": {name: {"Type": SSM_IMAGE, "Default": default}},
        "Resources": {"Web1": instance(ImageId={"Ref": name})},
    }


def test_a_new_default_of_a_parameter_changes_what_refers_to_it() -> None:
    found = changed(with_image("Image", "/one"), with_image("Image", "/two"))
    # Both parameters may hold the same.
    assert found["Web1"].effect is Effect.MAY_BE_REPLACED
    assert found["Web1"].properties[0].name == "ImageId"


def test_a_new_name_of_a_parameter_changes_nothing() -> None:
    assert changed(with_image("Image", "/one"), with_image("Other", "/one")) == {}


def test_a_condition_counts_as_what_it_says() -> None:
    def template(region: str) -> dict[str, Any]:
        value = {"Fn::If": ["Chosen", "ami-1", "ami-2"]}
        condition = {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}
        return {
            "Conditions": {"Chosen": condition},
            "Resources": {"Web1": instance(ImageId=value)},
        }

    assert changed(template("r1"), template("r2"))["Web1"].effect is Effect.REPLACED
    assert changed(template("r1"), template("r1")) == {}


def test_branches_of_a_condition_count_by_their_place() -> None:
    def template(*branches: object) -> dict[str, Any]:
        return {"Resources": {"Web1": instance(KeyName={"Fn::If": ["Chosen", *branches]})}}

    nothing = {"Ref": "AWS::NoValue"}
    found = changed(template("lab", nothing), template(nothing, "lab"))
    assert found["Web1"].effect is Effect.REPLACED


def test_variables_of_a_sub_count_as_what_they_come_to() -> None:
    def template(default: str) -> dict[str, Any]:
        return {
            "Parameters": {"P": {"Type": "String", "Default": default}},
            "Resources": {"Web1": instance(KeyName={"Fn::Sub": ["${x}", {"x": {"Ref": "P"}}]})},
        }

    assert changed(template("one"), template("two"))["Web1"].effect is Effect.REPLACED


def test_a_default_written_out_is_the_same_value() -> None:
    before = {
        "Parameters": {"P": {"Type": "String", "Default": "lab"}},
        "Resources": {"Web1": instance(KeyName={"Ref": "P"})},
    }
    assert changed(before, {"Resources": {"Web1": instance(KeyName="lab")}}) == {}


def test_a_change_of_its_own_hides_no_replacement_by_a_reference() -> None:
    def template(name: str, kind: str) -> dict[str, Any]:
        options = {"PrivateDnsPreference": {"Ref": "Group"}, "DnsRecordIpType": kind}
        group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": name}}
        endpoint = {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"DnsOptions": options}}
        return {"Resources": {"Group": group, "Endpoint": endpoint}}

    by_reference = changed(template("one", "ipv4"), template("two", "ipv4"))["Endpoint"]
    both = changed(template("one", "ipv4"), template("two", "ipv6"))["Endpoint"]
    assert by_reference.effect is both.effect is Effect.REPLACED
    (options,) = both.properties
    assert (options.because_of, options.after["DnsRecordIpType"]) == ("Group", "ipv6")


CONDITIONAL = {
    "a new one": ({}, {"Condition": "Wanted"}, "yes"),
    "another one": ({"Condition": "Wanted"}, {"Condition": "AlsoWanted"}, "yes"),
    "the same that says something else": (
        {"Condition": "Wanted"},
        {"Condition": "Wanted"},
        "no longer",
    ),
}


def conditional(attributes: dict[str, Any], wanted: str) -> dict[str, Any]:
    return {
        "Conditions": {
            "Wanted": {"Fn::Equals": [{"Ref": "AWS::Region"}, wanted]},
            "AlsoWanted": {"Fn::Equals": [{"Ref": "AWS::Partition"}, wanted]},
            "SameAsWanted": {"Fn::Equals": [{"Ref": "AWS::Region"}, wanted]},
        },
        "Resources": {"Web1": instance() | attributes},
    }


@pytest.mark.parametrize("name", CONDITIONAL)
def test_a_resource_of_a_condition_may_go_with_it(name: str) -> None:
    before, after, wanted = CONDITIONAL[name]
    found = changed(conditional(before, "yes"), conditional(after, wanted))
    assert found["Web1"].effect is Effect.MAY_BE_REMOVED


@pytest.mark.parametrize("after", [{}, {"Condition": "SameAsWanted"}])
def test_a_condition_that_goes_or_has_another_name_removes_nothing(after: dict[str, Any]) -> None:
    found = changed(conditional({"Condition": "Wanted"}, "yes"), conditional(after, "yes"))
    assert {each.effect for each in found.values()} <= {Effect.CHANGED}


def test_a_mapping_counts_as_what_it_says_in_both_versions() -> None:
    def template(**images: str) -> dict[str, Any]:
        value = {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "Id"]}
        return {
            "Mappings": {"Images": {region: {"Id": image} for region, image in images.items()}},
            "Resources": {"Web1": instance(ImageId=value)},
        }

    before = template(r1="ami-1", r2="ami-2")
    assert changed(before, template(r1="ami-1", r2="ami-3"))["Web1"].effect is Effect.REPLACED
    assert changed(before, template(r1="ami-1", r2="ami-2", r3="ami-3")) == {}


def looked_up(
    lookup: list[Any], region: str = "", **images: str
) -> tuple[dict[str, Any], Environment]:
    mappings = {"Images": {region: {"Id": image} for region, image in images.items()}}
    parameter = {"Type": "String"}
    template = {
        "Transform": "AWS::LanguageExtensions",
        "Mappings": mappings,
        "Parameters": {"Open": parameter, "Named": parameter | {"Default": "Images"}},
        "Resources": {"Web1": instance(ImageId={"Fn::FindInMap": lookup})},
    }
    return template, Environment(region=region)


REGION = {"Ref": "AWS::Region"}
DEFAULT = {"DefaultValue": "ami-9"}
WITH_DEFAULT = ["Images", REGION, "Id", DEFAULT]


@pytest.mark.parametrize(
    ("lookup", "region", "before", "after", "effect"),
    [
        # The stack may be the one that the new key is for, or not.
        (WITH_DEFAULT, "", {}, {"r1": "ami-1"}, Effect.MAY_BE_REPLACED),
        (WITH_DEFAULT, "", {"r1": "ami-1"}, {"r1": "ami-2"}, Effect.MAY_BE_REPLACED),
        (WITH_DEFAULT, "r1", {}, {"r1": "ami-1"}, Effect.REPLACED),
        (WITH_DEFAULT, "r1", {"r1": "ami-1"}, {"r1": "ami-1", "r2": "ami-2"}, None),
        (WITH_DEFAULT, "r1", {"r1": "ami-9"}, {}, None),
        (["Images", REGION, "Id"], "r1", {"r1": "ami-1"}, {"r1": "ami-1", "r2": "x"}, None),
        (["Images", REGION, "Id"], "r1", {"r1": "a", "r2": "x"}, {"r1": "a", "r2": "y"}, None),
        # The name of the mapping is known only at the deployment.
        ([{"Ref": "Open"}, "r1", "Id"], "", {"r1": "a"}, {"r1": "b"}, Effect.MAY_BE_REPLACED),
        ([{"Ref": "Named"}, "r1", "Id"], "", {"r1": "a"}, {"r1": "b"}, Effect.REPLACED),
        ([{"Ref": "Named"}, "r1", "Id"], "", {"r1": "a"}, {"r1": "a", "r2": "b"}, None),
    ],
)
def test_a_lookup_counts_as_what_it_finds_where_that_is_known(
    lookup: list[Any],
    region: str,
    before: dict[str, str],
    after: dict[str, str],
    effect: Effect | None,
) -> None:
    sides = (looked_up(lookup, region, **each) for each in (before, after))
    base, head = ({"S": Stack(name="S", template=t, environment=e)} for t, e in sides)
    found = [each.effect for change in compare(base, head) for each in change.resources]
    assert found == ([effect] if effect else [])


def test_an_environment_that_only_one_version_names_is_that_of_both() -> None:
    template = {"Resources": {"Web1": instance(KeyName={"Ref": "AWS::Region"})}}
    base, head = (
        {"S": Stack(name="S", template=template, environment=each)}
        for each in (Environment(), Environment("111122223333", "eu-west-1"))
    )
    assert [change.resources for change in compare(base, head)] == [()]


def test_a_substituted_parameter_counts_as_its_default() -> None:
    def template(default: str) -> dict[str, Any]:
        page = {"Fn::Base64": {"Fn::Sub": "echo ${Page}"}}
        return {
            "Parameters": {"Page": {"Type": "String", "Default": default}},
            "Resources": {"Web1": instance(UserData=page)},
        }

    assert changed(template("one"), template("two"))["Web1"].effect is Effect.STOPPED


def test_no_value_is_the_same_as_none() -> None:
    nothing = {"Resources": {"Web1": instance()}}
    no_value = {"Resources": {"Web1": instance(KeyName={"Ref": "AWS::NoValue"})}}
    assert changed(nothing, no_value) == {}


@pytest.mark.parametrize("key_comes", [True, False])
def test_a_create_only_property_that_comes_or_goes_replaces(key_comes: bool) -> None:
    versions = [{"Resources": {"Web1": instance()}}, {"Resources": {"Web1": instance(KeyName="k")}}]
    before, after = versions if key_comes else reversed(versions)
    assert changed(before, after)["Web1"].effect is Effect.REPLACED


@pytest.mark.parametrize(
    ("change", "effect"),
    [({"Name": "other"}, Effect.REPLACED), ({"Parameters": {"k": "v"}}, Effect.CHANGED)],
)
def test_within_a_property_only_what_is_create_only_replaces(
    change: dict[str, Any], effect: Effect
) -> None:
    def template(table: dict[str, Any]) -> dict[str, Any]:
        properties = {"CatalogId": "1", "DatabaseName": "d", "TableInput": table}
        return {"Resources": {"T": {"Type": "AWS::Glue::Table", "Properties": properties}}}

    name = {"Name": "one"}
    assert changed(template(name), template(name | change))["T"].effect is effect


def test_a_replacement_goes_on_through_references_and_says_so() -> None:
    def template(cidr: str, value: Any) -> dict[str, Any]:
        subnet = {"Type": "AWS::EC2::Subnet", "Properties": {"CidrBlock": cidr, "VpcId": "vpc-1"}}
        return {
            "Resources": {
                "Net": subnet,
                "Web1": instance(SubnetId=value),
                "Tagged": instance(Tags=[{"Key": "On", "Value": {"Ref": "Web1"}}]),
                "Last": instance(AvailabilityZone={"Fn::GetAtt": ["Tagged", "AvailabilityZone"]}),
            }
        }

    for reference in ({"Ref": "Net"}, {"Fn::GetAtt": "Net.SubnetId"}, {"Fn::Sub": "${Net}"}):
        found = changed(template("10.0.0.0/24", reference), template("10.0.1.0/24", reference))
        effects = {logical_id: each.effect for logical_id, each in found.items()}
        # `Tagged` changes in place, so what refers to it stays as it is.
        assert effects == {
            "Net": Effect.REPLACED,
            "Web1": Effect.REPLACED,
            "Tagged": Effect.CHANGED,
        }
        (why,) = found["Web1"].properties
        assert (why.name, why.because_of, why.replacement) == ("SubnetId", "Net", Replacement.YES)


def test_what_may_be_replaced_only_may_replace_others() -> None:
    def template(instance_type: str) -> dict[str, Any]:
        address = {"InstanceId": {"Ref": "Web1"}}
        return {
            "Resources": {
                "Web1": instance(InstanceType=instance_type),
                "Run": {"Type": "AWS::SSM::Association", "Properties": {"Name": "x"} | address},
            }
        }

    found = changed(template("t3.micro"), template("t3.small"))
    assert found["Web1"].effect is Effect.STOPPED
    assert found["Run"].effect is Effect.MAY_BE_REPLACED


def test_another_type_under_the_same_id_is_a_replacement() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {}}
    found = changed({"Resources": {"One": role}}, {"Resources": {"One": instance()}})
    assert found["One"].effect is Effect.REPLACED
