"""`python -m oelab.changes` as a person and CI run it, on a repository of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oelab.changes import ExitCode
from tests.changes.versions import folder_of, prod
from tests.synthesis import ROOT
from tests.waiting import eventually

KEY_FOR_PROD = """
[[workloads]]
name = "Test"
stack_name = "OELabStack1"

[[workloads]]
name = "Prod"
stack_name = "OELabStack2"
key_name = "lab"
protection = true
"""


class Repository:
    """A copy of the project in a repository with one commit, and a TMPDIR to look into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "oelab", self.folder / "oelab", ignore=ignored)
        for name in ("app.py", "cdk.json", "oelab.toml"):
            shutil.copy(ROOT / name, self.folder / name)
        (self.folder / "node_modules").symlink_to(ROOT / "node_modules")
        (self.folder / ".gitignore").write_text("node_modules\n__pycache__\n")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        command = ["git", *identity, *arguments]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "As it was")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "oelab.changes", *arguments],
            cwd=self.folder,
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def traces(self) -> list[str]:
        """What a run has left behind."""
        return [path.name for path in self.temporary.iterdir()]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


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
    assert "OELabStack1" not in out
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


@pytest.fixture(scope="module")
def folders() -> tuple[str, str]:
    """Two `cdk.out` folders: the lab, and the lab with a key pair for Prod."""
    return str(folder_of()), str(folder_of(prod(key_name="lab")))


def run(*arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "oelab.changes", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_two_folders_as_a_document(folders: tuple[str, str]) -> None:
    code, out, _ = run(*folders, "--json", "--allow", "OELabStack2")
    document = json.loads(out)
    assert code == document["exit_code"] == ExitCode.REPLACES
    assert (document["schema"], document["result"]) == ("oelab.changes/1", "replaces")
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
    assert run(before, before) == (
        ExitCode.NOTHING,
        f"from {before} to {before}: nothing changes\n",
        "",
    )


def test_an_unknown_commit_is_one_line(repository: Repository) -> None:
    code, out, err = repository.run("--base", "nowhere")
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    (line,) = err.splitlines()
    assert line.startswith("changes: 'nowhere' must name a commit of this repository; git said: ")


def test_no_checkout_is_one_line(repository: Repository) -> None:
    shutil.rmtree(repository.folder / ".git")
    code, _, err = repository.run("--base", "HEAD")
    assert code == ExitCode.BAD_INPUT
    (line,) = err.splitlines()
    assert "must be a git checkout; git said: fatal: not a git repository" in line


def test_a_base_that_does_not_synthesize_says_each_fault_in_a_line(repository: Repository) -> None:
    settings = repository.folder / "oelab.toml"
    settings.write_text("owner = 3\nregion = 4\n")
    repository.commit()
    settings.write_text("")
    code, _, err = repository.run("--base", "HEAD")
    assert code == ExitCode.BAD_INPUT
    heading, owner, region = err.splitlines()
    assert heading.startswith("changes: HEAD does not synthesize: ")
    assert heading.endswith(": 2 faults")
    assert owner.strip().startswith("owner must be a string, got 3")
    assert region.strip().startswith("region must be ")
    assert repository.traces() == []


def test_an_error_in_the_code_is_named_with_its_place(repository: Repository) -> None:
    stacks = repository.folder / "oelab" / "stacks" / "__init__.py"
    stacks.write_text(f"{stacks.read_text()}(\n")
    code, _, err = repository.run("--base", "HEAD")
    assert code == ExitCode.BAD_INPUT
    (line,) = err.splitlines()
    assert line.startswith("changes: the working tree does not synthesize: SyntaxError: ")
    assert 'oelab/stacks/__init__.py", line ' in line


def test_both_versions_are_named_where_neither_synthesizes(repository: Repository) -> None:
    (repository.folder / "oelab.toml").write_text("owner = 3\n")
    repository.commit()
    _, _, err = repository.run("--base", "HEAD")
    assert "changes: HEAD does not synthesize: " in err
    assert "\nthe working tree does not synthesize: " in err


def test_folders_that_are_none_are_one_line(tmp_path: Path) -> None:
    code, _, err = run(str(tmp_path), str(tmp_path))
    assert code == ExitCode.BAD_INPUT
    assert err == (
        f"changes: {tmp_path} must be a folder that `cdk synth` has written; it has no "
        "manifest.json of one\n"
    )


@pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["oelab-base-*", "oelab-changes-*/head", "oelab-diff-*"])
def test_an_interrupted_run_leaves_nothing_behind(
    repository: Repository, moment: str, wanted: signal.Signals
) -> None:
    (repository.folder / "oelab.toml").write_text(KEY_FOR_PROD)
    process = repository.start("--base", "HEAD")
    eventually(lambda: list(repository.temporary.glob(moment)))
    process.send_signal(wanted)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (ExitCode.INTERRUPTED, "changes: interrupted\n")
    assert repository.traces() == []
    assert repository.git("worktree", "list").count("\n") == 1
