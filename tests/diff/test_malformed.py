"""A malformed template is one message that names the file and what must hold."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from oelab.diff.compare import compare
from oelab.diff.guard import guard
from oelab.diff.versions import read
from oelab.exit_codes import ExitCode
from oelab.template.assembly import NoAssemblyError, Stack
from tests.diff.conftest import run
from tests.generated import given, st
from tests.generated import settings as generation

NESTED_STACK = "AWS::CloudFormation::Stack"


def properties(**given: Any) -> dict[str, Any]:
    return {"Resources": {"Web": {"Type": "AWS::EC2::Instance", "Properties": given}}}


def key(value: Any, **sections: Any) -> dict[str, Any]:
    return properties(KeyName=value) | sections


def web(**attributes: Any) -> dict[str, Any]:
    return {"Resources": {"Web": {"Type": "AWS::EC2::Instance", **attributes}}}


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


CIRCLE = {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}}
MALFORMED: dict[str, tuple[Any, str]] = {
    "no template but a list": ([], "must be a template"),
    "no template but a text": ("text", "must be a template"),
    "no template but nothing": (None, "must be a template"),
    "a list of resources": ({"Resources": []}, "Resources must be an object"),
    "a text of resources": ({"Resources": "Web"}, "Resources must be an object"),
    "no resources but null": ({"Resources": None}, "Resources must be an object"),
    "a resource that is a number": ({"Resources": {"Web": 1}}, "Resources.Web must be an object"),
    "a resource that is null": ({"Resources": {"Web": None}}, "Resources.Web must be an object"),
    "a loop": ({"Resources": {"Fn::ForEach::A": []}}, "must be written out"),
    "a loop of outputs": ({"Outputs": {"Fn::ForEach::A": []}}, "must be written out"),
    "no Type": ({"Resources": {"Web": {}}}, "Resources.Web must have a text as its Type"),
    "a Type that is a number": ({"Resources": {"Web": {"Type": 1}}}, "a text as its Type"),
    "a Type that is a call": ({"Resources": {"Web": {"Type": {"Ref": "T"}}}}, "a text as its Type"),
    "a list of properties": (web(Properties=[]), "an object as its Properties"),
    "a text of properties": (web(Properties="KeyName"), "an object as its Properties"),
    "properties that are null": (web(Properties=None), "an object as its Properties"),
    "a list of conditions": (web(Condition=["C"]), "a text as its Condition"),
    "a condition to nothing": (web(Condition="Nowhere"), "Nowhere"),
    "Parameters that are a list": (key("k", Parameters=[]), "Parameters must be an object"),
    "a parameter that is a text": (key("k", Parameters={"P": "String"}), "Parameters.P must be"),
    "Mappings that are a list": (key("k", Mappings=[]), "Mappings must be an object"),
    "a mapping that is a text": (key("k", Mappings={"M": "text"}), "Mappings.M must be an object"),
    "an entry that is a list": (key("k", Mappings={"M": {"a": []}}), "Mappings.M.a must be"),
    "a call in a mapping": (key("k", Mappings={"M": {"a": {"Ref": "W"}}}), "plain values"),
    "Conditions that are a text": (key("k", Conditions="C"), "Conditions must be an object"),
    "a condition that is a text": (key("k", Conditions={"C": "yes"}), "Conditions.C must be"),
    "conditions in a circle": (key("k", Conditions=CIRCLE), "must not refer to themselves"),
    "a condition that chooses by itself": (
        key("k", Conditions={"C": {"Fn::Equals": [{"Fn::If": ["C", "x", "y"]}, "x"]}}),
        "must not refer to themselves",
    ),
    "Outputs that are a list": (key("k", Outputs=[]), "Outputs must be an object"),
    "an output that is a text": (key("k", Outputs={"O": "text"}), "Outputs.O must be an object"),
    "an export that is a text": (key("k", Outputs={"O": {"Export": "x"}}), "as its Export"),
    "a Ref of a list": (key({"Ref": []}), "give Ref the name"),
    "a Ref of an object": (key({"Ref": {}}), "give Ref the name"),
    "a Ref of a mapping": (key({"Ref": {"Name": "Web"}}), "Resources.Web must give Ref the name"),
    "a Ref to nothing": (key({"Ref": "Nowhere"}), "Nowhere"),
    "a GetAtt of a number": (key({"Fn::GetAtt": 1}), "give Fn::GetAtt a resource"),
    "a GetAtt of a mapping": (key({"Fn::GetAtt": {"Web": "Arn"}}), "give Fn::GetAtt a resource"),
    "a GetAtt of a mapping's attribute": (
        key({"Fn::GetAtt": [{"Name": "Web"}, "Arn"]}),
        "Resources.Web must give Fn::GetAtt a resource",
    ),
    "a GetAtt without attribute": (key({"Fn::GetAtt": "Web"}), "give Fn::GetAtt a resource"),
    "a GetAtt of one name": (key({"Fn::GetAtt": ["Web"]}), "give Fn::GetAtt a resource"),
    "a GetAtt of nothing": (key({"Fn::GetAtt": []}), "give Fn::GetAtt a resource"),
    "a GetAtt to nothing": (key({"Fn::GetAtt": ["Nowhere", "Arn"]}), "Nowhere"),
    "a GetAtt in a circle": (key({"Fn::GetAtt": ["Web", "PublicIp"]}), "must be resolvable"),
    "a Sub without a text": (key({"Fn::Sub": {}}), "give Fn::Sub a text"),
    "a Sub of a number": (key({"Fn::Sub": 1}), "give Fn::Sub a text"),
    "a Sub of one item": (key({"Fn::Sub": ["text"]}), "give Fn::Sub a text"),
    "a Sub with a text of variables": (key({"Fn::Sub": ["text", "x"]}), "give Fn::Sub a text"),
    "a Sub of nothing known": (key({"Fn::Sub": "${Nowhere}"}), "Nowhere"),
    "a Join of a number": (key({"Fn::Join": 1}), "give Fn::Join a separator"),
    "a Join without a list": (key({"Fn::Join": ["-"]}), "give Fn::Join a separator"),
    "a Join of a text": (key({"Fn::Join": ["-", "text"]}), "give Fn::Join a separator"),
    "an If of a number": (key({"Fn::If": 1}), "give Fn::If the name of a condition"),
    "an If without an else": (key({"Fn::If": ["C", "x"]}), "give Fn::If the name of a condition"),
    "an If of no condition": (key({"Fn::If": ["Nowhere", "x", "y"]}), "Nowhere"),
    "a lookup with one key": (key({"Fn::FindInMap": ["M", "a"]}), "give Fn::FindInMap a mapping"),
    "a lookup in nothing": (key({"Fn::FindInMap": ["Nowhere", "a", "b"]}), "Nowhere"),
    "a lookup of another default": (
        key({"Fn::FindInMap": ["M", "a", "b", "default"]}),
        "give Fn::FindInMap a mapping",
    ),
    "an output of a stack in a text": (key({"Fn::GetStackOutput": "x"}), "give Fn::GetStackOutput"),
    "too deep": (key(deep(300)), "cannot be evaluated"),
}


def folder(path: Path, template: str) -> Path:
    properties = {"templateFile": "Own.template.json"}
    artifact = {"type": "aws:cloudformation:stack", "properties": properties}
    (path / "manifest.json").write_text(json.dumps({"artifacts": {"Own": artifact}}))
    (path / "Own.template.json").write_text(template)
    return path


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_template_is_named_with_what_must_hold(tmp_path: Path, name: str) -> None:
    template, must_hold = MALFORMED[name]
    with pytest.raises(NoAssemblyError) as raised:
        read(folder(tmp_path, json.dumps(template)))
    assert "Own.template.json" in str(raised.value)
    assert must_hold in str(raised.value)


@pytest.mark.parametrize("text", ["", "{", '{"Resources": {"Web"', "\\xff", "[" * 100_000])
def test_a_file_that_is_no_json_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(NoAssemblyError, match=r"Own\.template\.json must be the template of Own"):
        read(folder(tmp_path, text))


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    template = {"Mappings": [], "Resources": {"A": 1, "B": []}}
    with pytest.raises(NoAssemblyError) as raised:
        read(folder(tmp_path, json.dumps(template)))
    assert all(each in str(raised.value) for each in ("Mappings", "Resources.A", "Resources.B"))


@pytest.mark.parametrize(
    "template",
    [
        {},
        {"Resources": {}},
        key("k", Transform="Macro", Resources={}) | web(Properties={"KeyName": {"Ref": "Added"}}),
        key({"Fn::FindInMap": ["M", "a", "b", {"DefaultValue": "x"}]}, Transform="AWS::X"),
        key({"Fn::Transform": {"Name": "AWS::Include"}}),
        key("k", Mappings={"M": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {}}}}),
    ],
)
def test_an_unusual_template_is_not_malformed(tmp_path: Path, template: dict[str, Any]) -> None:
    assert read(folder(tmp_path, json.dumps(template))).keys() == {"Own"}


def test_a_malformed_template_of_a_nested_stack_is_named(tmp_path: Path) -> None:
    asset = {"files": {"key": {"source": {"path": "Net.nested.template.json"}}}}
    (tmp_path / "Own.assets.json").write_text(json.dumps(asset))
    (tmp_path / "Net.nested.template.json").write_text(json.dumps(key({"Ref": []})))
    net = {"Type": NESTED_STACK, "Properties": {"TemplateURL": "https://bucket/key"}}
    with pytest.raises(NoAssemblyError, match=r"Net\.nested\.template\.json must be"):
        read(folder(tmp_path, json.dumps({"Resources": {"Net": net}})))


@pytest.mark.parametrize("assets", [[], {"files": []}, {"files": {"key": 1}}, "?"])
def test_malformed_assets_are_named(tmp_path: Path, assets: Any) -> None:
    (tmp_path / "Own.assets.json").write_text(json.dumps(assets))
    net = {"Type": NESTED_STACK, "Properties": {"TemplateURL": "https://bucket/key"}}
    with pytest.raises(NoAssemblyError, match=r"must have the \*\.assets\.json files"):
        read(folder(tmp_path, json.dumps({"Resources": {"Net": net}})))


@pytest.mark.parametrize("name", ["a list of resources", "a Sub without a text", "too deep"])
def test_the_command_reports_a_malformed_template_in_one_line(tmp_path: Path, name: str) -> None:
    template, must_hold = MALFORMED[name]
    broken = str(folder(tmp_path, json.dumps(template)))
    code, out, err = run(broken, broken)
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    (line,) = err.splitlines()
    assert "Own.template.json" in line
    assert must_hold in line


WHOLE: dict[str, Any] = {
    "Parameters": {
        "Name": {"Type": "String", "Default": "x"},
        "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/image"},
    },
    "Mappings": {"Images": {"r1": {"Id": "ami-1"}}},
    "Conditions": {
        "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "r1"]},
        "There": {"Fn::And": [{"Condition": "Here"}, {"Fn::Not": [{"Condition": "Here"}]}]},
    },
    "Resources": {
        "Web": {
            "Type": "AWS::EC2::Instance",
            "Condition": "There",
            "Properties": {
                "KeyName": {"Fn::If": ["Here", {"Ref": "Name"}, {"Ref": "AWS::NoValue"}]},
                "ImageId": {"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "Id"]},
                "UserData": {"Fn::Base64": {"Fn::Sub": ["${i}${Name}", {"i": {"Ref": "Image"}}]}},
            },
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]},
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "DeletionPolicy": "Retain",
            "Properties": {
                "ManagedPolicyArns": ["arn:1", {"Fn::Join": ["", ["arn:", {"Ref": "Name"}]]}],
                "Policies": [{"PolicyDocument": {"Statement": [{"Effect": "Allow"}]}}],
            },
        },
        "Net": {
            "Type": NESTED_STACK,
            "Properties": {"TemplateURL": "x", "Parameters": {"A": {"Fn::GetAtt": "Web.PublicIp"}}},
        },
        "Own": {"Type": "Custom::Own", "Properties": {"ServiceToken": {"Fn::ImportValue": "x"}}},
    },
    "Outputs": {"Out": {"Value": {"Ref": "Net"}, "Export": {"Name": "out"}}},
}
JUNK: list[Any] = [
    *(None, 1, True, "", "Web", [], {}, [[]], ["Web"], {"a": {"b": None}}),
    *({"Ref": []}, {"Ref": "Web"}, {"Condition": "There"}, {"Fn::GetAtt": ["Web"]}),
    *({"Fn::If": ["Here"]}, {"Fn::Sub": "${Nowhere}"}, {"Fn::FindInMap": ["Images"]}),
    *({"Fn::Join": [1, 2]}, {"Fn::ImportValue": [1]}, {"Fn::Transform": {"Name": "x"}}),
]


def places(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """The paths of all values within a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in () if isinstance(value, str) else items:
        yield from places(each, *path, key)


def with_junk(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """A value with another in one place."""
    if not path:
        return junk
    key, *rest = path
    inner = with_junk(value[key], tuple(rest), junk)
    if isinstance(value, dict):
        return value | {key: inner}
    return [*value[:key], inner, *value[key + 1 :]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stack]:
    return read(folder(tmp_path_factory.mktemp("whole"), json.dumps(WHOLE)))


@given(path=st.sampled_from([*places(WHOLE)]), junk=st.sampled_from(JUNK))
@generation(max_examples=100)
def test_any_value_at_any_place_is_reported_or_compared(
    whole: dict[str, Stack], path: tuple[Any, ...], junk: Any
) -> None:
    template = json.dumps(with_junk(WHOLE, path, junk))
    with TemporaryDirectory() as temporary, suppress(NoAssemblyError):
        other = read(folder(Path(temporary), template))
        guard(compare(whole, other), whole)
        guard(compare(other, whole), other)
