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


def test_node_is_asked_no_more_than_needed(cost: dict[str, Any]) -> None:
    assert cost["requests"] <= BUDGET["requests"], HINT


def test_only_used_modules_are_imported(cost: dict[str, Any]) -> None:
    assert set(cost["modules"]) <= set(BUDGET["modules"]), HINT


def test_every_template_has_a_bound(lab: dict[str, Template]) -> None:
    assert lab.keys() == BUDGET["templates"].keys(), HINT


@pytest.mark.parametrize("stack", BUDGET["templates"])
def test_templates_stay_small(stack: str, lab: dict[str, Template]) -> None:
    check_size(lab[stack], BUDGET["templates"][stack])


def test_the_template_of_the_fleet_s_data_stays_small() -> None:
    ((stack, bound),) = BUDGET["templates_on_request"].items()
    check_size(synthesize(Settings(fleet_data=FleetDataSettings(enabled=True)))[stack], bound)


def check_size(template: Template, bound: dict[str, int]) -> None:
    assert len(template["Resources"]) <= bound["resources"], HINT
    assert len(json.dumps(template, separators=(",", ":"))) <= bound["bytes"], HINT


def test_the_profile_attachment_stays_small() -> None:
    existing = ExistingInstanceSettings(attach_profile=True)
    template = synthesize(Settings(existing_instances=existing))["OELabInventory"]
    bound = BUDGET["inventory_with_attachment"]
    assert len(template["Resources"]) <= bound["resources"], HINT
    assert len(json.dumps(template, separators=(",", ":"))) <= bound["bytes"], HINT
