"""The wheel in virtual environments that have only what its metadata names."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

from tests.synthesis import ROOT


@dataclass(frozen=True)
class Installation:
    """A virtual environment with the wheel, and an empty folder to work in."""

    environment: Path
    folder: Path

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        (found,) = self.environment.glob("lib/python*/site-packages")
        return found

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment; no other is on the PATH, nor anything of this one."""
        path = str(self.environment / "bin")
        return subprocess.run(
            [str(self.environment / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env={"PATH": path, "HOME": str(self.folder), "COLUMNS": "80"} | variables,
            capture_output=True,
            text=True,
            check=False,
        )


def build_wheel(folder: Path) -> Path:
    """The wheel of a copy of the sources, so that the build leaves nothing in the checkout."""
    sources = folder / "sources"
    shutil.copytree(ROOT / "oelab", sources / "oelab", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    pip = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder)]
    subprocess.run([*pip, str(sources)], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path, *, extra: str = "") -> Installation:
    """Install the wheel as `pip install 'oelab[extra]'` would, without a package index.

    What it needs is linked from the environment of the tests, package by package.
    """
    environment, work = folder / "environment", folder / "work"
    work.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = str(environment / "bin" / "python")
    options = ["--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", *options, str(wheel)],
        check=True,
    )
    installation = Installation(environment, work)
    (oelab,) = distributions(name="oelab", path=[str(installation.packages)])
    for name in sorted(needed_by(oelab, extra)):
        for target in files_of(name):
            link = installation.packages / target.name
            if not link.exists():
                link.symlink_to(target)
    return installation


def needed_by(package: Distribution, extra: str) -> set[str]:
    """The names of the packages that one requires on this Python, with all that those require."""
    found: set[str] = set()
    left = [(package, extra)]
    while left:
        package, extra = left.pop()
        for requirement in map(Requirement, package.requires or ()):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            if requirement.name not in found:
                found.add(requirement.name)
                left += [(distribution(requirement.name), each) for each in _extras(requirement)]
    return found


def _extras(requirement: Requirement) -> Iterable[str]:
    return requirement.extras or {""}


def files_of(name: str) -> Iterator[Path]:
    """The files and folders that a package has put into site-packages."""
    installed = distribution(name)
    tops = {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}
    return (Path(str(installed.locate_file(top))) for top in sorted(tops))
