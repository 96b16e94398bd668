"""Each kind of targets from the settings and the constructs to what State Manager gets."""

from operator import itemgetter
from typing import get_args

import pytest

from oelab.constructs import InventoryAssociation
from oelab.findings import FindingsError
from oelab.settings import (
    AssociationSettings,
    InventorySettings,
    Settings,
    TargetSettings,
    findings,
)
from oelab.systems_manager.targets import (
    KINDS_OF_KEYS,
    OtherResources,
    Targets,
    UnknownTargets,
    targets_of,
)
from tests.conformance.kinds_of_targets import (
    FACTORIES,
    IN_SETTINGS,
    KINDS,
    SETTINGS,
    by_factory,
    by_setting,
)
from tests.conformance.rows import Row, table
from tests.synthesis import new_stack, of_type, only, synthesize, template_of

AT = "inventory.associations[0].targets"
OF_NODES = {*get_args(Targets)} - {OtherResources, UnknownTargets}


def test_the_table_has_every_kind() -> None:
    kinds = table("targets", "kind")
    assert {row["factory"] for row in kinds} == {*FACTORIES}
    assert {row["setting"] for row in IN_SETTINGS} == SETTINGS
    assert {type(by_factory(row, row["value"])) for row in kinds} == OF_NODES
    assert all(row["refused"] or row["value"] is True for row in kinds)
    keys = {target["Key"] for row in kinds for target in row["rendered"]}
    assert all(any(key.startswith(kind) for kind in KINDS_OF_KEYS) for key in keys)
    assert all(any(key.startswith(kind) for key in keys) for kind in KINDS_OF_KEYS)


def test_every_kind_has_a_row_of_what_it_matches_and_shares() -> None:
    def kind(given: dict[str, list[str]]) -> type:
        return type(targets_of((key, tuple(values)) for key, values in given.items()))

    matching = (row for row in table("targets") if row["outcome"] == "yes")
    assert {kind(row["input"]["targets"]) for row in matching} == OF_NODES
    overlaps = [row["input"] for row in table("targets", "overlap")]
    sharing = {kind(given[side]) for given in overlaps for side in ("one", "other")}
    assert sharing >= OF_NODES


def test_settings_become_the_targets_of_associations() -> None:
    associations = tuple(
        AssociationSettings(name=row["setting"], targets=by_setting(row, row["value"]))
        for row in IN_SETTINGS
    )
    settings = Settings(inventory=InventorySettings(associations=associations))
    template = synthesize(settings)["OELabInventory"]
    found = {
        each["Properties"]["AssociationName"]: each["Properties"]["Targets"]
        for each in of_type(template, "AWS::SSM::Association")
    }
    assert found == {row["setting"]: row["rendered"] for row in IN_SETTINGS}


@pytest.mark.parametrize("row", KINDS)
def test_factories_become_the_targets_of_an_association(row: Row) -> None:
    stack = new_stack()
    InventoryAssociation(stack, "Inventory", targets=by_factory(row, row["value"]))
    found = only(template_of(stack), "AWS::SSM::Association")["Properties"]["Targets"]
    assert found == row["rendered"]


@pytest.mark.parametrize("row", KINDS)
def test_the_construct_refuses_what_state_manager_would_refuse(row: Row) -> None:
    stack = new_stack()
    for number, refused in enumerate(row["refused"]):
        with pytest.raises(FindingsError) as error:
            InventoryAssociation(stack, f"I{number}", targets=by_factory(row, refused["value"]))
        (finding,) = error.value.findings
        subject = f"Stack/I{number}: targets{refused['at']}"
        assert (str(finding.subject), finding.rule) == (subject, refused["rule"])


@pytest.mark.parametrize("row", IN_SETTINGS, ids=lambda row: row["setting"])
def test_settings_refuse_it_too(row: Row) -> None:
    # A blank is not given.
    for refused in filter(itemgetter("value"), row["refused"]):
        (finding,) = findings(with_targets(by_setting(row, refused["value"])))
        subject = f"{AT}.{row['setting']}{refused['at']}"
        assert (str(finding.subject), finding.rule) == (subject, refused["rule"])


def with_targets(targets: TargetSettings) -> Settings:
    association = AssociationSettings(targets=targets)
    return Settings(inventory=InventorySettings(associations=(association,)))


@pytest.mark.parametrize("row", IN_SETTINGS, ids=lambda row: row["setting"])
def test_the_lab_s_tag_steps_aside(row: Row) -> None:
    targets = by_setting(row, row["value"])
    assert findings(with_targets(targets)) == ()
    assert bool(targets.tags) == (row["setting"] == "tags")
