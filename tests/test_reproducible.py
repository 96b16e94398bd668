"""The same templates, to the byte, in another folder, time zone, locale and century."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oelab.bundle.writing import write_bundle
from tests.synthesis import FLAGS, ROOT, Template

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
    tmp_path: Path, elsewhere: tuple[Path, dict[str, str]], lab: dict[str, Template]
) -> None:
    folder, environment = elsewhere
    here, there = tmp_path / "here", tmp_path / "there"
    app = str(ROOT / "app.py")
    run(APP, app, cwd=ROOT, environment=os.environ | {"CDK_OUTDIR": str(here)})
    environment["CDK_OUTDIR"] = str(there)
    run(LATER_IN_PYTHON + APP, app, cwd=folder, environment=environment)
    templates = contents(here, "*.template.json")
    assert contents(there, "*.template.json") == templates
    assert {name: json.loads(text) for name, text in templates.items()} == {
        f"{stack_name}.template.json": template for stack_name, template in lab.items()
    }


def test_the_bundle(tmp_path: Path, elsewhere: tuple[Path, dict[str, str]]) -> None:
    folder, environment = elsewhere
    here, there = tmp_path / "here", tmp_path / "there"
    write_bundle(here, FLAGS)
    run(LATER_IN_PYTHON + BUNDLE, str(there), cwd=folder, environment=environment)
    files = contents(here, "*")
    assert len(files) == 5
    assert contents(there, "*") == files
