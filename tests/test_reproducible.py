"""The same templates, to the byte, in another folder, time zone, locale and century."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from oelab.bundle.writing import write_bundle
from oelab.template.assembly import Stack
from tests.synthesis import FLAGS, ROOT

# What Python and Node read the time from, years later.
LATER_IN_NODE = """
const Now = Date;
const LATER = Date.UTC(2101, 0, 1);
globalThis.Date = class extends Now {
  constructor(...given) { given.length ? super(...given) : super(LATER); }
  static now() { return LATER; }
};
"""
LATER_IN_PYTHON = "import time; time.time = lambda: 4133980800.0; "

APP = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
BUNDLE = "import runpy; runpy.run_module('oelab.bundle', run_name='__main__')"


@pytest.fixture
def elsewhere(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder, and an environment that differs from this one in all that must not matter."""
    folder = tmp_path / "some where else"
    folder.mkdir()
    later = folder / "later.cjs"
    later.write_text(LATER_IN_NODE)
    environment = {
        "NODE_OPTIONS": f'--require "{later}"',
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "USER": "someone",
    }
    return folder, os.environ | environment


def run(code: str, *arguments: str, cwd: Path, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        check=True,
        capture_output=True,
    )


def contents(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(pattern)}


def test_the_templates_of_the_app(
    elsewhere: tuple[Path, dict[str, str]], lab_stacks: dict[str, Stack]
) -> None:
    folder, environment = elsewhere
    out = folder / "out"
    environment["CDK_OUTDIR"] = str(out)
    run(LATER_IN_PYTHON + APP, str(ROOT / "app.py"), cwd=folder, environment=environment)
    here = [stack.template_file for stack in lab_stacks.values()]
    assert len(here) > 1
    assert contents(out, "*.template.json") == {path.name: path.read_bytes() for path in here}


def test_the_bundle(tmp_path: Path, elsewhere: tuple[Path, dict[str, str]]) -> None:
    folder, environment = elsewhere
    here, there = tmp_path / "here", tmp_path / "there"
    write_bundle(here, FLAGS)
    run(LATER_IN_PYTHON + BUNDLE, str(there), cwd=folder, environment=environment)
    files = contents(here, "*")
    assert len(files) == 5
    assert contents(there, "*") == files
