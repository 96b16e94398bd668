"""What is in nested stacks is compared through their templates, or called unknown."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from oelab.diff.compare import StackChange, compare
from oelab.diff.guard import guard
from oelab.diff.notes import moving_images
from oelab.diff.versions import read
from oelab.diff.vocabulary import Effect
from oelab.template.assembly import Stack
from tests.synthesis import new_app

REPLACED, CHANGED, DELETED = Effect.REPLACED, Effect.CHANGED, Effect.DELETED
MAYBE, LEFT_BEHIND = Effect.MAY_BE_REPLACED, Effect.LEFT_BEHIND

Resources = dict[str, Any]


def resource(resource_type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": resource_type, "Properties": properties}


class Folder:
    """A `cdk.out` folder with one stack, and the templates that are nested in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.assets: dict[str, Any] = {}

    def nest(self, name: str, template: Any, **properties: Any) -> dict[str, Any]:
        """A resource that creates a nested stack of this template."""
        file = f"{name}.nested.template.json"
        key = f"{name}{hash(json.dumps(template))}"
        (self.path / file).write_text(json.dumps(template))
        self.assets[key] = {"source": {"path": file}}
        return resource("AWS::CloudFormation::Stack", TemplateURL=f"https://b/{key}", **properties)

    def stacks(
        self, resources: Resources, *, is_protected: bool = False, **sections: Any
    ) -> dict[str, Stack]:
        properties = {"templateFile": "S.json", "terminationProtection": is_protected}
        artifact = {"type": "aws:cloudformation:stack", "properties": properties}
        for name, content in (
            ("S.json", {"Resources": resources, **sections}),
            ("S.assets.json", {"files": self.assets}),
            ("manifest.json", {"artifacts": {"S": artifact}}),
        ):
            (self.path / name).write_text(json.dumps(content))
        return read(self.path)


