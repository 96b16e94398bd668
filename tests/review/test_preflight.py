"""What stands in the way of a deployment, from values alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from oelab.review.account_snapshot import DeployedStack, Survey
from oelab.review.expected_fleet import Expectation
from oelab.review.models import Association, Instance, Place, Unread
from oelab.review.verdicts.clash import Clash, Effect
from oelab.review.verdicts.preflight import clashes
from oelab.settings import (
    AssociationSettings,
    InventorySettings,
    RoleSettings,
    Settings,
    TargetSettings,
)

PLACE = Place(profile="", region="us-east-1")
DENIED = Unread(place=PLACE, call="ssm:Something", reason="denied")
EMPTY = Survey(
    place=PLACE,
    supported=True,
    account="111122223333",
    stacks={},
    associations=(),
    instances=(),
    image="ami-1",
)
INVENTORY = Association(
    association_id="other",
    name="Other",
    document="AWS-GatherSoftwareInventory",
    targets=(("tag:Environment", ("OELabIPM",)),),
)
WILDCARD = replace(INVENTORY, targets=(("InstanceIds", ("*",)),))
GROUP = replace(INVENTORY, targets=(("resource-groups:Name", ("Group",)),))
QUICK = replace(WILDCARD, name="AWS-QuickSetup-SSM-CollectInventory-abcde")
ALL_NODES = Settings(
    inventory=InventorySettings(
        associations=(AssociationSettings(targets=TargetSettings(all_nodes=True)),)
    )
)


def found(survey: Survey, settings: Settings | None = None) -> list[Clash]:
    return clashes([survey], Expectation(settings or Settings()))


def effects(survey: Survey, settings: Settings | None = None) -> list[tuple[str, Effect]]:
    return [(clash.topic, clash.effect) for clash in found(survey, settings)]


def stack(name: str, *resources: tuple[str, str], **resolved: str) -> Mapping[str, DeployedStack]:
    held = {f"Network{number:08X}": each for number, each in enumerate(resources)}
    deployed = DeployedStack(name=name, status="CREATE_COMPLETE", resources=held, resolved=resolved)
    return {name: deployed}


def test_an_empty_account_has_nothing_in_the_way() -> None:
    assert found(EMPTY) == []


@pytest.mark.parametrize(
    ("other", "settings", "effect"),
    [
        (INVENTORY, Settings(), Effect.DIFFERS),
        (WILDCARD, Settings(), Effect.NOTE),
        (QUICK, Settings(), Effect.DIFFERS),
        (GROUP, Settings(), Effect.NOTE),
        (INVENTORY, ALL_NODES, Effect.DIFFERS),
        (WILDCARD, ALL_NODES, Effect.FAILS),
        (QUICK, ALL_NODES, Effect.DIFFERS),
    ],
)
def test_two_inventory_associations(other: Association, settings: Settings, effect: Effect) -> None:
    survey = replace(EMPTY, associations=(other,))
    assert effects(survey, settings) == [("association", effect)]


@pytest.mark.parametrize(
    "other",
    [
        replace(INVENTORY, targets=(("tag:Environment", ("another",)),)),
        replace(INVENTORY, targets=(("InstanceIds", ("i-elsewhere",)),)),
        replace(INVENTORY, document="AWS-RunPatchBaseline"),
    ],
)
def test_associations_that_share_no_node_with_ours(other: Association) -> None:
    assert found(replace(EMPTY, associations=(other,))) == []


def test_our_own_association_is_none_in_the_way() -> None:
    stacks = stack("OELabInventory", ("AWS::SSM::Association", "other"))
    assert found(replace(EMPTY, associations=(INVENTORY,), stacks=stacks)) == []


def test_an_association_of_a_node_that_runs_and_is_ours_by_tag() -> None:
    instance = Instance(
        instance_id="i-1", state="running", tags={"Environment": "OELabIPM", "Team": "A"}
    )
    other = replace(INVENTORY, targets=(("tag:Team", ("A",)),))
    survey = replace(EMPTY, associations=(other,), instances=(instance,))
    assert effects(survey) == [("association", Effect.DIFFERS)]


@pytest.mark.parametrize(
    ("name", "owners", "owner"),
    [
        ("Inventory-Association", {}, "the console's Setup Inventory"),
        ("InspectorInventoryCollection-do-not-delete", {}, "Amazon Inspector"),
        ("AWS-QuickSetup-SSM-CollectInventory-x", {}, "Quick Setup"),
        ("Mine", {"other": "SomeStack"}, "CloudFormation stack SomeStack"),
        ("Mine", {"other": ""}, "someone by console or API"),
        ("Mine", DENIED, "someone by console or API"),
    ],
)
def test_whose_association_it_is(name: str, owners: Any, owner: str) -> None:
    survey = replace(EMPTY, associations=(replace(INVENTORY, name=name),), owners=owners)
    assert [clash.owner for clash in found(survey)] == [owner]


def test_a_role_that_is_not_of_our_stack_is_in_the_way() -> None:
    taken = replace(EMPTY, role_exists=True, profile_exists=True)
    assert effects(taken) == [("role", Effect.FAILS), ("instance profile", Effect.FAILS)]
    (role, _) = found(taken)
    assert "another stack, here or in another Region, or someone" in role.owner
    assert "`region_suffix = true`" in role.remedy
    suffixed = Settings(role=RoleSettings(region_suffix=True))
    assert "region_suffix" not in found(taken, suffixed)[0].remedy
    ours = stack(
        "OELabFoundation",
        ("AWS::IAM::Role", "ManagedInstancesRole"),
        ("AWS::IAM::InstanceProfile", "ManagedInstancesRole"),
    )
    assert found(replace(taken, stacks=ours)) == []


def test_a_role_that_could_not_be_read_is_no_clash_but_unread() -> None:
    survey = replace(EMPTY, role_exists=DENIED, profile_exists=DENIED)
    assert found(survey) == []
    assert len(list(survey.unread())) == 2


def test_a_profile_that_a_workload_names_must_be_there_and_stay() -> None:
    settings = Settings(role=RoleSettings(name="Mine"))
    (missing,) = found(EMPTY, settings)
    assert (missing.topic, missing.effect) == ("instance profile", Effect.FAILS)
    assert missing.reason == (
        "the instance profile ManagedInstancesRole of Test, Prod does not exist"
    )
    there = replace(EMPTY, named_profiles=frozenset({"ManagedInstancesRole"}))
    assert found(there, settings) == []
    ours = stack("OELabFoundation", ("AWS::IAM::InstanceProfile", "ManagedInstancesRole"))
    (deleted,) = found(replace(there, stacks=ours), settings)
    assert deleted.effect is Effect.DIFFERS
    assert "is deleted by this deployment" in deleted.reason
    assert found(replace(EMPTY, named_profiles=DENIED), settings) == []


@pytest.mark.parametrize(
    ("vpcs", "quota", "expected"),
    [
        (3, 5, []),
        (4, 5, [("VPC quota", Effect.FAILS)]),
        (4, 20, []),
        (4, DENIED, [("VPC quota", Effect.NOTE)]),
    ],
)
def test_the_quota_of_vpcs(vpcs: int, quota: Any, expected: list[tuple[str, Effect]]) -> None:
    survey = replace(EMPTY, vpcs=vpcs, vpc_quota=quota)
    assert effects(survey) == expected
    assert list(survey.unread()) == []


def test_stacks_that_are_there_need_no_more_vpcs() -> None:
    vpc = ("AWS::EC2::VPC", "vpc-1")
    stacks = {**stack("OELabStack1", vpc), **stack("OELabStack2", vpc)}
    full = replace(EMPTY, vpcs=5, vpc_quota=5, stacks=stacks)
    assert found(full) == []
    without = replace(full, stacks={**stacks, **stack("OELabStack2")})
    assert effects(without) == [("VPC quota", Effect.FAILS)]


def test_automation_that_attaches_profiles_is_noted() -> None:
    other = replace(
        INVENTORY,
        name="AWS-QuickSetup-SSMHostMgmt-AttachIAMToInstance-x",
        document="AWSQuickSetupType-SSMHostMgmt-AttachIAMToInstance",
    )
    survey = replace(EMPTY, associations=(other,), host_role="Host")
    assert effects(survey) == [("host management", Effect.NOTE), ("automation", Effect.NOTE)]


@pytest.mark.parametrize("resolved", [True, False], ids=["by-parameter", "by-instance"])
@pytest.mark.parametrize(
    ("name", "effect"), [("OELabStack1", Effect.NOTE), ("OELabStack2", Effect.DIFFERS)]
)
def test_an_image_that_has_moved_on(name: str, effect: Effect, resolved: bool) -> None:
    parameters = {Settings().image: "ami-0"} if resolved else {}
    stacks = stack(name, ("AWS::EC2::Instance", "i-1"), **parameters)
    instance = Instance(instance_id="i-1", state="running", tags={}, image_id="ami-0")
    survey = replace(EMPTY, stacks=stacks, instances=(instance,))
    assert effects(survey) == [("image", effect)]
    assert found(replace(survey, image="ami-0")) == []


def test_a_region_without_systems_manager() -> None:
    assert effects(replace(EMPTY, supported=False)) == [("Region", Effect.FAILS)]


def test_the_wrong_account_and_another_region() -> None:
    settings = Settings(account="999988887777", region="eu-west-1")
    assert effects(EMPTY, settings) == [("account", Effect.FAILS), ("Region", Effect.NOTE)]


def test_the_worst_comes_first() -> None:
    survey = replace(EMPTY, host_role="Host", role_exists=True, associations=(INVENTORY,))
    assert [effect for _, effect in effects(survey)] == [
        Effect.FAILS,
        Effect.DIFFERS,
        Effect.NOTE,
    ]
