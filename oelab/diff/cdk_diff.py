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
    found = {}
    with temporary_folder("oelab-cdk-diff-") as folder:
        for label in (each.label for each in stacks if each.label in versions.head):
            head = versions.head[label]
            base = versions.base[label].template if label in versions.base else {}
            # Of tags and protection the CDK would say that there are no differences.
            if base == head.template:
                continue
            template = folder / f"{head.name}.template.json"
            template.write_text(json.dumps(base))
            stack = [head.path, "--app", str(versions.head_folder), "--exclusively"]
            plain = ["--no-color", "--no-notices"]
            command = [str(cli), "diff", *stack, "--template", str(template), *plain]
            (result,) = run(Program(command, Path.cwd(), environment_in(folder)))
            if result.returncode:
                lines = result.stderr.strip().splitlines() or ["no reason"]
                raise BadInputError(f"cdk diff of {label} failed: {lines[-1]}")
            lines = (result.stdout + result.stderr).splitlines()
            found[label] = "\n".join(line for line in lines if _COUNT not in line).strip()
    return found
