"""The diff of the real CDK CLI, from two templates and no account."""

import json
from collections.abc import Sequence
from pathlib import Path

from oelab.diff.compare import StackChange
from oelab.diff.subprocesses import Program, environment_in, run, temporary_folder
from oelab.diff.versions import TwoVersions
from oelab.findings import BadInputError

# The CLI counts the stacks that differ, which is one as only one is asked for.
_COUNT = "Number of stacks with differences"


def cdk_diffs(versions: TwoVersions, stacks: Sequence[StackChange]) -> dict[str, str]:
    """What `cdk diff` prints of each stack whose template differs, by the label of the stack.

    Raises:
        BadInputError: the CDK CLI is missing in this folder, or fails.
    """
    cli = Path.cwd() / "node_modules" / ".bin" / "cdk"
    if not cli.exists():
        raise BadInputError(f"{cli} must be the CDK CLI and is missing; run: make setup")
    templates = {
        each.label: versions.base[each.label].template if each.label in versions.base else {}
        for each in stacks
        if each.label in versions.head
    }
    # Of tags and protection the CDK would say that there are no differences.
    names = [name for name, base in templates.items() if base != versions.head[name].template]
    found = {}
    with temporary_folder("oelab-cdk-diff-") as folder:
        for name in names:
            template = folder / f"{versions.head[name].name}.template.json"
            template.write_text(json.dumps(templates[name]))
            stack = [versions.head[name].path, "--app", str(versions.head_folder), "--exclusively"]
            plain = ["--no-color", "--no-notices"]
            program = Program(
                command=[str(cli), "diff", *stack, "--template", str(template), *plain],
                folder=Path.cwd(),
                environment=environment_in(folder),
            )
            (result,) = run(program)
            if result.returncode:
                lines = result.stderr.strip().splitlines() or ["no reason"]
                raise BadInputError(f"cdk diff of {name} failed: {lines[-1]}")
            lines = (result.stdout + result.stderr).splitlines()
            found[name] = "\n".join(line for line in lines if _COUNT not in line).strip()
    return found
