"""What a synth costs, as far as it can be counted rather than timed."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from oelab.settings import ExistingInstanceSettings, FleetDataSettings, Settings
from tests.synthesis import ROOT, Template, synthesize

BUDGET_FILE = Path(__file__).with_name("cost.toml")
BUDGET = tomllib.loads(BUDGET_FILE.read_text())
HINT = f"make it cheaper, or raise the bound in {BUDGET_FILE.relative_to(ROOT)} on purpose"


@pytest.fixture(scope="module")
def cost(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """In a process of its own: this one has asked node for much already."""
    output = tmp_path_factory.mktemp("out")
    run = subprocess.run(
        [sys.executable, "tests/gates/cost.py"],
        cwd=ROOT,
        env=os.environ | {"CDK_OUTDIR": str(output)},
        capture_output=True,
        text=True,
        check=True,
    )
    counted: dict[str, Any] = json.loads(run.stdout)
    return counted


def test_node_is_asked_no_more_than_needed(cost: dict[str, Any], lab: dict[str, Template]) -> None:
    resources = sum(len(template["Resources"]) for template in lab.values())
    bound = BUDGET["requests"] + BUDGET["requests_for_each_resource"] * resources
    assert cost["requests"] <= bound, HINT


def test_only_used_modules_are_imported(cost: dict[str, Any]) -> None:
    assert set(cost["modules"]) <= set(BUDGET["modules"]), HINT


def test_templates_stay_small() -> None:
    """Those of the lab with its optional parts, which are the largest that a stack has."""
    settings = Settings(
        existing_instances=ExistingInstanceSettings(attach_profile=True),
        fleet_data=FleetDataSettings(enabled=True),
    )
    sizes = {
        name: len(json.dumps(template, separators=(",", ":")))
        for name, template in synthesize(settings).items()
    }
    assert max(sizes.values()) <= BUDGET["bytes_of_a_template"], (sizes, HINT)
