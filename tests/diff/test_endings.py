"""How `oelab diff` ends where it cannot compare, or cannot print."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oelab.exit_codes import ExitCode
from tests.diff.conftest import KEY_FOR_PROD, Repository, run
from tests.synthesis import ROOT
from tests.waiting import eventually


def test_an_unknown_commit_is_one_line(repository: Repository) -> None:
    code, out, err = repository.run("--base", "nowhere")
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    (line,) = err.splitlines()
    assert line.startswith("'nowhere' must name a commit of this repository; git said: ")


def test_no_checkout_is_one_line(repository: Repository) -> None:
    shutil.rmtree(repository.folder / ".git")
    code, _, err = repository.run("--base", "HEAD")
    assert code == ExitCode.BAD_INPUT
    (line,) = err.splitlines()
    assert "must be a git checkout; git said: fatal: not a git repository" in line


def test_a_base_that_does_not_synthesize_is_reported_with_all_its_findings(
    repository: Repository, folders: tuple[str, str]
) -> None:
    (repository.folder / "oelab.toml").write_text("owner = 3\nregion = 4\n")
    repository.commit()
    code, _, err = repository.run("--base", "HEAD", folders[0])
    assert code == ExitCode.BAD_INPUT
    heading, owner, region = err.splitlines()
    assert heading.startswith("HEAD does not synthesize: ")
    assert heading.endswith(": 2 faults")
    assert owner.strip().startswith("owner must be a string, got 3")
    assert region.strip().startswith("region must be ")
    assert repository.traces() == []


def test_an_error_in_the_code_is_named_with_its_place(
    repository: Repository, folders: tuple[str, str]
) -> None:
    stacks = repository.folder / "oelab" / "stacks" / "__init__.py"
    stacks.write_text(f"{stacks.read_text()}(\n")
    repository.commit()
    code, _, err = repository.run("--base", "HEAD", folders[0])
    assert code == ExitCode.BAD_INPUT
    (line,) = err.splitlines()
    assert line.startswith("HEAD does not synthesize: SyntaxError: ")
    assert 'oelab/stacks/__init__.py", line ' in line


def test_both_versions_are_named_where_neither_synthesizes(repository: Repository) -> None:
    settings = repository.folder / "oelab.toml"
    settings.write_text("owner = 3\n")
    repository.commit()
    settings.write_text("region = 4\n")
    code, _, err = repository.run("--base", "HEAD")
    assert code == ExitCode.BAD_INPUT
    of_commit, of_tree = err.split("\nthe working tree does not synthesize: ")
    assert of_commit.startswith("HEAD does not synthesize: ")
    assert ("owner must " in of_commit, "region must " in of_commit) == (True, False)
    assert ("owner must " in of_tree, "region must " in of_tree) == (False, True)


def test_folders_that_are_not_cdk_out_are_one_line(tmp_path: Path) -> None:
    code, _, err = run(str(tmp_path), str(tmp_path))
    assert code == ExitCode.BAD_INPUT
    assert err == (
        f"{tmp_path} must be a folder that `cdk synth` has written; it has no "
        "manifest.json of one\n"
    )


def test_an_output_that_is_closed_early_is_not_let_through(
    folders: tuple[str, str],
) -> None:
    command = [sys.executable, "-m", "oelab", "diff", *folders]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (ExitCode.INTERRUPTED, "")


def test_a_full_disk_is_a_line(folders: tuple[str, str]) -> None:
    command = [sys.executable, "-m", "oelab", "diff", *folders, "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == ExitCode.UNREAD
    assert done.stderr == "the output could not be written: No space left on device\n"


def test_what_python_itself_ends_with_lets_nothing_through(repository: Repository) -> None:
    command = repository.folder / "oelab" / "diff" / "compare.py"
    command.write_text(f"{command.read_text()}(\n")
    code, _, err = repository.run("--base", "HEAD")
    assert "SyntaxError" in err
    assert code not in LETS_THROUGH


LETS_THROUGH = {
    ExitCode.WELL,
    ExitCode.IN_PLACE,
    ExitCode.MAY_REPLACE,
    ExitCode.REPLACES,
    ExitCode.DELETES,
}


def test_the_recipes_let_every_change_pass_that_is_not_refused() -> None:
    page = (ROOT / "docs" / "reviewing-changes.md").read_text()
    recipes = re.findall(r"case \$code in (.*?)\) ;; \*\)", page)
    assert len(recipes) == 2
    for recipe in recipes:
        assert {int(code) for code in recipe.split("|")} == LETS_THROUGH


def test_an_error_that_cannot_be_printed_is_not_let_through() -> None:
    command = [sys.executable, "-m", "oelab", "diff", "--base", "nowhere"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=ROOT, stderr=full, check=False)
    # Python may have a code of its own for it.
    assert done.returncode not in LETS_THROUGH


def test_any_locale_will_do(folders: tuple[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "oelab", "diff", *folders, "--cdk"],
        cwd=ROOT,
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (ExitCode.REFUSED, "")
    # In place of the lines that the CDK draws.
    assert "\\u2514" in done.stdout


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("oelab-base-*", signal.SIGTERM),
        ("oelab-versions-*/head", signal.SIGHUP),
        ("oelab-cdk-diff-*", signal.SIGINT),
    ],
)
def test_an_interrupted_run_leaves_nothing_behind(
    repository: Repository, moment: str, wanted: signal.Signals
) -> None:
    (repository.folder / "oelab.toml").write_text(KEY_FOR_PROD)
    process = repository.start("--base", "HEAD", "--cdk")
    eventually(lambda: list(repository.temporary.glob(moment)))
    process.send_signal(wanted)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (ExitCode.INTERRUPTED, "interrupted\n")
    assert repository.traces() == []
    assert repository.git("worktree", "list").count("\n") == 1
