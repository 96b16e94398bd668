"""What AWS will not do, though the templates alone look as if it would."""

import pytest

from oelab.changes import Stack, compare, guard
from oelab.settings import LogSettings, Settings
from tests.changes.versions import association, inventory, lab, override, prod, version

PINNED = "ami-0123456789abcdef0"


@pytest.fixture(scope="module")
def base() -> dict[str, Stack]:
    return version()


def notes(before: dict[str, Stack], after: dict[str, Stack], beginning: str) -> list[str]:
    """The notes that begin so, of all stacks."""
    found = [note for change in compare(before, after) for note in change.notes]
    return [note for note in found if beginning in note]


IMPOSSIBLE: dict[str, tuple[Settings, str]] = {
    "network range": (
        prod(vpc_cidr="10.1.0.0/16", subnet_cidr="10.1.0.0/24"),
        "cannot be deployed: NetworkInternetGateway",
    ),
    "zone": (prod(availability_zone="us-east-1b"), "cannot be deployed: the new NetworkSubnet"),
    "wider subnet": (prod(subnet_cidr="10.0.0.0/20"), "cannot be deployed: the new NetworkSubnet"),
    "private": (prod(private=True), "will not work: App1, App2, Web1, Web2 keep the public addr"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_deployed_is_said(base: dict[str, Stack], name: str) -> None:
    settings, said = IMPOSSIBLE[name]
    there = notes(base, version(settings), said)
    back = notes(version(settings), base, said)
    assert len(there) == len(back) == 1
    assert there[0].endswith("delete the stack and deploy it again")


@pytest.mark.parametrize(
    "settings",
    [
        prod(subnet_cidr="10.0.1.0/24"),
        prod(availability_zone="us-east-1b", subnet_cidr="10.0.1.0/24"),
        prod(key_name="lab"),
        prod(subnet_id="subnet-0123456789abcdef0", security_group_ids=("sg-0123456789abcdef0",)),
    ],
)
def test_what_can_be_deployed_is_not_called_impossible(
    base: dict[str, Stack], settings: Settings
) -> None:
    assert not notes(base, version(settings), "cannot be deployed")
    assert not notes(base, version(settings), "will not work")


def test_instances_that_are_replaced_take_the_new_kind_of_address(base: dict[str, Stack]) -> None:
    assert not notes(base, version(prod(private=True, key_name="lab")), "will not work")


def test_a_renamed_association_meets_its_old_self(base: dict[str, Stack]) -> None:
    (note,) = notes(base, version(association(name="Other")), "is made, and runs, before")
    assert "an association keeps its id with its name" in note


def test_a_pin_may_be_the_image_that_runs(base: dict[str, Stack]) -> None:
    pinned = version(lab(image=PINNED))
    for before, after in ((base, pinned), (pinned, base)):
        test, prod_ = notes(before, after, "unless they run the new image already")
        assert test == prod_
        assert test.startswith("App1, App2, Web1, Web2 are replaced unless")
    other = version(lab(image="ami-0123456789abcdef1"))
    assert not notes(pinned, other, "unless they run the new image already")


def test_the_guard_asks_for_a_pin_of_what_is_protected_too(base: dict[str, Stack]) -> None:
    verdict = guard(compare(base, version(lab(image=PINNED))), base)
    assert {refusal.key.partition("/")[0] for refusal in verdict.refusals} == {"OELabStack2"}


def test_a_bucket_that_is_replaced_stays() -> None:
    logged = inventory(logs=LogSettings(create_bucket=True))
    renamed = override("OELabInventory", "Logs", "Bucket", BucketName="other-logs")
    (note,) = notes(version(logged), version(logged, renamed), "the old one stays")
    assert note.startswith("LogsBucket")


def test_policies_that_people_have_are_guarded(base: dict[str, Stack]) -> None:
    described = override("OELabFoundation", "FleetAccess", "Reviewer", Description="Other words")
    verdict = guard(compare(base, version(edit=described)), base)
    assert [refusal.type for refusal in verdict.refusals] == ["AWS::IAM::ManagedPolicy"]
