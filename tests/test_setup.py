"""`make setup`: what stops it is one clear line, and what it installs is as it should be."""

import os
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.synthesis import ROOT


def copy_project(directory: Path) -> None:
    """What setup needs of the project, in a folder that it may fill."""
    (directory / "tools").mkdir()
    for name in ("tools/setup.py", "requirements-dev.txt", "package.json", "package-lock.json"):
        (directory / name).write_bytes((ROOT / name).read_bytes())


def run_setup(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(directory / "tools" / "setup.py")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unreachable_registry_is_one_line(tmp_path: Path) -> None:
    copy_project(tmp_path)
    run = run_setup(
        tmp_path,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_RETRIES="0",
        PIP_NO_CACHE_DIR="1",
        PIP_CONFIG_FILE=os.devnull,
    )
    assert run.returncode == 2
    started, failed = run.stderr.strip().splitlines()
    assert started.startswith("setup: installing the locked Python packages")
    assert failed.startswith("setup: could not install the Python packages: ERROR")
    assert "check the network" in failed


def test_an_old_python_is_one_line(tmp_path: Path) -> None:
    copy_project(tmp_path)
    script = (tmp_path / "tools" / "setup.py").read_text()
    # No older Python is at hand everywhere, so the one at hand plays the part.
    (tmp_path / "tools" / "setup.py").write_text(
        script.replace("OLDEST = (3, 11)", "OLDEST = (4, 0)")
    )
    run = run_setup(tmp_path)
    assert run.returncode == 2
    (line,) = run.stderr.strip().splitlines()
    assert line.startswith("setup: Python 4.0 or newer is needed, but ")
    assert not (tmp_path / ".venv").exists()


def test_node_is_started_without_python_before_it() -> None:
    node = Path(sys.executable).with_name("node")
    assert node.resolve().read_bytes()[:2] != b"#!"


def test_what_changes_is_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    once = runpy.run_path(str(ROOT / "tools" / "setup.py"))["once"]
    monkeypatch.setitem(once.__globals__, "ROOT", str(tmp_path))
    installed: list[str] = []
    for version in ("1", "1", "2"):
        (tmp_path / "source.txt").write_text(version)
        once(str(tmp_path), "source.txt", lambda: installed.append(version))  # noqa: B023
    assert installed == ["1", "2"]


def test_one_python_is_the_oldest_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = ".".join(map(str, runpy.run_path(str(ROOT / "tools" / "setup.py"))["OLDEST"]))
    assert project["requires-python"] == f">={oldest}"
    pythons = [each for each in project["classifiers"] if ":: Python :: " in each]
    assert pythons[0].endswith(f":: {oldest}")


def test_every_installed_package_names_its_licence() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "licences")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    listed = {line.split()[0] for line in run.stdout.splitlines()}
    assert listed >= {"aws-cdk", *(package.metadata["Name"] for package in distributions())}


def git(folder: Path, *words: str) -> int:
    person = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    return subprocess.run(
        [shutil.which("git") or "git", *person, *words],
        cwd=folder,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        check=False,
    ).returncode


def test_the_hook_refuses_a_commit_that_lint_refuses(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools" / "hooks", tmp_path / "tools" / "hooks")
    (tmp_path / "Makefile").write_text("lint:\n\t@test ! -e wrong\n")
    assert git(tmp_path, "init") == 0
    assert git(tmp_path, "config", "core.hooksPath", "tools/hooks") == 0
    assert git(tmp_path, "commit", "--allow-empty", "--message", "Change") == 0
    (tmp_path / "wrong").touch()
    assert git(tmp_path, "commit", "--allow-empty", "--message", "Change") == 1
