"""What expressions stand for, across stacks, Stages and nesting."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.template.app import App, read_app
from oelab.template.assembly import ConstructPaths, Stack, stacks_in
from oelab.template.expression import Expression, Resource
from tests.checks.templates import DUBLIN, FRANKFURT, Properties, att, ref, resource, stack
from tests.synthesis import ROOT


def text(value: Any, environment: Environment = FRANKFURT) -> str | None:
    where = stack({"Role": resource("IAM::Role")}, environment=environment)
    App([where])
    return Expression(where, value).text()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        (443, "443"),
        (True, "true"),
        (ref("AWS::Region"), "eu-central-1"),
        (ref("AWS::AccountId"), "111111111111"),
        (ref("AWS::StackName"), "S"),
        (ref("AWS::Partition"), "${AWS::Partition}"),
        (ref("AWS::StackId"), None),
        (ref("Role"), None),
        (ref("Parameter"), None),
        ({"Ref": {"Name": "Parameter"}}, None),
        ({"Fn::GetAtt": {"Role": "Arn"}}, None),
        ({"Fn::Join": ["-", ["a", ref("AWS::Region")]]}, "a-eu-central-1"),
        ({"Fn::Join": ["-", ["a", ref("Parameter")]]}, None),
        ({"Fn::Join": ["-", ref("List")]}, None),
        ({"Fn::Sub": "a ${AWS::Region} ${!Literal}"}, "a eu-central-1 ${!Literal}"),
        ({"Fn::Sub": ["a ${B}", {"B": "c"}]}, "a c"),
        ({"Fn::Sub": "a ${Parameter}"}, None),
        ({"Fn::If": ["A", "b", "c"]}, None),
        (["a"], None),
        ({"a": "b"}, None),
    ],
)
def test_texts(value: Any, expected: str | None) -> None:
    assert text(value) == expected


def test_what_the_app_does_not_know_stays_as_it_is() -> None:
    assert text(ref("AWS::Region"), Environment()) == "${AWS::Region}"


def test_absent_values_are_absent() -> None:
    node = Resource(stack({"A": resource("X", Kept="a", Gone=ref("AWS::NoValue"))}), "A")
    assert node.get("Gone") is None
    assert node.properties.at("Missing", "Deeper") is None
    assert node.all("Missing") == []
    listed = Resource(stack({"A": resource("X", List=["a", ref("AWS::NoValue")])}), "A")
    assert [item.value for item in listed.all("List")] == ["a"]


def test_a_mapping_of_tokens_stands_for_its_own_properties() -> None:
    choice = {"Fn::If": ["A", {"B": "c"}, {}]}
    node = Resource(stack({"A": resource("X", Options=choice)}), "A")
    found = node.properties.at("Options", "B")
    assert found is not None
    assert found.value == choice


def test_paths_are_those_that_people_wrote() -> None:
    ids = {"/S/Web/Resource": "A", "/S/Web/Default": "B", "/S/Web": "C"}
    entries = {path: [{"type": "aws:cdk:logicalId", "data": i}] for path, i in ids.items()}
    paths = ConstructPaths(entries)
    where = Stack(path="S", name="S", template={"Resources": {}}, construct_paths=paths)
    assert {Resource(where, key).path for key in ids.values()} == {"S/Web"}
    assert Resource(where, "Unlisted").path == "S/Unlisted"


# --- references --------------------------------------------------------------------------------


def referent(where: Stack, value: Any) -> tuple[str, str] | None:
    found = Expression(where, value).referent()
    return (
        (f"{found.resource.stack.path}/{found.resource.logical_id}", found.attribute)
        if found
        else None
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ref("Role"), ("S/Role", "Ref")),
        (att("Role", "Arn"), ("S/Role", "Arn")),
        ({"Fn::GetAtt": "Role.Arn"}, ("S/Role", "Arn")),
        ({"Fn::GetAtt": ["Role", ref("Which")]}, None),
        ({"Ref": {"Name": "Role"}}, None),
        ({"Fn::GetAtt": {"Role": "Arn"}}, None),
        ({"Fn::GetAtt": [{"Name": "Role"}, "Arn"]}, None),
        (ref("Elsewhere"), None),
        ("Role", None),
        ({"Fn::Join": ["", [ref("Role")]]}, None),
    ],
)
def test_references(value: Any, expected: tuple[str, str] | None) -> None:
    where = stack({"Role": resource("IAM::Role")})
    App([where])
    assert referent(where, value) == expected


def producer(environment: Environment = FRANKFURT) -> Stack:
    outputs = {"Out": {"Value": ref("Role"), "Export": {"Name": "S:Role"}}}
    return stack({"Role": resource("IAM::Role")}, "Producer", environment, Outputs=outputs)


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::ImportValue": "S:Role"},
        {"Fn::GetStackOutput": {"StackName": "Producer", "OutputName": "Out"}},
    ],
    ids=["import", "output"],
)
def test_references_across_stacks(value: Properties) -> None:
    consumer = stack({}, "Consumer")
    App([producer(), consumer])
    assert referent(consumer, value) == ("Producer/Role", "Ref")
    App([producer(DUBLIN), consumer])
    assert referent(consumer, value) is None


@pytest.mark.parametrize(
    "value", [{"Fn::ImportValue": ref("Name")}, {"Fn::ImportValue": "Unknown"}]
)
def test_imports_from_elsewhere_refer_to_nothing(value: Properties) -> None:
    consumer = stack({}, "Consumer")
    App([producer(), consumer])
    assert referent(consumer, value) is None


def test_references_into_and_out_of_nested_stacks() -> None:
    parent = stack({"Role": resource("IAM::Role"), "Nested": resource("CloudFormation::Stack")})
    nested = Stack(
        path="S/Nested",
        name="Nested",
        template={
            "Resources": {"Subnet": resource("EC2::Subnet")},
            "Outputs": {"Out": {"Value": ref("Subnet")}},
        },
        environment=FRANKFURT,
        arguments=Expression(parent, {"Given": ref("Role")}),
    )
    App([parent, nested], {Resource(parent, "Nested"): nested})
    assert referent(nested, ref("Given")) == ("S/Role", "Ref")
    assert referent(parent, att("Nested", "Outputs.Out")) == ("S/Nested/Subnet", "Ref")
    assert referent(parent, att("Nested", "Outputs.Missing")) == (
        "S/Nested",
        "Outputs.Missing",
    )


def test_metadata_may_stand_in_the_manifest(tmp_path: Path) -> None:
    entries = {"/S/Web/Resource": [{"type": "aws:cdk:logicalId", "data": "Web"}]}
    artifact = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "S.template.json"},
        "metadata": entries,
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"S": artifact}}))
    (tmp_path / "S.template.json").write_text(
        json.dumps({"Resources": {"Web": resource("EC2::Instance")}})
    )
    app = read_app(stacks_in(tmp_path))
    (web,) = app.of_type("AWS::EC2::Instance")
    assert web.path == "S/Web"


def test_the_checks_import_neither_the_cdk_nor_the_sdk() -> None:
    heavy = "{'aws_cdk', 'boto3', 'jsii'}"
    program = f"import sys, oelab.checks; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
