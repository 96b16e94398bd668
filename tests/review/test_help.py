"""What the command line teaches, and what it takes to start."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from oelab.review.reference import COMMANDS, reference
from tests.review.conftest import Cli

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_is_current() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python -m oelab.review.reference > docs/commands.md"


def test_without_arguments_it_shows_every_command(cli: Cli) -> None:
    result = cli()
    assert result.exit_code == 2
    assert all(command.split()[0] in result.output for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_an_example(cli: Cli, command: str) -> None:
    result = cli(*command.split(), "--help")
    assert result.exit_code == 0
    assert f"Example: oelab {command}" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sttus"], "No such command 'sttus'"),
        (["status", "--regoin", "x"], "--region"),
        (["compare", "Test"], "Missing argument 'OTHER'"),
        (["wait", "--timeout", "soon"], "Invalid value for '--timeout'"),
    ],
)
def test_a_wrong_argument_is_answered_with_help(cli: Cli, arguments: list[str], says: str) -> None:
    result = cli(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_help_loads_no_sdk() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from oelab.review.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "heavy = {'boto3', 'botocore', 'aws_cdk', 'jsii', 'rich', 'univers'}\n"
        "heavy |= {'oelab.review.models', 'oelab.settings'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ran.stdout == "[]\n"


def test_the_review_never_loads_the_cdk() -> None:
    code = (
        "import sys, pkgutil, importlib, oelab.review as package\n"
        "names = [m.name for m in pkgutil.walk_packages(package.__path__, 'oelab.review.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "assert len(names) > 30, names\n"
        "print('aws_cdk' in sys.modules, 'localaws' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ran.stdout == "False False\n"


def test_it_runs_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "oelab", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert ran.stdout.startswith("Usage: oelab ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown(shell: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "oelab"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"_OELAB_COMPLETE": f"source_{shell}", "PATH": ""},
    )
    assert "_OELAB_COMPLETE" in ran.stdout


def test_the_version_is_that_of_the_package(cli: Cli) -> None:
    shown = cli("--version")
    assert (shown.exit_code, shown.output) == (0, f"oelab {version('oelab')}\n")
