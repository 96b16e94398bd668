"""The diff of the real CDK CLI, from two templates and no account."""

import json
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import closing
from pathlib import Path

from oelab.diff.git import VersionError
from oelab.diff.subprocesses import Ended, Program, run
from oelab.diff.temporary import temporary_folder
from oelab.template.assembly import Template

# The CLI counts the stacks that differ, which is one as only one is asked for.
_COUNT = "Number of stacks with differences"


def cdk_diffs(
    project: Path, head: Path, bases: Mapping[str, Template]
) -> Generator[str, None, None]:
    """What `cdk diff` says of each stack by path: of its template in `bases` and in `head`."""
    cli = project / "node_modules" / ".bin" / "cdk"
    if not cli.exists():
        raise VersionError(f"{cli} must be the CDK CLI, and is missing; run: make setup")
    search_path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with temporary_folder("oelab-diff-") as folder:
        programs: list[Program] = []
        for path, base in bases.items():
            template = Path(folder, f"{len(programs)}.template.json")
            template.write_text(json.dumps(base))
            arguments = ["--app", str(head), "--exclusively", "--template", str(template)]
            program = Program(
                command=[str(cli), "diff", path, *arguments, "--no-color"],
                folder=project,
                environment=os.environ | {"PATH": search_path, "TMPDIR": str(folder)},
            )
            programs.append(program)
        with closing(run(programs)) as endings:
            for path, ended in zip(bases, endings, strict=True):
                yield _diff(path, ended)


def _diff(path: str, ended: Ended) -> str:
    if ended.code:
        said = ended.err.strip().splitlines()
        raise VersionError(f"cdk diff of {path} failed: {said[-1] if said else 'no reason'}")
    lines = (ended.out + ended.err).splitlines()
    return "\n".join(line for line in lines if _COUNT not in line).strip()
