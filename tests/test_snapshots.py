"""The templates of the lab's own settings, to the byte: a change of them is a change of AWS.

Of each other form of the lab only what differs is kept, so that what all have is kept once. `make
snapshots` takes today's templates as the expected ones; the diff of tests/snapshots is then what
reviewers read.
"""

import json
from pathlib import Path

import pytest

from oelab.settings import ExistingInstanceSettings, FleetDataSettings, Settings
from oelab.template.assembly import Stack
from tests import kept
from tests.synthesis import Template, app_of, stacks_of, synthesize

SNAPSHOTS = Path(__file__).parent / "snapshots"
ONE_ACCOUNT = Settings(fleet_data=FleetDataSettings(enabled=True))

# By folder: a stack of other settings than the lab's, and the settings it is compared with.
FORMS = {
    "existing-instances": (
        "OELabInventory",
        Settings(existing_instances=ExistingInstanceSettings(attach_profile=True)),
        Settings(),
    ),
    "fleet-data/organization": (
        "OELabFleetData",
        Settings(fleet_data=FleetDataSettings(enabled=True, organization_id="o-a1b2c3d4e5")),
        ONE_ACCOUNT,
    ),
}


def test_templates_are_those_that_are_kept(
    lab_stacks: dict[str, Stack], *, update_snapshots: bool
) -> None:
    files = [stack.template_file for stack in lab_stacks.values()]
    kept.compare(SNAPSHOTS, {f.name: f.read_bytes() for f in files}, update=update_snapshots)


def test_the_fleet_s_data_is_as_it_is_kept(*, update_snapshots: bool) -> None:
    stacks = stacks_of(app_of(ONE_ACCOUNT))
    files = [stack.template_file for stack in stacks if stack.name == "OELabFleetData"]
    folder = SNAPSHOTS / "fleet-data" / "one-account"
    kept.compare(folder, {f.name: f.read_bytes() for f in files}, update=update_snapshots)


@pytest.mark.parametrize("form", FORMS)
def test_another_form_differs_as_it_is_kept(form: str, *, update_snapshots: bool) -> None:
    stack, settings, others = FORMS[form]
    found = difference(synthesize(settings)[stack], synthesize(others)[stack])
    text = json.dumps(found, indent=1) + "\n"
    file = f"{stack}.difference.json"
    kept.compare(SNAPSHOTS / form, {file: text.encode()}, update=update_snapshots)


def difference(template: Template, other: Template) -> Template:
    """The entries of a template that the other does not have so, and None for what only it has."""
    found: Template = {}
    for section in {**other, **template}:
        ours, theirs = template.get(section, {}), other.get(section, {})
        if isinstance(ours, str):
            assert ours == theirs, section
            continue
        names = {**theirs, **ours}
        entries = {name: ours.get(name) for name in names if ours.get(name) != theirs.get(name)}
        if entries:
            found[section] = entries
    return found
