"""What expressions evaluate to before a deployment, and how they are read and printed."""

from typing import Any

import pytest

from oelab.environment import Environment
from oelab.template.assembly import Stack
from oelab.template.expression import Expression
from oelab.template.intrinsics import alternatives, format_value, reads, references

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Open": {"Type": "String"},
        "Named": {"Type": "String", "Default": "lab"},
        "Count": {"Type": "Number", "Default": 2},
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/image"},
    },
    "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "Named"}]}},
    "Mappings": {"Images": {"eu-west-1": {"Id": "ami-1", "Size": 8}}},
    "Resources": {"Role": {"Type": "AWS::IAM::Role"}},
}
DUBLIN = Environment("111122223333", "eu-west-1")


def evaluate(value: Any, *, with_defaults: bool = False, environment: Environment = DUBLIN) -> Any:
    stack = Stack(name="S", template=TEMPLATE, environment=environment)
    return Expression(stack, value).evaluate(with_defaults=with_defaults)


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


ROLE_ARN = {"Fn::GetAtt": ["Role", "Arn"]}
IMAGES = {"eu-west-1": {"Id": "ami-1", "Size": "8"}}
HERE = {"Fn::Equals": ["eu-west-1", ref("Named")]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        ("true", "true"),
        (8, "8"),
        (1.5, "1.5"),
        ([1, ref("AWS::NoValue")], ["1"]),
        ({"A": 1, "B": ref("AWS::NoValue")}, {"A": "1"}),
        (ref("Open"), ref("Open")),
        (ref("Named"), ref("Named")),
        (ref("Role"), ref("Role")),
        (ref("AWS::StackId"), ref("AWS::StackId")),
        ({"Fn::GetAtt": "Role.Arn"}, ROLE_ARN),
        ({"Fn::GetAtt": ["Role", "Arn"]}, ROLE_ARN),
        ({"Fn::FindInMap": ["Images", ref("AWS::Region"), "Id"]}, "ami-1"),
        ({"Fn::FindInMap": ["Images", ref("AWS::Region"), "Size"]}, "8"),
        (
            {"Fn::FindInMap": ["Images", ref("Open"), "Id"]},
            {"Fn::FindInMap": [IMAGES, ref("Open"), "Id"]},
        ),
        ({"Fn::FindInMap": ["Images", "eu-west-9", "Id", {"DefaultValue": "ami-9"}]}, "ami-9"),
        ({"Fn::FindInMap": ["Images", "eu-west-1", "Id", {"DefaultValue": "ami-9"}]}, "ami-1"),
        ({"Fn::FindInMap": ["Nowhere", "a", "b", {"DefaultValue": ref("Role")}]}, ref("Role")),
        (
            {"Fn::FindInMap": ["Images", ref("Open"), "Id", {"DefaultValue": 9}]},
            {"Fn::FindInMap": [IMAGES, ref("Open"), "Id", {"DefaultValue": "9"}]},
        ),
        (
            {"Fn::FindInMap": [ref("Open"), "a", "b"]},
            {"Fn::FindInMap": [{"Images": IMAGES}, ref("Open"), "a", "b"]},
        ),
        ({"Fn::FindInMap": ["Nowhere", "a", "b"]}, {"Fn::FindInMap": ["Nowhere", "a", "b"]}),
        ({"Fn::GetAtt": ["Role", ref("Open")]}, {"Fn::GetAtt": ["Role", ref("Open")]}),
        (
            {"Fn::If": ["Here", 1, ref("AWS::NoValue")]},
            {"Fn::If": [HERE, "1", ref("AWS::NoValue")]},
        ),
        ({"Condition": "Here"}, HERE),
        ({"Condition": "Nowhere"}, {"Condition": "Nowhere"}),
        ({"Condition": {"Bool": {"x": True}}}, {"Condition": {"Bool": {"x": "true"}}}),
        ({"Fn::Join": ["-", ["a", 1, ref("AWS::Region")]]}, "a-1-eu-west-1"),
        ({"Fn::Join": ["-", ["a", ref("Open")]]}, {"Fn::Join": ["-", ["a", ref("Open")]]}),
        ({"Fn::Join": ["-", ref("Open")]}, {"Fn::Join": ["-", ref("Open")]}),
        ({"Fn::Sub": "${AWS::Region}/${!Kept}"}, "eu-west-1/${!Kept}"),
        ({"Fn::Sub": "${Role}"}, ref("Role")),
        ({"Fn::Sub": ["${A}${Role.Arn}", {"A": "x"}]}, {"Fn::Join": ["", ["x", ROLE_ARN]]}),
        ({"Fn::Base64": {"Fn::Sub": "${AWS::StackName}"}}, {"Fn::Base64": "S"}),
        ({"Fn::Sub": ["no variables"]}, {"Fn::Sub": ["no variables"]}),
    ],
)
def test_values_as_far_as_they_are_known(value: Any, expected: Any) -> None:
    assert evaluate(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ref("Open"), ref("Open")),
        (ref("Named"), "lab"),
        (ref("Count"), "2"),
        (ref("Image"), "{{resolve:ssm:/image}}"),
        ({"Fn::Sub": "${Named}-${AWS::Region}"}, "lab-eu-west-1"),
        ({"Condition": "Here"}, {"Fn::Equals": ["eu-west-1", "lab"]}),
    ],
)
def test_parameters_may_count_as_their_defaults(value: Any, expected: Any) -> None:
    assert evaluate(value, with_defaults=True) == expected


