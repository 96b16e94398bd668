"""The templates of the lab's own settings, to the letter: a change of them is a change of AWS.

`make snapshots` takes today's templates as the expected ones; the diff of tests/snapshots is then
what reviewers read.
"""

import json
from pathlib import Path

import pytest

from tests.synthesis import Template

SNAPSHOTS = Path(__file__).parent / "snapshots"


def snapshot_of(stack_name: str) -> Path:
    return SNAPSHOTS / f"{stack_name}.template.json"


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))


def test_each_stack_has_a_snapshot_and_each_snapshot_a_stack(
    lab: dict[str, Template], *, update: bool
) -> None:
    if update:
        for path in SNAPSHOTS.glob("*.template.json"):
            path.unlink()
        for stack_name, template in lab.items():
            text = json.dumps(template, indent=2, sort_keys=True) + "\n"
            snapshot_of(stack_name).write_text(text)
    assert {path.name for path in SNAPSHOTS.iterdir()} == {snapshot_of(s).name for s in lab}


@pytest.mark.parametrize(
    "stack_name", ["OELabFoundation", "OELabStack1", "OELabStack2", "OELabInventory"]
)
def test_template_is_as_in_its_snapshot(lab: dict[str, Template], stack_name: str) -> None:
    expected = json.loads(snapshot_of(stack_name).read_text())
    assert lab[stack_name] == expected, "if this change is meant, run: make snapshots"
