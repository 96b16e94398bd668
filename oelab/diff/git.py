"""Checks out the project as it is in a commit."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oelab.diff.subprocesses import Program, run, temporary_folder
from oelab.findings import BadInputError


@contextmanager
def checked_out(project: Path, ref: str) -> Iterator[Path]:
    """The project as it is in a commit, in a folder that is removed afterwards.

    It is written with an index of its own and no worktree is registered, so that nothing is left in
    the repository however this ends.

    Raises:
        BadInputError: `project` is no git checkout, or `ref` names no commit of it.
    """
    prefix = _git(project, "rev-parse", "--show-prefix", fault=f"{project} must be a git checkout")
    verify = ("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    commit = _git(project, *verify, fault=f"{ref!r} must name a commit of this repository")
    with temporary_folder("oelab-base-") as folder:
        tree = folder / "tree"
        tree.mkdir()
        checkout = (f"--work-tree={tree}", "read-tree", "-u", "--reset", "--no-sparse-checkout")
        fault = f"{ref!r} could not be checked out"
        _git(project, *checkout, commit, fault=fault, GIT_INDEX_FILE=str(folder / "index"))
        yield tree / prefix


def _git(cwd: Path, *arguments: str, fault: str, **variables: str) -> str:
    try:
        (git,) = run(Program(["git", *arguments], cwd, os.environ | variables))
    except FileNotFoundError as error:
        raise BadInputError("git must be installed to compare with a commit") from error
    if git.returncode:
        said = git.stderr.strip().splitlines()
        raise BadInputError(f"{fault}; git said: {said[-1] if said else git.returncode}")
    return git.stdout.strip()
