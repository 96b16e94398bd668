"""`oelab diff` as a person and CI run it, on a repository of its own."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from oelab.exit_codes import ExitCode
from tests.diff.conftest import KEY_FOR_PROD, Repository, run
from tests.diff.versions import folder_of, lab, prod
from tests.synthesis import new_app


@pytest.fixture
def allowing(tmp_path: Path) -> str:
    """Settings that allow to replace what the key pair of Prod replaces."""
    settings = tmp_path / "allowing.toml"
    settings.write_text('allow_replacement = ["OELabStack2"]\n')
    return str(settings)


def test_a_sparse_checkout_leaves_nothing_out_of_the_commit(repository: Repository) -> None:
    repository.git("sparse-checkout", "set", "--no-cone", "/*", "!/oelab.toml")
    assert not (repository.folder / "oelab.toml").exists()
    code, _, err = repository.run("--base", "HEAD", str(folder_of()))
    assert (code, err) == (ExitCode.WELL, "")


def test_a_commit_is_compared_with_the_working_tree(repository: Repository) -> None:
    settings = repository.folder / "oelab.toml"
    head, _ = settings.read_text().split("[[workloads]]", 1)
    settings.write_text(head + KEY_FOR_PROD)
    code, out, err = repository.run("--base", "HEAD")
    assert (code, err) == (ExitCode.REFUSED, "")
    assert (
        "OELabStack2 (protected): changes\n  replaced\n    App1 AWS::EC2::Instance: KeyName" in out
    )
    assert "OELabStack1: changes" not in out
    assert "from HEAD to working tree: 4 resources replaced" in out
    assert "refused: OELabStack2/App1, OELabStack2/App2, OELabStack2/Web1" in out
    assert repository.traces() == []
    assert repository.git("worktree", "list").count("\n") == 1
    assert repository.git("status", "--short") == " M oelab.toml\n"


def test_the_diff_of_the_cdk_comes_before_each_stack() -> None:
    head = folder_of(lab(owner="someone", workloads=prod(key_name="lab").workloads))
    code, out, err = run(str(folder_of()), str(head), "--cdk")
    assert (code, err) == (ExitCode.REFUSED, "")
    changed = "[~] AWS::EC2::Instance Web1 Web1 replace"
    assert out.index(changed) < out.index("OELabStack2 (protected): changes")
    # Of tags and protection the CDK knows nothing.
    assert "stack tag Owner from oelab to someone" in out
    assert "There were no differences" not in out


def test_what_a_template_hides_is_spelled_out() -> None:
    hidden = {"Some\u202ething\u200b\x1b[2J": 1}

    def add(app: cdk.App, properties: Mapping[str, object] | None = None) -> None:
        stack = app.node.find_child("OELabStack1")
        assert isinstance(stack, cdk.Stack)
        cdk.CfnResource(stack, "It", type="A::B::C", properties=properties)

    changed = folder_of(edit=partial(add, properties=hidden))
    _, out, _ = run(str(folder_of(edit=add)), str(changed))
    assert r"Some\u202ething\u200b\x1b[2J" in out


def test_a_commit_is_compared_with_a_folder(repository: Repository) -> None:
    head = str(folder_of(prod(key_name="lab")))
    code, out, err = repository.run("--base", "HEAD", head, "--json", "--debug")
    assert code == ExitCode.REFUSED
    document = json.loads(out)
    assert (document["base"], document["head"]) == ("HEAD", head)
    assert [stack["name"] for stack in document["stacks"]] == ["OELabStack2"]
    # Each program that was run.
    programs = [line.partition(": ")[0] for line in err.splitlines()]
    assert programs[0] == "git rev-parse --show-prefix"
    assert sum(line.endswith("app.py") for line in programs) == 1


def test_two_folders_as_a_document(folders: tuple[str, str], allowing: str) -> None:
    code, out, _ = run(*folders, "--json", "--settings", allowing)
    document = json.loads(out)
    assert code == ExitCode.REPLACES
    assert (document["schema"], document["result"]) == ("oelab.diff/1", "replaces")
    (stack,) = document["stacks"]
    assert (stack["name"], stack["effect"], stack["protected"]) == ("OELabStack2", "changed", True)
    assert stack["resources"][0] == {
        "logical_id": "App1",
        "type": "AWS::EC2::Instance",
        "effect": "replaced",
        "properties": [
            {
                "name": "KeyName",
                "replacement": "yes",
                "before": None,
                "after": "lab",
                "because_of": "",
            }
        ],
    }
    found = {(each["rule"], each["subject"]) for each in document["findings"]}
    assert found == {("ImageMoves", "OELabStack1"), ("ImageMoves", "OELabStack2")}
    assert document["cdk_diffs"] == {}


def test_a_refusal_in_a_document_is_a_finding(folders: tuple[str, str]) -> None:
    code, out, _ = run(*folders, "--json")
    assert code == ExitCode.REFUSED
    document = json.loads(out)
    assert document["result"] == "refused"
    refusal = next(each for each in document["findings"] if each["rule"] == "Protected")
    assert refusal.keys() == {"rule", "severity", "subject", "reason", "remedy", "source"}
    found = (refusal["rule"], refusal["severity"], refusal["subject"])
    assert found == ("Protected", "error", "OELabStack2/App1")


def test_the_guard_prints_only_what_it_refuses(folders: tuple[str, str], allowing: str) -> None:
    before, after = folders
    nothing = (ExitCode.WELL, "", "")
    assert run(before, before, "--guard") == nothing
    assert run(before, after, "--guard", "--settings", allowing) == nothing
    code, out, _ = run(before, after, "--guard")
    assert code == ExitCode.REFUSED
    (refused,) = out.splitlines()
    assert all(f"OELabStack2/{name}" in refused for name in ("App1", "App2", "Web1", "Web2"))


def test_what_is_allowed_for_nothing_is_no_refusal(
    folders: tuple[str, str], tmp_path: Path
) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text('allow_replacement = ["OELabStack2", "OELabStack1/Web1"]\n')
    code, out, err = run(*folders, "--guard", "--settings", str(settings))
    assert (code, err) == (ExitCode.WELL, "")
    assert out.startswith("warning: OELabStack1/Web1 may be replaced by the settings")


def test_new_settings_are_compared_with_those_that_a_commit_has(repository: Repository) -> None:
    only = '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
    (repository.folder / "mine.toml").write_text(only)
    code, out, err = repository.run("--base", "HEAD", "--settings", "mine.toml", "--json")
    assert (code, err) == (ExitCode.REFUSED, "")
    document = json.loads(out)
    assert (document["base"], document["head"]) == ("HEAD with oelab.toml", "working tree")
    stacks = {stack["name"]: stack for stack in document["stacks"]}
    (note,) = stacks["OELabStack2"]["notes"]
    assert (note["rule"], note["subject"]) == ("StackLeftBehind", "OELabStack2")
    assert "aws cloudformation delete-stack" in note["remedy"]


def test_a_file_of_settings_for_both_is_the_same_before_and_after(repository: Repository) -> None:
    mine = repository.folder / "mine.toml"
    mine.write_text(KEY_FOR_PROD)
    assert repository.run("--base", "HEAD", "--settings", str(mine))[0] == ExitCode.WELL


def test_settings_that_the_working_tree_lacks_are_one_line(repository: Repository) -> None:
    code, _, err = repository.run("--base", "HEAD", "--settings", "mine.toml")
    assert code == ExitCode.BAD_INPUT
    (line,) = err.splitlines()
    assert line.startswith("the working tree has no mine.toml")


def test_wrong_settings_are_reported(folders: tuple[str, str], tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text("allow_replacement = 3\n")
    code, out, err = run(*folders, "--settings", str(settings))
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    assert "allow_replacement must be a list" in err


def test_no_difference_is_nothing(folders: tuple[str, str]) -> None:
    before, _ = folders
    code, out, err = run(before, before)
    assert (code, err) == (ExitCode.WELL, "")
    nothing, note = out.splitlines()
    assert nothing == f"from {before} to {before}: nothing changes"
    # Nothing of the change, that is.
    assert note.startswith("note: OELabStack1, OELabStack2 ")


def test_settings_that_cdk_json_names_are_those_of_its_version(repository: Repository) -> None:
    cdk_json = repository.folder / "cdk.json"
    document = json.loads(cdk_json.read_text())
    document["context"]["settings"] = "mine.toml"
    cdk_json.write_text(json.dumps(document))
    # Also of what may be replaced.
    allowed = f'allow_replacement = ["OELabStack2"]\n{KEY_FOR_PROD}'
    (repository.folder / "mine.toml").write_text(allowed)
    code, out, err = repository.run("--base", "HEAD")
    assert (code, err) == (ExitCode.REPLACES, "")
    assert "from HEAD to working tree: 4 resources replaced" in out


def test_folders_of_another_app_need_no_settings_but_take_some(
    folders: tuple[str, str], tmp_path: Path, allowing: str
) -> None:
    def guard(*options: str) -> tuple[int, str]:
        code, _, err = run(*folders, "--guard", *options, cwd=tmp_path)
        return code, err

    assert guard() == (ExitCode.REFUSED, "")
    assert guard("--settings", allowing) == (ExitCode.WELL, "")


def staged(**properties: Any) -> Path:
    app = new_app()
    stack = cdk.Stack(cdk.Stage(app, "Live"), "It", termination_protection=True)
    cdk.CfnResource(stack, "Web", type="AWS::EC2::Instance", properties=properties)
    return Path(app.synth().directory)


def test_stacks_of_stages_are_compared() -> None:
    code, out, err = run(str(staged(KeyName="one")), str(staged(KeyName="two")), "--cdk")
    assert (code, err) == (ExitCode.REFUSED, "")
    assert "(requires replacement)" in out
    assert "Live-It (protected): changes\n  replaced\n    Web AWS::EC2::Instance: KeyName" in out


def test_stacks_of_one_name_and_environment_are_refused() -> None:
    app = new_app()
    for name in ("One", "Two"):
        cdk.Stack(app, name, stack_name="Twin", env=cdk.Environment(region="eu-west-1"))
    folder = app.synth().directory
    code, _, err = run(folder, folder)
    assert code == ExitCode.BAD_INPUT
    assert "two stacks of the name Twin" in err
