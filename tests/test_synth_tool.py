"""When `make synth` takes the templates in cdk.out for up to date, and `make diff` with it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synthesis import ROOT

# In place of the CDK CLI: it writes what came of the sources, and edits one where it is told to.
# Python starts quickly when isolated and without site-packages.
CLI = f"""#!{sys.executable} -IS
import sys
from pathlib import Path

print("synthesized")
print("Supply a stack id (One, Two) to display its template.", file=sys.stderr)
print("79 feature flags are not configured. Run 'cdk flags' to learn more.", file=sys.stderr)
print("a warning of the app", file=sys.stderr)
out, app, edit = Path("cdk.out"), Path("app.py"), Path("edit")
stage = out / "assembly-Stage"
stage.mkdir(parents=True, exist_ok=True)
(out / "manifest.json").write_text('["It.template.json", "assembly-Stage"]')
(stage / "manifest.json").write_text('["It.template.json"]')
for folder in (out, stage):
    (folder / "It.template.json").write_text(app.read_text())
if edit.exists():
    edit.unlink()
    app.write_text("later")
sys.exit(int(Path("code").read_text()))
"""
SOURCES = (
    "app.py",
    "cdk.context.json",
    "cdk.json",
    "oelab.toml",
    "package-lock.json",
    "requirements-dev.txt",
    "oelab/stacks/it.py",
    "oelab/review/it.json",
)
WRITTEN = (
    "cdk.out/It.template.json",
    "cdk.out/assembly-Stage/It.template.json",
    "cdk.out/assembly-Stage/manifest.json",
    "cdk.out/manifest.json",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose templates have been made, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    cli = folder / "node_modules" / ".bin" / "cdk"
    for path in (*(folder / name for name in SOURCES), cli, folder / "tools" / "synth"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first")
    cli.write_text(CLI)
    cli.chmod(0o755)
    shutil.copy(ROOT / "tools" / "synth", folder / "tools")
    (folder / "code").write_text("0")
    assert synthesizes(folder)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A copy of that project."""
    return shutil.copytree(made, tmp_path / "project")


def test_settings_that_cdk_json_names_are_a_source(project: Path) -> None:
    (project / "cdk.json").write_text('{"context": {"settings": "mine.toml"}}')
    (project / "mine.toml").write_text("first")
    assert synthesizes(project)
    (project / "mine.toml").write_text("second")
    assert synthesizes(project)
    assert not synthesizes(project)


def synth(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(project / "tools" / "synth"), *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


def synthesizes(project: Path) -> bool:
    run = synth(project)
    assert run.returncode == 0, run.stderr
    return "synthesized" in run.stdout


def test_advice_on_the_cli_is_left_out(project: Path) -> None:
    (project / "app.py").write_text("second")
    assert synth(project).stderr == "a warning of the app\n"


def test_what_is_there_stays(project: Path) -> None:
    assert synth(project, "--check").stdout == "cdk.out"
    assert synth(project).stdout.startswith("cdk.out is up to date; remove it")


@pytest.mark.parametrize("changed", [*SOURCES, *WRITTEN])
def test_an_edit_synthesizes_again(project: Path, changed: str) -> None:
    (project / changed).write_text("second")
    assert synth(project, "--check").stdout == ""
    assert synthesizes(project)
    assert not synthesizes(project)


@pytest.mark.parametrize("gone", [*SOURCES[1:], *WRITTEN])
def test_a_removal_synthesizes_again(project: Path, gone: str) -> None:
    (project / gone).unlink()
    assert synth(project, "--check").stdout == ""
    assert synthesizes(project)
    assert not synthesizes(project)


def test_a_new_file_synthesizes_again(project: Path) -> None:
    (project / "oelab" / "stacks" / "other.py").touch()
    assert synthesizes(project)


def test_the_same_content_is_no_change(project: Path) -> None:
    (project / "app.py").write_text("first")
    (project / "oelab" / "__pycache__").mkdir()
    (project / "oelab" / "__pycache__" / "it.pyc").touch()
    assert not synthesizes(project)


def test_what_a_removed_stack_left_goes(project: Path) -> None:
    gone = [project / "cdk.out" / name for name in ("", "assembly-Stage", "assembly-Gone")]
    gone[-1].mkdir()
    files = [folder / "Gone.template.json" for folder in gone]
    for file in files:
        file.touch()
    assert synthesizes(project)
    assert not any(path.exists() for path in (gone[-1], *files))


def test_an_edit_during_a_synth_is_not_lost(project: Path) -> None:
    (project / "app.py").write_text("second")
    (project / "edit").touch()
    assert synthesizes(project)
    assert synthesizes(project)
    assert (project / "cdk.out" / "It.template.json").read_text() == "later"


def test_a_failed_synth_fails_and_is_tried_again(project: Path) -> None:
    (project / "app.py").write_text("second")
    (project / "code").write_text("3")
    assert synth(project).returncode == 3
    assert synth(project, "--check").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "compared"),
    [
        ((), '--base "HEAD" $(PATH='),
        (("BASE=v1",), '--base "v1" $(PATH='),
        (("SETTINGS=mine.toml",), '--base "HEAD" --settings "mine.toml"'),
    ],
)
def test_a_diff_takes_what_is_up_to_date(arguments: tuple[str, ...], compared: str) -> None:
    make = ["make", "--no-print-directory", "--dry-run", "diff", *arguments]
    run = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)
    said = " ".join(run.stdout.replace("\\\n", " ").split())
    assert said.partition("oelab diff ")[2].startswith(compared)
    assert ("tools/synth --check" in said) == ("SETTINGS=mine.toml" not in arguments)
