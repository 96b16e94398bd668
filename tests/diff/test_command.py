"""`python -m oelab.diff` as a person and CI run it, on a repository of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from oelab.diff import ExitCode
from tests.diff.conftest import KEY_FOR_PROD, Repository, run
from tests.diff.versions import folder_of, prod
from tests.synthesis import ROOT, new_app


def test_a_commit_is_compared_with_the_working_tree(repository: Repository) -> None:
    settings = repository.folder / "oelab.toml"
    head, _ = settings.read_text().split("[[workloads]]", 1)
    settings.write_text(head + KEY_FOR_PROD)
    code, out, err = repository.run("--base", "HEAD")
    assert (code, err) == (ExitCode.REFUSED, "")
    # The CDK's own diff first, then the words.
    assert "[~] AWS::EC2::Instance Web1 Web1 replace" in out
    assert (
        "OELabStack2 (protected): changes\n  replaced\n    App1 AWS::EC2::Instance: KeyName" in out
    )
    assert "OELabStack1: changes" not in out
    assert "4 resources replaced" in out
    assert "refused, as it is protected:\n  OELabStack2/App1 AWS::EC2::Instance: replaced" in out
    assert repository.traces() == []
    assert repository.git("worktree", "list").count("\n") == 1
    assert repository.git("status", "--short") == " M oelab.toml\n"


def test_a_commit_is_compared_with_a_folder(repository: Repository) -> None:
    head = str(folder_of(prod(key_name="lab")))
    code, out, err = repository.run("--base", "HEAD", head, "--json", "--allow", "OELabStack2")
    assert (code, err) == (ExitCode.REPLACES, "")
    document = json.loads(out)
    assert (document["base"], document["head"]) == ("HEAD", head)
    assert [stack["name"] for stack in document["stacks"]] == ["OELabStack2"]


def test_two_folders_as_a_document(folders: tuple[str, str]) -> None:
    code, out, _ = run(*folders, "--json", "--allow", "OELabStack2")
    document = json.loads(out)
    assert code == document["exit_code"] == ExitCode.REPLACES
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
    assert document["guard"] == {"refused": [], "unused": []}


def test_the_guard_alone_says_nothing_where_nothing_is_refused(folders: tuple[str, str]) -> None:
    before, after = folders
    assert run(before, before, "--guard") == (ExitCode.NOTHING, "", "")
    assert run(before, after, "--guard", "--allow", "OELabStack2") == (ExitCode.NOTHING, "", "")
    code, out, _ = run(before, after, "--guard")
    assert code == ExitCode.REFUSED
    assert 'allow_replacement = ["OELabStack2/App1", ' in out


def test_settings_allow_what_the_change_means_to_do(
    folders: tuple[str, str], tmp_path: Path
) -> None:
    before, after = folders
    settings = tmp_path / "mine.toml"
    settings.write_text('allow_replacement = ["OELabStack2", "OELabStack1/Web1"]\n')
    assert run(before, after, "--guard", "--settings", str(settings)) == (
        ExitCode.NOTHING,
        "OELabStack1/Web1 is allowed to be replaced, but nothing of the kind happens; take it "
        "out\n",
        "",
    )


def test_what_is_allowed_already_stands_in_what_the_refusal_proposes(
    folders: tuple[str, str],
) -> None:
    _, out, _ = run(*folders, "--guard", "--allow", "OELabStack2/Web1")
    proposed = [f'"OELabStack2/{name}"' for name in ("Web1", "App1", "App2", "Web2")]
    assert f"allow_replacement = [{', '.join(proposed)}]" in out


def test_settings_that_a_commit_lacks_are_one_line(repository: Repository) -> None:
    (repository.folder / "mine.toml").touch()
    code, _, err = repository.run("--base", "HEAD", "--settings", "mine.toml")
    assert code == ExitCode.BAD_INPUT
    assert err == (
        "changes: HEAD has no mine.toml: each version is synthesized with its own; an absolute "
        "path takes one file for both\n"
    )
    absolute = str(repository.folder / "mine.toml")
    assert repository.run("--base", "HEAD", "--settings", absolute)[0] == ExitCode.NOTHING


def test_wrong_settings_are_reported(folders: tuple[str, str], tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text("allow_replacement = 3\n")
    code, out, err = run(*folders, "--settings", str(settings))
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    assert "allow_replacement must be a list" in err


def test_the_cdk_is_not_asked_where_only_tags_differ(repository: Repository) -> None:
    (repository.folder / "oelab.toml").write_text('owner = "someone"\n')
    _, out, _ = repository.run("--base", "HEAD")
    assert "stack tag Owner from oelab to someone" in out
    assert "There were no differences" not in out
    # The policy of operators names the owner, so of this stack there is something to say.
    assert out.count("\nResources\n") == 1


def test_no_difference_is_nothing(folders: tuple[str, str]) -> None:
    before, _ = folders
    code, out, err = run(before, before)
    assert (code, err) == (ExitCode.NOTHING, "")
    nothing, note = out.splitlines()
    assert nothing == f"from {before} to {before}: nothing changes"
    # Nothing of the change, that is.
    assert note.startswith("note: the images of OELabStack1, OELabStack2 are what a parameter of ")


def test_settings_that_cdk_json_names_are_those_of_its_version(repository: Repository) -> None:
    cdk_json = repository.folder / "cdk.json"
    document = json.loads(cdk_json.read_text())
    document["context"]["settings"] = "mine.toml"
    cdk_json.write_text(json.dumps(document))
    (repository.folder / "mine.toml").write_text(f'{KEY_FOR_PROD}allow_replacement = "no list"\n')
    code, _, err = repository.run("--base", "HEAD", "--brief")
    assert code == ExitCode.BAD_INPUT
    assert "allow_replacement" in err
    (repository.folder / "mine.toml").write_text('owner = "someone"\n')
    code, out, _ = repository.run("--base", "HEAD", "--brief")
    assert code == ExitCode.IN_PLACE
    assert "stack tag Owner from oelab to someone" in out


def test_folders_of_another_app_need_no_settings(folders: tuple[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "oelab.diff", *folders, "--guard"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (ExitCode.REFUSED, "")


def staged(**properties: Any) -> Path:
    app = new_app()
    stack = cdk.Stack(cdk.Stage(app, "Live"), "It", termination_protection=True)
    cdk.CfnResource(stack, "Web", type="AWS::EC2::Instance", properties=properties)
    return Path(app.synth().directory)


def test_stacks_of_stages_are_compared() -> None:
    code, out, err = run(str(staged(KeyName="one")), str(staged(KeyName="two")))
    assert (code, err) == (ExitCode.REFUSED, "")
    assert "(requires replacement)" in out
    assert "Live-It (protected): changes\n  replaced\n    Web AWS::EC2::Instance: KeyName" in out


def test_stacks_that_cannot_be_told_apart_are_refused() -> None:
    app = new_app()
    for region in ("eu-west-1", "eu-west-2"):
        cdk.Stack(app, region, stack_name="Twin", env=cdk.Environment(region=region))
    folder = app.synth().directory
    code, _, err = run(folder, folder)
    assert code == ExitCode.BAD_INPUT
    assert "two stacks of the name Twin" in err
