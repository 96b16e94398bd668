"""Versions of an app that has the same stacks in several accounts and Regions."""

from typing import Any

import pytest

from oelab.diff.alignment import align
from oelab.diff.compare import StackChange, compare
from oelab.diff.guard import guard
from oelab.diff.report import DiffReport, report_on_versions
from oelab.diff.vocabulary import Effect
from oelab.exit_codes import ExitCode
from oelab.settings import EnvironmentSettings, Settings
from tests.diff.conftest import run
from tests.diff.versions import effects, folder_of, lab, prod, version

TEST, PROD = "111111111111", "222222222222"
DUBLIN, FRANKFURT = "eu-west-1", "eu-central-1"


def in_environments(*places: tuple[str, str], **more: Any) -> Settings:
    listed = tuple(EnvironmentSettings(account=a, region=r) for a, r in places)
    return lab(environments=listed, **more)


FOUR = [(account, region) for account in (TEST, PROD) for region in (DUBLIN, FRANKFURT)]
KEY = {"workloads": prod(key_name="lab").workloads}


def changes(base: Settings, head: Settings) -> tuple[StackChange, ...]:
    return compare(*align(version(base), version(head)))


def test_each_stack_is_compared_with_itself() -> None:
    assert changes(in_environments(*FOUR), in_environments(*FOUR)) == ()
    found = changes(in_environments(*FOUR), in_environments(*FOUR, **KEY))
    assert {each.name for each in found} == {"OELabStack2"}
    assert {each.label for each in found} == {f"OELabStack2 in {a}/{r}" for a, r in FOUR}
    assert effects(found) == {"OELabStack2 EC2::Instance": {Effect.REPLACED}}


def test_in_one_environment_a_label_is_the_name() -> None:
    found = changes(in_environments(FOUR[0]), in_environments(FOUR[0], **KEY))
    assert [(each.name, each.label) for each in found] == [("OELabStack2", "OELabStack2")]


@pytest.mark.parametrize(
    "base",
    [lab(), lab(account=TEST, region=DUBLIN), in_environments(FOUR[0])],
    ids=["of any environment", "of one", "of a list of one"],
)
def test_from_one_environment_to_several_nothing_is_replaced(base: Settings) -> None:
    found = changes(base, in_environments(*FOUR))
    added = [each.label for each in found if each.effect is Effect.ADDED]
    assert len(added) == len(FOUR) * 3 - 2
    # What is deployed goes on where it is; without an account that is not known, and a change.
    others = [each for each in found if each.effect is not Effect.ADDED]
    assert [each.resources for each in others] == [()] * len(others)
    first = "/".join(FOUR[0])
    assert {each.label.partition(" in ")[2] for each in others} <= {first}
    assert not any(label.endswith(first) for label in added)


def test_an_environment_that_is_taken_out_leaves_its_stacks_behind() -> None:
    found = changes(in_environments(*FOUR), in_environments(*FOUR[:3]))
    assert {each.effect for each in found} == {Effect.LEFT_BEHIND}
    assert [each.label for each in found] == [
        f"{name} in {PROD}/{FRANKFURT}" for name in ("OELabInventory", "OELabStack1", "OELabStack2")
    ]


def test_from_several_environments_to_any_one_goes_on_and_the_others_are_left_behind() -> None:
    found = changes(in_environments(*FOUR), lab())
    kept = [each for each in found if each.effect is Effect.CHANGED]
    assert {each.label.partition(" in ")[2] for each in kept} == {"any environment"}
    assert [each.resources for each in kept] == [()] * len(kept)
    gone = [each for each in found if each.effect is Effect.LEFT_BEHIND]
    assert len(gone) == len(FOUR) * 3 + 2 - len(kept)


def test_the_guard_refuses_and_allows_in_all_environments_at_once() -> None:
    base, head = align(version(in_environments(*FOUR)), version(in_environments(*FOUR, **KEY)))
    found = compare(base, head)
    refused = [each.subject for each in guard(found, base)]
    assert sorted(map(str, refused)) == sorted({*map(str, refused)})
    assert {str(each).partition("/")[0] for each in refused} == {"OELabStack2"}
    assert guard(found, base, allowed=["OELabStack2"]) == ()


def test_a_report_names_the_environment() -> None:
    base, head = (folder_of(in_environments(*FOUR, **more)) for more in ({}, KEY))
    code, out, err = run(str(base), str(head))
    assert (code, err) == (ExitCode.REFUSED, "")
    for account, region in FOUR:
        assert f"OELabStack2 in {account}/{region} (protected): changes" in out


def test_the_cdk_diff_of_each_environment_is_shown() -> None:
    folders = [folder_of(in_environments(*FOUR[:2], **more)) for more in ({}, KEY)]
    report = report_on_versions(folders, base=None, settings=None, with_cdk=True)
    assert isinstance(report, DiffReport)
    assert report.cdk_diffs.keys() == {f"OELabStack2 in {a}/{r}" for a, r in FOUR[:2]}
    notes = {str(each.subject) for each in report.findings if each.rule == "ImageMoves"}
    assert f"OELabStack1 in {TEST}/{DUBLIN}" in notes
