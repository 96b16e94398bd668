"""A repository of its own, and `oelab diff` in it."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oelab.cli import app
from tests.diff.versions import folder_of, prod
from tests.synthesis import ROOT

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
        # With what is compiled, which takes longer than all else that is done with the copy, but
        # not with what another process is just writing.
        unfinished = shutil.ignore_patterns("*.pyc.*")
        shutil.copytree(ROOT / "oelab", self.folder / "oelab", ignore=unfinished)
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

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "oelab", "diff", *arguments],
            cwd=self.folder,
            env=os.environ | {"TMPDIR": str(self.temporary)} | environment,
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


@pytest.fixture(scope="session")
def folders() -> tuple[str, str]:
    """Two `cdk.out` folders: the lab, and the lab with a key pair for Prod."""
    return str(folder_of()), str(folder_of(prod(key_name="lab")))


def run(*arguments: str, cwd: Path = ROOT) -> tuple[int, str, str]:
    """`oelab diff` in this process."""
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(app, ["diff", *arguments], prog_name="oelab")
    return done.exit_code, done.stdout, done.stderr
