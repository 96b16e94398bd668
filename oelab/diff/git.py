"""Both versions of the app, synthesized without credentials and network."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from oelab.diff.assembly import Stack, read
from oelab.diff.subprocesses import Program, run
from oelab.diff.temporary import temporary_folder
from oelab.template.assembly import read_json

# The CDK names a file beside the templates, which are gone when that is read.
_REPORT = "A copy of this report can be found in"


class VersionError(RuntimeError):
    """A version that cannot be had; the message is for the person who asked for it."""


@contextmanager
def checked_out(project: Path, ref: str) -> Iterator[Path]:
    """The project as it is in a commit, in a folder that is gone afterwards.

    It is written with an index of its own, so that the repository learns nothing of it: however
    this ends, no worktree is left registered there.
    """
    prefix = _git(project, "rev-parse", "--show-prefix", fault=f"{project} must be a git checkout")
    commit = _git(
        project,
        "rev-parse",
        "--verify",
        "--end-of-options",
        f"{ref}^{{commit}}",
        fault=f"{ref!r} must name a commit of this repository",
    )
    top = Path(_git(project, "rev-parse", "--show-toplevel", fault="git failed"))
    with temporary_folder("oelab-base-") as folder:
        index, tree = Path(folder, "index"), Path(folder, "tree")
        fault = f"{ref!r} could not be checked out"
        _git(top, "read-tree", commit, fault=fault, index=index)
        _git(top, "checkout-index", "--all", f"--prefix={tree}/", fault=fault, index=index)
        yield tree / prefix


def _git(cwd: Path, *arguments: str, fault: str, index: Path | None = None) -> str:
    environment = os.environ | ({"GIT_INDEX_FILE": str(index)} if index else {})
    try:
        git = subprocess.run(
            ["git", *arguments],  # noqa: S607 - the git of whoever runs this
            cwd=cwd,
            env=environment,
            capture_output=True,
            # Of a path, whatever the locale.
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except FileNotFoundError as error:
        raise VersionError("git must be installed to compare with a commit") from error
    if git.returncode:
        said = git.stderr.strip().splitlines()
        raise VersionError(f"{fault}; git said: {said[-1] if said else git.returncode}")
    return git.stdout.strip()


@dataclass(frozen=True)
class Version:
    """The project at one time, and where its templates go."""

    what: str
    """How to speak of it."""
    project: Path
    out: Path


def settings_named_in(project: Path) -> str:
    """The settings file as a version's cdk.json names it, if it does."""
    try:
        return str(read_json(project / "cdk.json")["context"]["settings"])
    except (OSError, ValueError, LookupError, TypeError):
        return "oelab.toml"


def synthesized(*versions: Version, settings: str | None) -> list[dict[str, Stack]]:
    """The stacks that each version's app defines, by its own code and settings.

    Raises:
        VersionError: naming each version that does not synthesize.
    """
    for version in versions:
        if not (version.project / "app.py").exists():
            raise VersionError(
                f"{version.what} has no app.py to synthesize; run this in the folder of the project"
            )
        named = settings or settings_named_in(version.project)
        if not (version.project / named).exists():
            raise VersionError(
                f"{version.what} has no {named}: each version is synthesized with its own; an "
                "absolute path takes one file for both"
            )
    with closing(run(_synth(version, settings) for version in versions)) as endings:
        faults = [
            f"{version.what} does not synthesize: {_reason(ended.err + ended.out)}"
            for version, ended in zip(versions, endings, strict=True)
            if ended.code
        ]
    if faults:
        raise VersionError("\n".join(faults))
    return [read(version.out) for version in versions]


def _synth(version: Version, settings: str | None) -> Program:
    named = settings or settings_named_in(version.project)
    return Program(
        command=[sys.executable, "app.py"],
        folder=version.project,
        environment=os.environ
        | {
            "CDK_OUTDIR": str(version.out),
            # What node leaves there when it is stopped is gone with the rest.
            "TMPDIR": str(version.out.parent),
            # What is compared need not be deployable: that is for `cdk synth` to say.
            "CDK_CONTEXT_JSON": json.dumps({"settings": named, "validation": "off"}),
            "PYTHONPATH": str(version.project),
            # jsii looks for node on the PATH, and the one of this environment is the one locked.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        },
    )


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip() and _REPORT not in line]
    if any(line.startswith("Traceback") for line in lines):
        lines = [line.strip() for line in lines]
        errors = [line for line in lines if "Error: " in line]
        places = [line for line in lines if line.startswith('File "')]
        return f"{(errors or lines)[-1]} ({places[-1]})" if places else (errors or lines)[-1]
    return "\n  ".join(lines) or "it said nothing"
