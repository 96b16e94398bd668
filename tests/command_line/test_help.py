"""What the command line teaches and documents, and what it takes to start."""

import os
import runpy
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.command_line.conftest import Cli
from tests.command_line.promises import PROMISES
from tests.synthesis import ROOT

REFERENCE = runpy.run_path(str(ROOT / "tools" / "reference"))
COMMANDS: list[str] = [*REFERENCE["command_names"]()]
REPORTS: list[Any] = REFERENCE["reports"]()
WITHOUT_PROMISE = {"diff", "query", "sync status"}
"""Commands that read something else than the nodes, or no account."""


def run(*command: str, **environment: str) -> str:
    """What a program of this environment prints."""
    bin_folder = str(Path(sys.executable).parent)
    path = os.pathsep.join([bin_folder, os.environ["PATH"]])
    return subprocess.run(
        command,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout


def test_the_pages_are_what_the_code_says() -> None:
    commands, review = REFERENCE["COMMANDS"].read_text(), REFERENCE["REVIEW"].read_text()
    architecture = REFERENCE["ARCHITECTURE"].read_text()
    assert commands == REFERENCE["commands_page"](), "run: make reference"
    assert review == REFERENCE["review_page"](review), "run: make reference"
    assert architecture == REFERENCE["architecture_page"](architecture), "run: make reference"


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.__name__)
def test_each_field_of_a_document_is_documented(report: Any) -> None:
    for kind in (report, *REFERENCE["rows_of"](report)):
        undocumented = [
            name for name, text in REFERENCE["documented_fields"](kind).items() if not text
        ]
        assert undocumented == [], kind
    assert all(REFERENCE["finding_fields"]().values())


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_an_example_and_a_promise(cli: Cli, command: str) -> None:
    result = cli(*command.split(), "--help")
    assert result.exit_code == 0
    assert f"Example: oelab {command}" in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    is_promised = any(
        each.split()[: command.count(" ") + 1] == command.split() for each in PROMISES
    )
    assert is_promised or command in WITHOUT_PROMISE, "add it to the table in docs/review.md"


@pytest.mark.parametrize(
    "arguments",
    [["sttus"], ["status", "--regoin", "x"], ["compare", "Test"], ["wait", "--timeout", "soon"]],
)
def test_a_wrong_argument_is_answered_with_help(cli: Cli, arguments: list[str]) -> None:
    result = cli(*arguments)
    assert result.exit_code == 2
    assert "-h' for help" in result.stderr
    assert result.stdout == ""


def test_without_arguments_it_shows_every_command(cli: Cli) -> None:
    result = cli()
    assert result.exit_code == 2
    assert all(command.split()[0] in result.output for command in COMMANDS)


def test_the_version_is_that_of_the_package(cli: Cli) -> None:
    shown = cli("--version")
    assert (shown.exit_code, shown.output) == (0, f"oelab {version('oelab')}\n")


IMPORTED = """
import sys
from oelab.__main__ import main
sys.argv[1:] = {arguments}
try:
    main()
except SystemExit:
    pass
print(sorted({{'boto3', 'botocore', 'aws_cdk', 'jsii', 'rich', 'cattrs', 'tomlkit', 'univers',
               'oelab.settings', 'localaws'}} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "imported"),
    [
        (["--help"], []),
        (["status", "--help"], []),
        (["diff", "--base", "nowhere"], ["oelab.settings", "rich"]),
        (["status", "--region", "moon"], ["boto3", "botocore", "oelab.settings", "rich"]),
    ],
    ids=["help", "help of a command", "diff", "review"],
)
def test_a_command_imports_only_what_it_needs(arguments: list[str], imported: list[str]) -> None:
    code = IMPORTED.format(arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stderr.splitlines()[-1] == str(imported)


def test_it_runs_as_a_module() -> None:
    assert run(sys.executable, "-m", "oelab", "--help") == run("oelab", "--help")


# ---------------------------------------------------------------------------------------------
# Completion, in the shell itself
# ---------------------------------------------------------------------------------------------


def completed(home: Path, line: str) -> list[str]:
    """What bash offers for a line, in a shell that starts with the completion installed."""
    words = " ".join(word or "''" for word in line.split(" "))
    script = (
        f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _oelab_completion oelab; "
        "echo ${COMPREPLY[@]}"
    )
    return run("bash", "-ic", script, HOME=str(home)).split()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder in which the completion has been installed from bash."""
    folder = tmp_path_factory.mktemp("home")
    run("bash", "-c", "oelab --install-completion; true", HOME=str(folder))
    return folder


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("oelab sta", ["status"]),
        ("oelab image ", ["pin", "check"]),
        ("oelab status --se", ["--settings"]),
    ],
)
def test_bash_completes(home: Path, line: str, offered: list[str]) -> None:
    assert completed(home, line) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown(shell: str) -> None:
    assert "_OELAB_COMPLETE" in run("oelab", _OELAB_COMPLETE=f"source_{shell}")
