"""The stacks of a version of an app: read from a folder, or synthesized without credentials."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oelab.diff.alignment import Stacks, label_of
from oelab.diff.git import checked_out
from oelab.diff.subprocesses import Program, environment_in, run, temporary_folder
from oelab.findings import BadInputError
from oelab.template.app import read_app
from oelab.template.assembly import NoAssemblyError, Stack, read_json, stacks_in
from oelab.template.syntax import syntax_faults

# The CDK names a copy of its report next to the templates, which are removed before anybody reads.
_REPORT = "A copy of this report can be found in"


@dataclass(frozen=True)
class TwoVersions:
    """The stacks of two versions of an app, what the versions are called, and the `cdk.out` folder
    of the second."""

    base_name: str
    base: Stacks
    head_name: str
    head: Stacks
    head_folder: Path


@dataclass(frozen=True)
class _Project:
    """The project at one time, the folder for its templates, and its settings file."""

    name: str
    folder: Path
    out: Path
    settings: str


@contextmanager
def two_versions(
    folders: Sequence[Path], *, base: str | None, settings: str | None
) -> Iterator[TwoVersions]:
    """The versions to compare: two `cdk.out` folders, or a commit and a folder or the working tree.

    `base` is the commit of the project in this folder. Commit and working tree are synthesized with
    the settings file that `settings` names, or their own cdk.json: relative to the folder of each
    version, or one for both. A commit that has no such file is synthesized with its own, as it is
    before a new file is first used. Nothing temporary is left at the end, however that comes.

    Raises:
        BadInputError: `base` is no commit, or a version does not synthesize.
        NoAssemblyError: a folder is none that `cdk synth` has written, or cannot be compared.
    """
    if base is None:
        before, after = folders
        yield TwoVersions(str(before), read(before), str(after), read(after), after)
        return
    with checked_out(Path.cwd(), base) as project, temporary_folder("oelab-versions-") as out:
        commit = _base_project(base, project, out / "base", settings)
        if folders:
            (after,) = folders
            head = read(after)
            (stacks,) = _synthesize(commit)
            yield TwoVersions(commit.name, stacks, str(after), head, after)
        else:
            own = settings or settings_file_of(Path.cwd())
            tree = _Project("the working tree", Path.cwd(), out / "head", own)
            stacks, head = _synthesize(commit, tree)
            yield TwoVersions(commit.name, stacks, "working tree", head, tree.out)


def read(folder: Path) -> dict[str, Stack]:
    """The stacks of a `cdk.out` folder, by name, with those nested in them.

    Several of one name are by name and environment.

    Raises:
        NoAssemblyError: the folder is none, two stacks have one name and environment, or a template
            is malformed or has what CloudFormation unfolds first, such as Fn::ForEach.
    """
    found = stacks_in(folder)
    count = Counter(stack.name for stack in found)
    stacks: dict[str, Stack] = {}
    for stack in found:
        label = stack.name if count[stack.name] == 1 else label_of(stack)
        if label in stacks:
            raise NoAssemblyError(
                f"{folder} has two stacks of the name {stack.name} in one environment, so that it "
                f"is unknown which is which in another version; give {stack.path} another name"
            )
        _check_syntax(stack)
        stacks[label] = stack
    for stack in read_app(stacks.values()).stacks:
        if stack.arguments is not None:
            _check_syntax(stack)
    return stacks


def _check_syntax(stack: Stack) -> None:
    if faults := syntax_faults(stack.template, str(stack.template_file)):
        raise NoAssemblyError(
            f"{stack.template_file} must be a template that can be compared: {'; '.join(faults)}"
        )


def settings_file_of(project: Path) -> str:
    """The settings file that the cdk.json of a version names, or `oelab.toml`."""
    try:
        return str(read_json(project / "cdk.json")["context"]["settings"])
    except (OSError, ValueError, LookupError, TypeError):
        return "oelab.toml"


def _base_project(ref: str, folder: Path, out: Path, settings: str | None) -> _Project:
    own = settings_file_of(folder)
    if settings is None or (folder / settings).exists():
        return _Project(ref, folder, out, settings or own)
    return _Project(f"{ref} with {own}", folder, out, own)


def _synthesize(*projects: _Project) -> list[dict[str, Stack]]:
    """The stacks that each project's app defines, by its own code and settings."""
    for project in projects:
        for needed in ("app.py", project.settings):
            if not (project.folder / needed).exists():
                raise BadInputError(
                    f"{project.name} has no {needed}, with which it is synthesized in the folder "
                    "of the project"
                )
    results = run(*map(_synth, projects))
    failures = [
        f"{project.name} does not synthesize: {_reason(result.stderr + result.stdout)}"
        for project, result in zip(projects, results, strict=True)
        if result.returncode
    ]
    if failures:
        raise BadInputError("\n".join(failures))
    return [read(project.out) for project in projects]


def _synth(project: _Project) -> Program:
    return Program(
        command=[sys.executable, "app.py"],
        folder=project.folder,
        # What node leaves in the folder when it is stopped is removed with the rest.
        environment=environment_in(
            project.out.parent,
            CDK_OUTDIR=str(project.out),
            # What is compared need not be deployable: `cdk synth` reports that.
            CDK_CONTEXT_JSON=json.dumps({"settings": project.settings, "validation": "off"}),
            PYTHONPATH=str(project.folder),
        ),
    )


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip() and _REPORT not in line]
    if any(line.startswith("Traceback") for line in lines):
        lines = [line.strip() for line in lines]
        errors = [line for line in lines if "Error: " in line]
        places = [line for line in lines if line.startswith('File "')]
        return f"{(errors or lines)[-1]} ({places[-1]})" if places else (errors or lines)[-1]
    return "\n  ".join(lines) or "it printed nothing"