@pytest.fixture
def old(tmp_path: Path) -> Folder:
    return folder(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Folder:
    return folder(tmp_path / "new")


def folder(path: Path) -> Folder:
    path.mkdir()
    return Folder(path)


def effects(changes: tuple[StackChange, ...]) -> dict[str, Effect]:
    return {each.logical_id: each.effect for change in changes for each in change.resources}


def rules(changes: tuple[StackChange, ...]) -> list[tuple[str, object]]:
    return [(note.rule, note.subject) for change in changes for note in change.notes]


def network(cidr: str, **subnet: Any) -> dict[str, Any]:
    return {
        "Parameters": {"Zone": {"Type": "String", "Default": "eu-west-1a"}},
        "Resources": {
            "Vpc": resource("AWS::EC2::VPC", CidrBlock=cidr),
            "Subnet": resource(
                "AWS::EC2::Subnet",
                **{"VpcId": {"Ref": "Vpc"}, "AvailabilityZone": {"Ref": "Zone"}} | subnet,
            ),
        },
        "Outputs": {"SubnetId": {"Value": {"Ref": "Subnet"}}},
    }


def test_a_replacement_goes_on_into_and_out_of_a_nested_stack(old: Folder, new: Folder) -> None:
    def stacks(at: Folder, cidr: str) -> dict[str, Stack]:
        web = resource("AWS::EC2::Instance", SubnetId={"Fn::GetAtt": "Net.Outputs.SubnetId"})
        other = {"Parameters": {"Web": {"Type": "String"}}, "Resources": {}}
        other["Resources"]["Address"] = resource("AWS::SSM::Association", InstanceId={"Ref": "Web"})
        return at.stacks(
            {
                "Net": at.nest("Net", network(cidr)),
                "Web": web,
                "Other": at.nest("Other", other, Parameters={"Web": {"Ref": "Web"}}),
            }
        )

    assert effects(compare(stacks(old, "10.0.0.0/16"), stacks(new, "10.1.0.0/16"))) == {
        "Net": CHANGED,
        "Net/Vpc": REPLACED,
        "Net/Subnet": REPLACED,
        "Web": REPLACED,
        "Other": CHANGED,
        "Other/Address": REPLACED,
    }


def test_an_argument_counts_as_what_it_says(old: Folder, new: Folder) -> None:
    before, after = (
        each.stacks({"Net": each.nest("Net", network("10.0.0.0/16"), Parameters={"Zone": zone})})
        for each, zone in ((old, "eu-west-1a"), (new, "eu-west-1b"))
    )
    assert effects(compare(before, after)) == {"Net": CHANGED, "Net/Subnet": REPLACED}


def test_resources_of_one_logical_id_keep_apart(old: Folder, new: Folder) -> None:
    def stacks(at: Folder, path: str) -> dict[str, Stack]:
        def role(path: str) -> Resources:
            return {"Role": resource("AWS::IAM::Role", Path=path)}

        web = resource("AWS::EC2::Instance", KeyName={"Ref": "Role"})
        nested = {"Resources": role("/") | {"Web": web}}
        return at.stacks(role(path) | {"Net": at.nest("Net", nested)})

    assert effects(compare(stacks(old, "/"), stacks(new, "/other/"))) == {"Role": REPLACED}


def test_what_is_in_a_nested_stack_goes_or_stays_with_it(old: Folder) -> None:
    kept = {"DeletionPolicy": "Retain"}
    bucket = {"Resources": {"Logs": resource("AWS::S3::Bucket"), "Kept": resource("X") | kept}}
    gone = old.stacks({"Net": old.nest("Net", bucket)})
    nothing = {"S": Stack(name="S", template={})}
    assert effects(compare(gone, nothing)) == {
        "Net": DELETED,
        "Net/Logs": DELETED,
        "Net/Kept": LEFT_BEHIND,
    }
    assert [each.subject for each in guard(compare(gone, nothing), gone)] == ["S/Net/Logs"]
    stays = old.stacks({"Net": old.nest("Net", bucket) | kept})
    assert set(effects(compare(stays, nothing)).values()) == {LEFT_BEHIND}
    assert set(effects(compare(nothing, gone)).values()) == {Effect.ADDED}


def test_a_condition_of_a_nested_stack_is_one_of_what_is_in_it(old: Folder, new: Folder) -> None:
    template = {"Resources": {"Role": resource("AWS::IAM::Role")}}
    before = old.stacks({"Net": old.nest("Net", template)})
    wanted = {"Wanted": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    net = new.nest("Net", template) | {"Condition": "Wanted"}
    changes = compare(before, new.stacks({"Net": net}, Conditions=wanted))
    assert effects(changes) == {"Net": Effect.MAY_BE_REMOVED, "Net/Role": Effect.MAY_BE_REMOVED}
    assert [each.subject for each in guard(changes, before)] == ["S/Net/Role"]


@pytest.mark.parametrize("is_known_before", [True, False])
def test_a_template_elsewhere_is_unknown(old: Folder, new: Folder, is_known_before: bool) -> None:
    elsewhere = resource("AWS::CloudFormation::Stack", TemplateURL="https://elsewhere")
    other = resource("AWS::CloudFormation::Stack", TemplateURL="https://elsewhere/too")
    known = old.nest("Net", network("10.0.0.0/16"))
    before = old.stacks({"Net": known if is_known_before else other}, is_protected=True)
    after = new.stacks({"Net": elsewhere})
    changes = compare(before, after)
    assert effects(changes) == {"Net": MAYBE}
    assert rules(changes) == [("UnknownEffect", "S/Net")]
    assert [each.subject for each in guard(changes, before)] == ["S/Net"]
    assert compare(after, after) == ()


def test_what_reads_a_nested_stack_that_is_unknown_may_be_replaced(
    old: Folder, new: Folder
) -> None:
    def stacks(at: Folder, url: str) -> dict[str, Stack]:
        net = resource("AWS::CloudFormation::Stack", TemplateURL=url)
        web = resource("AWS::EC2::Instance", SubnetId={"Fn::GetAtt": "Net.Outputs.Subnet"})
        return at.stacks({"Net": net, "Web": web})

    changes = compare(stacks(old, "https://one"), stacks(new, "https://two"))
    assert effects(changes) == {"Net": MAYBE, "Web": MAYBE}


def test_images_and_conflicts_in_nested_stacks_are_noted(old: Folder, new: Folder) -> None:
    def stacks(at: Folder, path: str) -> dict[str, Stack]:
        web = resource("AWS::EC2::Instance", ImageId="{{resolve:ssm:/image}}")
        role = resource("AWS::IAM::Role", RoleName="Nodes", Path=path)
        return at.stacks({"Net": at.nest("Net", {"Resources": {"Web": web, "Role": role}})})

    before, after = stacks(old, "/"), stacks(new, "/other/")
    assert rules(compare(before, after)) == [("OldResourceInTheWay", "S/Net/Role")]
    assert [each.subject for each in moving_images(before, after)] == ["S"]


def test_stacks_that_the_cdk_nests_are_compared() -> None:
    def stacks(cidr: str) -> dict[str, Stack]:
        app = new_app()
        stack = cdk.Stack(app, "S")
        outer = cdk.NestedStack(stack, "Outer")
        inner = cdk.NestedStack(outer, "Inner")
        vpc = cdk.CfnResource(inner, "Vpc", type="AWS::EC2::VPC", properties={"CidrBlock": cidr})
        properties = {"VpcId": vpc.ref, "CidrBlock": "10.0.0.0/24"}
        cdk.CfnResource(stack, "Subnet", type="AWS::EC2::Subnet", properties=properties)
        return read(Path(app.synth().directory))

    found = effects(compare(stacks("10.0.0.0/16"), stacks("10.0.0.0/8")))
    assert {each for each, effect in found.items() if effect is REPLACED} == {
        "Subnet",
        next(each for each in found if each.endswith("/Vpc")),
    }
    assert max(each.count("/") for each in found) == 2
