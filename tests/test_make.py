"""When `make synth` takes the templates in cdk.out for up to date, and `make diff` with it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.synthesis import ROOT

LONG_AGO, BEFORE, NOW = 1_000_000_000, 1_000_000_100, 1_000_000_200


def age(path: Path, when: int) -> None:
    os.utime(path, (when, when))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose templates have been made, after all that they are made from."""
    (tmp_path / "oelab" / "stacks").mkdir(parents=True)
    (tmp_path / "cdk.out").mkdir()
    for name in ("app.py", "cdk.json", "oelab.toml", "requirements.txt", "oelab/stacks/it.py"):
        (tmp_path / name).touch()
    (tmp_path / "cdk.out" / "manifest.json").touch()
    for path in tmp_path.rglob("*"):
        age(path, LONG_AGO)
    (tmp_path / "cdk.out" / "made").touch()
    age(tmp_path / "cdk.out" / "made", BEFORE)
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def is_made(project: Path) -> bool:
    make = ["make", "--question", "cdk.out/made"]
    run = subprocess.run(make, cwd=project, capture_output=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    return run.returncode == 0


def test_what_is_made_stays(project: Path) -> None:
    assert is_made(project)


@pytest.mark.parametrize(
    "changed",
    [
        "app.py",
        "cdk.json",
        "oelab.toml",
        "requirements.txt",
        "oelab/stacks/it.py",
        "oelab/stacks",  # as where a file is removed
        "cdk.out/manifest.json",  # as by another command, with other settings perhaps
    ],
)
def test_it_is_made_again_after_a_change(project: Path, changed: str) -> None:
    age(project / changed, NOW)
    assert not is_made(project)


def test_it_is_made_again_where_it_is_gone(project: Path) -> None:
    shutil.rmtree(project / "cdk.out")
    assert not is_made(project)


def test_compiled_python_is_no_change(project: Path) -> None:
    cache = project / "oelab" / "__pycache__"
    cache.mkdir()
    (cache / "it.pyc").touch()
    age(project / "oelab", LONG_AGO)
    assert is_made(project)
