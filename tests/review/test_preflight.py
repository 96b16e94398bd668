"""What stands in the way of a deployment, from values alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from oelab.findings import Finding, Severity
from oelab.review.account_snapshot import DeployedStack, Survey
from oelab.review.expected_fleet import Expectation
from oelab.review.models import Association, Instance, Place, Unread
from oelab.review.verdicts.preflight import preflight_findings
from oelab.review.verdicts.preflight_finding import Owner
from oelab.settings import (
    AssociationSettings,
    InventorySettings,
    RoleSettings,
    Settings,
    TargetSettings,
)
from oelab.systems_manager.targets import AllNodes, Nodes, ResourceGroup, Tags

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
    targets=Tags({"Environment": ("OELabIPM",)}),
)
WILDCARD = replace(INVENTORY, targets=AllNodes())
GROUP = replace(INVENTORY, targets=ResourceGroup("Group"))
QUICK = replace(WILDCARD, name="AWS-QuickSetup-SSM-CollectInventory-abcde")
ALL_NODES = Settings(
    inventory=InventorySettings(
        associations=(AssociationSettings(targets=TargetSettings(all_nodes=True)),)
    )
)


def found(survey: Survey, settings: Settings | None = None) -> list[Finding]:
    return preflight_findings([survey], Expectation(settings or Settings()))


def effects(survey: Survey, settings: Settings | None = None) -> list[tuple[str, Severity]]:
    return [(finding.rule, finding.severity) for finding in found(survey, settings)]


def owner(finding: Finding) -> str:
    assert isinstance(finding.subject, Owner)
    return finding.subject.name


def stack(name: str, *resources: tuple[str, str], **resolved: str) -> Mapping[str, DeployedStack]:
    held = {f"Network{number:08X}": each for number, each in enumerate(resources)}
    deployed = DeployedStack(name=name, status="CREATE_COMPLETE", resources=held, resolved=resolved)
    return {name: deployed}


def test_an_empty_account_has_nothing_in_the_way() -> None:
    assert found(EMPTY) == []


@pytest.mark.parametrize(
    ("other", "settings", "severity"),
    [
        (INVENTORY, Settings(), Severity.WARNING),
        (WILDCARD, Settings(), Severity.NOTE),
        (QUICK, Settings(), Severity.WARNING),
        (GROUP, Settings(), Severity.NOTE),
        (INVENTORY, ALL_NODES, Severity.WARNING),
        (WILDCARD, ALL_NODES, Severity.ERROR),
        (QUICK, ALL_NODES, Severity.WARNING),
    ],
)
def test_two_inventory_associations(
    other: Association, settings: Settings, severity: Severity
) -> None:
    survey = replace(EMPTY, associations=(other,))
    assert effects(survey, settings) == [("association", severity)]


@pytest.mark.parametrize(
    "other",
    [
        replace(INVENTORY, targets=Tags({"Environment": ("another",)})),
        replace(INVENTORY, targets=Nodes(("i-elsewhere",))),
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
    other = replace(INVENTORY, targets=Tags({"Team": ("A",)}))
    survey = replace(EMPTY, associations=(other,), instances=(instance,))
    assert effects(survey) == [("association", Severity.WARNING)]


@pytest.mark.parametrize(
    ("name", "owners", "expected"),
    [
        ("Inventory-Association", {}, "the console's Setup Inventory"),
        ("InspectorInventoryCollection-do-not-delete", {}, "Amazon Inspector"),
        ("AWS-QuickSetup-SSM-CollectInventory-x", {}, "Quick Setup"),
        ("Mine", {"other": "SomeStack"}, "CloudFormation stack SomeStack"),
        ("Mine", {"other": ""}, "someone by console or API"),
        ("Mine", DENIED, "someone by console or API"),
    ],
)
def test_whose_association_it_is(name: str, owners: Any, expected: str) -> None:
    survey = replace(EMPTY, associations=(replace(INVENTORY, name=name),), owners=owners)
    assert list(map(owner, found(survey))) == [expected]


def test_a_role_that_is_not_of_our_stack_is_in_the_way() -> None:
    taken = replace(EMPTY, role_exists=True, profile_exists=True)
    assert effects(taken) == [("role", Severity.ERROR), ("instance profile", Severity.ERROR)]
    (role, _) = found(taken)
    assert "another stack, here or in another Region, or someone" in owner(role)
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
    named = (
        replace(each, instance_profile="ManagedInstancesRole") for each in Settings().workloads
    )
    settings = Settings(role=RoleSettings(name="Mine"), workloads=tuple(named))
    (missing,) = found(EMPTY, settings)
    assert (missing.rule, missing.severity) == ("instance profile", Severity.ERROR)
    assert missing.reason == (
        "the instance profile ManagedInstancesRole of Test, Prod does not exist"
    )
    there = replace(EMPTY, named_profiles=frozenset({"ManagedInstancesRole"}))
    assert found(there, settings) == []
    ours = stack("OELabFoundation", ("AWS::IAM::InstanceProfile", "ManagedInstancesRole"))
    (deleted,) = found(replace(there, stacks=ours), settings)
    assert deleted.severity is Severity.WARNING
    assert "is deleted by this deployment" in deleted.reason
    assert found(replace(EMPTY, named_profiles=DENIED), settings) == []


@pytest.mark.parametrize(
    ("vpcs", "quota", "expected"),
    [
        (3, 5, []),
        (4, 5, [("VPC quota", Severity.ERROR)]),
        (4, 20, []),
        (4, DENIED, [("VPC quota", Severity.NOTE)]),
    ],
)
def test_the_quota_of_vpcs(vpcs: int, quota: Any, expected: list[tuple[str, Severity]]) -> None:
    survey = replace(EMPTY, vpcs=vpcs, vpc_quota=quota)
    assert effects(survey) == expected
    assert list(survey.unread()) == []


def test_stacks_that_are_there_need_no_more_vpcs() -> None:
    vpc = ("AWS::EC2::VPC", "vpc-1")
    stacks = {**stack("OELabStack1", vpc), **stack("OELabStack2", vpc)}
    full = replace(EMPTY, vpcs=5, vpc_quota=5, stacks=stacks)
    assert found(full) == []
    without = replace(full, stacks={**stacks, **stack("OELabStack2")})
    assert effects(without) == [("VPC quota", Severity.ERROR)]


def test_automation_that_attaches_profiles_is_noted() -> None:
    other = replace(
        INVENTORY,
        name="AWS-QuickSetup-SSMHostMgmt-AttachIAMToInstance-x",
        document="AWSQuickSetupType-SSMHostMgmt-AttachIAMToInstance",
    )
    survey = replace(EMPTY, associations=(other,), host_role="Host")
    assert effects(survey) == [("host management", Severity.NOTE), ("automation", Severity.NOTE)]


@pytest.mark.parametrize("resolved", [True, False], ids=["by-parameter", "by-instance"])
@pytest.mark.parametrize(
    ("name", "severity"), [("OELabStack1", Severity.NOTE), ("OELabStack2", Severity.WARNING)]
)
def test_an_image_that_has_moved_on(name: str, severity: Severity, resolved: bool) -> None:
    parameters = {Settings().image: "ami-0"} if resolved else {}
    stacks = stack(name, ("AWS::EC2::Instance", "i-1"), **parameters)
    instance = Instance(instance_id="i-1", state="running", tags={}, image_id="ami-0")
    survey = replace(EMPTY, stacks=stacks, instances=(instance,))
    assert effects(survey) == [("image", severity)]
    assert found(replace(survey, image="ami-0")) == []


def test_a_region_without_systems_manager() -> None:
    assert effects(replace(EMPTY, supported=False)) == [("Region", Severity.ERROR)]


def test_the_wrong_account_and_another_region() -> None:
    settings = Settings(account="999988887777", region="eu-west-1")
    assert effects(EMPTY, settings) == [("account", Severity.ERROR), ("Region", Severity.NOTE)]


def test_the_worst_comes_first() -> None:
    survey = replace(EMPTY, host_role="Host", role_exists=True, associations=(INVENTORY,))
    assert [severity for _, severity in effects(survey)] == [
        Severity.ERROR,
        Severity.WARNING,
        Severity.NOTE,
    ]
