"""The same templates from an app in TypeScript, compiled once."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import BIN, ROOT, Program
from oelab.systems_manager import permissions

FOLDER = ROOT / "benchmarks" / "twin"
APP = FOLDER / "dist" / "app.js"


def set_up() -> Program:
    """Install and compile what is missing, and refuse to compare apples with pears."""
    if not (FOLDER / "node_modules").exists():
        _npm("ci", "--loglevel=error")
    _npm("run", "--silent", "build")
    # Lists of the product, which the twin would otherwise repeat.
    (APP.parent / "permissions.json").write_text(
        json.dumps(
            {
                "reviewer": permissions.OF_PEOPLE["reviewer"],
                "reviewerParameters": permissions.OF_PEOPLE["reviewer_parameters"],
                "operator": permissions.OF_PEOPLE["operator"],
            }
        )
    )
    program = Program([str(BIN / "node"), str(APP)])
    ours, theirs = _resources([sys.executable, "app.py"]), _resources(program.command)
    different = [name for name in ours | theirs if ours.get(name) != theirs.get(name)]
    if different:
        names = ", ".join(sorted(different))
        sys.exit(f"the twin's resources differ in {names}; give {FOLDER} the app's, then measure")
    return program


def _npm(*arguments: str) -> None:
    environment = os.environ | {"PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}
    subprocess.run([str(BIN / "npm"), *arguments], cwd=FOLDER, env=environment, check=True)


def _resources(command: object) -> dict[str, object]:
    """The resources of each template."""
    assert isinstance(command, list)
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
            "CDK_OUTDIR": folder,
        }
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return {
            path.name: json.loads(path.read_text())["Resources"]
            for path in Path(folder).glob("*.template.json")
        }
