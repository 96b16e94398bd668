"""The diff of the real CDK CLI, from two templates and no account."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from oelab.assembly import Template
from oelab.changes.versions import VersionError

# The CLI counts the stacks that differ, which is one as only one is asked for.
_COUNT = "Number of stacks with differences"


def cdk_diff(project: Path, head: Path, stack_name: str, base: Template) -> str:
    """What `cdk diff` says of a stack of the `head` folder and its template before."""
    cli = project / "node_modules" / ".bin" / "cdk"
    if not cli.exists():
        raise VersionError(f"{cli} must be the CDK CLI, and is missing; run: make setup")
    with tempfile.TemporaryDirectory(prefix="oelab-diff-") as folder:
        template = Path(folder, "base.template.json")
        template.write_text(json.dumps(base))
        arguments = ["--app", str(head), "--exclusively", "--template", str(template)]
        run = subprocess.run(
            [str(cli), "diff", stack_name, *arguments, "--no-color"],
            cwd=project,
            env=os.environ | {"PATH": _path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode:
        said = run.stderr.strip().splitlines()
        raise VersionError(f"cdk diff of {stack_name} failed: {said[-1] if said else 'no reason'}")
    lines = (run.stdout + run.stderr).splitlines()
    return "\n".join(line for line in lines if _COUNT not in line).strip()


def _path() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
