"""How `python -m oelab.diff` ends where it cannot compare, or nobody listens."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oelab.diff import ExitCode
from tests.diff.conftest import KEY_FOR_PROD, Repository, run
from tests.synthesis import ROOT
from tests.waiting import eventually


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


@pytest.mark.parametrize(
    "template",
    [
        "[]",
        '{"Resources": []}',
        '{"Resources": {"Web1": 1}}',
        '{"Resources": {"Fn::ForEach::A": []}}',
    ],
)
def test_what_is_no_template_is_one_line(
    folders: tuple[str, str], tmp_path: Path, template: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folders[0], broken)
    (broken / "OELabStack2.template.json").write_text(template)
    code, out, err = run(folders[0], str(broken))
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    (line,) = err.splitlines()
    assert "OELabStack2.template.json must be" in line


def test_a_reader_that_has_seen_enough_does_not_hear_that_all_is_well(
    folders: tuple[str, str],
) -> None:
    command = [sys.executable, "-m", "oelab.diff", *folders, "--brief"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (ExitCode.INTERRUPTED, "")


def test_a_full_disk_is_a_line(folders: tuple[str, str]) -> None:
    command = [sys.executable, "-m", "oelab.diff", *folders, "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == ExitCode.BAD_INPUT
    assert done.stderr == "changes: the output cannot be used: No space left on device\n"


def test_what_python_itself_ends_with_lets_nothing_through(repository: Repository) -> None:
    words = repository.folder / "oelab" / "changes" / "words.py"
    words.write_text(f"{words.read_text()}(\n")
    code, _, err = repository.run("--base", "HEAD")
    assert "SyntaxError" in err
    assert code not in set(ExitCode)


LETS_THROUGH = {*ExitCode} - {ExitCode.BAD_INPUT, ExitCode.REFUSED, ExitCode.INTERRUPTED}


def test_the_recipes_let_every_change_pass_that_is_not_refused() -> None:
    page = (ROOT / "docs" / "reviewing-changes.md").read_text()
    recipes = re.findall(r"case \$code in (.*?)\) ;; \*\)", page)
    assert len(recipes) == 2
    for recipe in recipes:
        assert {int(code) for code in recipe.split("|")} == LETS_THROUGH


def test_what_nobody_can_be_told_is_not_let_through() -> None:
    command = [sys.executable, "-m", "oelab.diff", "--base", "nowhere"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=ROOT, stderr=full, check=False)
    # Python may have a code of its own for it.
    assert done.returncode not in LETS_THROUGH


def test_any_locale_will_do(repository: Repository) -> None:
    (repository.folder / "oelab.toml").write_text(KEY_FOR_PROD)
    process = repository.start(
        "--base", "HEAD", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (ExitCode.REFUSED, "")
    # In place of the lines that the CDK draws.
    assert "\\u2514" in out


@pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
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
