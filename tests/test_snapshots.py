"""The templates of the lab's own settings, to the byte: a change of them is a change of AWS.

`make snapshots` takes today's templates as the expected ones; the diff of tests/snapshots is then
what reviewers read.
"""

from pathlib import Path

import pytest

from oelab.settings import ExistingInstanceSettings, FleetDataSettings, Settings
from oelab.template.assembly import Stack
from tests import kept
from tests.synthesis import app_of, stacks_of

SNAPSHOTS = Path(__file__).parent / "snapshots"


def test_templates_are_those_that_are_kept(
    lab_stacks: dict[str, Stack], *, update_snapshots: bool
) -> None:
    files = [stack.template_file for stack in lab_stacks.values()]
    kept.compare(SNAPSHOTS, {f.name: f.read_bytes() for f in files}, update=update_snapshots)


def test_the_profile_attachment_is_as_it_is_kept(*, update_snapshots: bool) -> None:
    existing = ExistingInstanceSettings(attach_profile=True)
    stacks = stacks_of(app_of(Settings(existing_instances=existing)))
    files = [stack.template_file for stack in stacks if stack.name == "OELabInventory"]
    folder = SNAPSHOTS / "existing-instances"
    kept.compare(folder, {f.name: f.read_bytes() for f in files}, update=update_snapshots)


# The stack that settings turn on, in the two forms that its tables have.
FLEET_DATA = {
    "one-account": FleetDataSettings(enabled=True),
    "organization": FleetDataSettings(enabled=True, organization_id="o-a1b2c3d4e5"),
}


@pytest.mark.parametrize("form", FLEET_DATA)
def test_the_fleet_s_data_is_as_it_is_kept(form: str, *, update_snapshots: bool) -> None:
    stacks = stacks_of(app_of(Settings(fleet_data=FLEET_DATA[form])))
    files = [stack.template_file for stack in stacks if stack.name == "OELabFleetData"]
    folder = SNAPSHOTS / "fleet-data" / form
    kept.compare(folder, {f.name: f.read_bytes() for f in files}, update=update_snapshots)
