"""The stacks of a `cdk.out` folder, as its files tell of them."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from oelab.environment import Environment
from oelab.template.assembly import NoAssemblyError, stacks_in, stacks_of
from tests.synthesis import new_app


@pytest.mark.parametrize(
    ("env", "environment"),
    [
        ({}, Environment()),
        ({"region": "eu-west-1"}, Environment("", "eu-west-1")),
        ({"account": "111122223333"}, Environment("111122223333", "")),
        (
            {"account": "111122223333", "region": "eu-west-1"},
            Environment("111122223333", "eu-west-1"),
        ),
    ],
)
def test_an_environment_is_what_the_app_says_of_it(
    env: dict[str, str], environment: Environment
) -> None:
    app = new_app()
    cdk.Stack(app, "It", env=cdk.Environment(**env))
    (stack,) = stacks_in(Path(app.synth().directory))
    assert stack.environment == environment
    assert stack.environment.known == (len(env) == 2)


def test_stacks_of_stages_keep_apart() -> None:
    app = new_app()
    for name in ("Test", "Prod"):
        stage = cdk.Stage(app, name)
        stack = cdk.Stack(stage, "It", stack_name="Same", tags={"Stage": name})
        cdk.CfnResource(stack, name, type="AWS::S3::Bucket")
    assembly = app.synth()
    files = [Path(stack.template_full_path) for stack in assembly.stacks_recursively]
    assert [
        (stack.path, stack.name, stack.tags, list(stack.template["Resources"]))
        for stack in stacks_of(files)
    ] == [(f"{name}/It", "Same", {"Stage": name}, [name]) for name in ("Prod", "Test")]
    found = stacks_in(Path(assembly.directory))
    assert sorted(stack.path for stack in found) == ["Prod/It", "Test/It"]


def write(folder: Path, manifest: Any) -> Path:
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize(
    "manifest",
    [[], {}, {"artifacts": []}, {"artifacts": {"It": {}}}, {"artifacts": {"It": "?"}}, "?"],
)
def test_another_manifest_is_none(tmp_path: Path, manifest: Any) -> None:
    with pytest.raises(NoAssemblyError, match="must be a folder that `cdk synth` has written"):
        stacks_in(write(tmp_path, manifest))


def test_a_folder_without_manifest_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoAssemblyError, match="has no manifest"):
        stacks_in(tmp_path)


@pytest.mark.parametrize("content", [None, "{"], ids=["gone", "cut off"])
def test_a_template_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "It.json"}}
    write(tmp_path, {"artifacts": {"It": artifact}})
    if content:
        (tmp_path / "It.json").write_text(content)
    with pytest.raises(NoAssemblyError, match=r"It\.json must be the template of It"):
        stacks_in(tmp_path)