def test_a_default_is_not_taken_for_a_key_that_only_the_deployment_knows() -> None:
    default = {"DefaultValue": "ami-9"}
    lookup = {"Fn::FindInMap": ["Images", ref("AWS::Region"), "Id", default]}
    found = evaluate(lookup, environment=Environment())
    assert found == {"Fn::FindInMap": [IMAGES, "${AWS::Region}", "Id", default]}


def test_what_the_app_does_not_know_is_the_name_of_the_pseudo_parameter() -> None:
    value = {"Fn::Join": [":", [ref("AWS::Region"), ref("AWS::AccountId")]]}
    assert evaluate(value, environment=Environment()) == "${AWS::Region}:${AWS::AccountId}"


def test_a_join_and_a_substitution_that_say_the_same_are_equal() -> None:
    joined = {"Fn::Join": ["", ["arn:", ref("AWS::Region"), ":", ref("Role")]]}
    assert evaluate(joined) == evaluate({"Fn::Sub": "arn:${AWS::Region}:${Role}"})


def test_references_are_those_of_ref_attributes_and_substitutions() -> None:
    value = {"Fn::Join": ["", ["a", ref("B"), {"Fn::GetAtt": "C.Arn"}, {"Fn::Sub": "${D}${!E}"}]]}
    assert references(value) == {"B", "C", "D"}
    assert references({"Fn::Sub": ["${Own}${F.Id}", {"Own": ref("G")}]}) == {"F", "G"}
    assert references({"Fn::GetAtt": ["H", ref("Which")]}) == {"H", "Which"}


def test_reads_are_references_with_the_attribute_that_they_read() -> None:
    value = [ref("A"), {"Fn::GetAtt": "B.Arn"}, {"Fn::Sub": "${C}${D.Endpoint.Port}"}]
    assert reads(value) == {("A", "Ref"), ("B", "Arn"), ("C", "Ref"), ("D", "Endpoint.Port")}
    assert reads({"Fn::GetAtt": ["H", ref("Which")]}) == {("H", ""), ("Which", "Ref")}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (ref("Role"), "${Role}"),
        (ROLE_ARN, "${Role.Arn}"),
        ({"Fn::Join": ["/", ["a", ROLE_ARN]]}, "a/${Role.Arn}"),
        ({"Fn::Base64": ref("Role")}, "${Role}"),
        ({"B": 1, "A": [2]}, '{"A": [2], "B": 1}'),
    ],
)
def test_a_value_in_one_line(value: Any, expected: str) -> None:
    assert format_value(value) == expected


def test_alternatives_are_marked_where_a_condition_decides() -> None:
    chosen = {"Fn::If": ["Here", ["a"], {"Fn::If": ["There", "b", ref("AWS::NoValue")]}]}
    found = [*alternatives([chosen, "c"])]
    assert [(item, bool(words)) for item, words in found] == [
        ("a", True),
        ("b", True),
        ("c", False),
    ]
    assert [*alternatives(None)] == []
