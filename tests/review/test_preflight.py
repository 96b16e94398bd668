"""What stands in the way of a deployment, from values alone."""

from dataclasses import replace
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.findings import Finding, Severity
from oelab.review.evaluate.preflight import evaluate_accounts
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, Instance, Subject, Unread
from oelab.review.snapshots import AccountSnapshot, DeployedStack
from oelab.settings import (
    AssociationSettings,
    EnvironmentSettings,
    ExistingInstanceSettings,
    FleetDataSettings,
    InventorySettings,
    RoleSettings,
    Settings,
    TargetSettings,
)
from oelab.systems_manager.targets import AllNodes, Nodes, ResourceGroup, Tags

HERE = Environment("111122223333", "us-east-1")
DENIED = Unread(environment=HERE, call="ssm:Something", reason="denied")
EMPTY = AccountSnapshot(environment=HERE, account=HERE.account, supported=True, image="ami-1")
ROLE_CLASH = [("role-exists", Severity.ERROR), ("instance-profile-exists", Severity.ERROR)]
INVENTORY = Association(
    association_id="other",
    association_name="Other",
    document="AWS-GatherSoftwareInventory",
    targets=Tags({"Environment": ("OELabIPM",)}),
)
WILDCARD = replace(INVENTORY, targets=AllNodes())
GROUP = replace(INVENTORY, targets=ResourceGroup("Group"))
QUICK = replace(WILDCARD, association_name="AWS-QuickSetup-SSM-CollectInventory-abcde")
ALL_NODES = Settings(
    inventory=InventorySettings(
        associations=(AssociationSettings(targets=TargetSettings(all_nodes=True)),)
    )
)


def found(account: AccountSnapshot, settings: Settings | None = None) -> list[Finding]:
    return [*evaluate_accounts([account], ExpectedFleet(settings or Settings())).findings]


def rules(account: AccountSnapshot, settings: Settings | None = None) -> list[tuple[str, Severity]]:
    return [(each.rule, each.severity) for each in found(account, settings)]


def owner(finding: Finding) -> str:
    assert isinstance(finding.subject, Subject)
    return finding.subject.owner


def stack(
    name: str, *resources: tuple[str, str], status: str = "CREATE_COMPLETE", **more: Any
) -> dict[str, DeployedStack]:
    """A stack of ours with these resources."""
    held = {f"Network{number:08X}": each for number, each in enumerate(resources)}
    fields = {"resources": held, "resolved": {}} | more
    return {name: DeployedStack(name=name, status=status, **fields)}


ROLE = ("AWS::IAM::Role", "ManagedInstancesRole")
PROFILE = ("AWS::IAM::InstanceProfile", "ManagedInstancesRole")
VPC = ("AWS::EC2::VPC", "vpc-1")
NO_VPC = stack("OELabStack2")
BOTH_VPCS = stack("OELabStack1", VPC) | stack("OELabStack2", VPC)
TAGGED = Instance(instance_id="i-1", state="running", tags={"Environment": "OELabIPM", "Team": "A"})
ATTACHING = replace(
    INVENTORY,
    association_name="AWS-QuickSetup-SSMHostMgmt-AttachIAMToInstance-x",
    document="AWSQuickSetupType-SSMHostMgmt-AttachIAMToInstance",
)
OTHER_ROLE = Settings(
    role=RoleSettings(name="Mine"),
    workloads=tuple(
        replace(each, instance_profile="ManagedInstancesRole") for each in Settings().workloads
    ),
)
USED_ROLE = Settings(role=RoleSettings(create=False))
ELSEWHERE = Settings(account="999988887777", region="eu-west-1")
THERE = frozenset({"ManagedInstancesRole"})
# What `[existing_instances]` changes, and the association by which it does.
ATTACH = Settings(existing_instances=ExistingInstanceSettings(attach_profile=True))
ATTACHMENT = replace(
    INVENTORY,
    association_id="attachment",
    association_name="AttachInstanceProfile",
    document="AWS-AttachIAMToInstance",
)
ATTACHMENT_STACK = stack("OELabInventory", ("AWS::SSM::Association", "attachment"))
WITH_PROFILE = replace(TAGGED, profile_arn="arn:aws:iam::111122223333:instance-profile/Foreign")
FLEET_DATA = Settings(fleet_data=FleetDataSettings(enabled=True))
FIVE_SYNCS = ("a", "b", "c", "d", "e")
SYNC_STACK = stack("OELabFleetData", ("AWS::SSM::ResourceDataSync", "e"))
FIRST = EnvironmentSettings(account=HERE.account, region="eu-west-1")
SECOND = EnvironmentSettings(account=HERE.account, region=HERE.region)
TAKEN = {"role_exists": True, "profile_exists": True}
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@pytest.mark.parametrize(
    ("account", "settings", "expected"),
    [
        ({}, Settings(), []),
        ({"supported": False}, Settings(), [("region-without-systems-manager", ERROR)]),
        ({}, ELSEWHERE, [("other-account", ERROR), ("other-region", NOTE)]),
        # Associations that share nodes with ours, and those that do not.
        ({"associations": (INVENTORY,)}, Settings(), [("association-clash", WARNING)]),
        ({"associations": (WILDCARD,)}, Settings(), [("association-gives-way", NOTE)]),
        ({"associations": (QUICK,)}, Settings(), [("association-prevails", WARNING)]),
        ({"associations": (GROUP,)}, Settings(), [("association-clash", NOTE)]),
        ({"associations": (INVENTORY,)}, ALL_NODES, [("association-prevails", WARNING)]),
        ({"associations": (WILDCARD,)}, ALL_NODES, [("second-association-for-all-nodes", ERROR)]),
        ({"associations": (QUICK,)}, ALL_NODES, [("association-prevails", WARNING)]),
        (
            {
                "associations": (replace(INVENTORY, targets=Tags({"Team": ("A",)})),),
                "instances": (TAGGED,),
            },
            Settings(),
            [("association-clash", WARNING)],
        ),
        (
            {"associations": (replace(INVENTORY, targets=Tags({"Environment": ("another",)})),)},
            Settings(),
            [],
        ),
        ({"associations": (replace(INVENTORY, targets=Nodes(("i-elsewhere",))),)}, Settings(), []),
        ({"associations": (replace(INVENTORY, document="AWS-RunPatch"),)}, Settings(), []),
        (
            {
                "associations": (INVENTORY,),
                "stacks": stack("OELabInventory", ("AWS::SSM::Association", "other")),
            },
            Settings(),
            [],
        ),
        # The role and its profile.
        ({"role_exists": True, "profile_exists": True}, Settings(), ROLE_CLASH),
        (
            {
                "role_exists": True,
                "profile_exists": True,
                "stacks": stack("OELabFoundation", ROLE, PROFILE),
            },
            Settings(),
            [],
        ),
        ({"role_exists": DENIED, "profile_exists": DENIED}, Settings(), []),
        ({"role_exists": True, "profile_exists": True}, USED_ROLE, []),
        (
            {"role_exists": False, "profile_exists": False},
            USED_ROLE,
            [("role-missing", ERROR), ("instance-profile-missing", ERROR)],
        ),
        (
            {"role_exists": True, "stacks": stack("OELabFoundation", ROLE)},
            Settings(role=RoleSettings(region_suffix=True)),
            [("role-exists", ERROR)],
        ),
        ({}, OTHER_ROLE, [("instance-profile-missing", ERROR)]),
        ({"profiles": THERE}, OTHER_ROLE, []),
        ({"profiles": DENIED}, OTHER_ROLE, []),
        (
            {"profiles": THERE, "stacks": stack("OELabFoundation", PROFILE)},
            OTHER_ROLE,
            [("instance-profile-deleted", WARNING)],
        ),
        # The quota of VPCs, of which two are to be added.
        ({"vpcs": 3, "vpc_quota": 5}, Settings(), []),
        ({"vpcs": 4, "vpc_quota": 5}, Settings(), [("vpc-quota", ERROR)]),
        ({"vpcs": 4, "vpc_quota": 20}, Settings(), []),
        ({"vpcs": 4, "vpc_quota": None}, Settings(), [("vpc-quota", NOTE)]),
        ({"vpcs": DENIED}, Settings(), []),
        ({"vpcs": 5, "stacks": BOTH_VPCS}, Settings(), []),
        ({"vpcs": 5, "stacks": BOTH_VPCS | NO_VPC}, Settings(), [("vpc-quota", ERROR)]),
        # The role is of the whole account: only its first Region deploys it.
        (TAKEN, Settings(environments=(FIRST, SECOND)), []),
        (TAKEN, Settings(environments=(SECOND, FIRST)), ROLE_CLASH),
        (
            TAKEN,
            Settings(environments=(FIRST, SECOND), role=RoleSettings(region_suffix=True)),
            ROLE_CLASH,
        ),
        # Stacks that the settings do not define.
        ({"other_stacks": stack("OELabStack3", VPC)}, Settings(), [("stack-not-defined", WARNING)]),
        ({"other_stacks": stack("Mine", resources={"VPC": VPC})}, Settings(), []),
        ({"other_stacks": stack("OELabNew", resources={})}, Settings(), []),
        ({"other_stacks": DENIED}, Settings(), []),
        # The quota of data syncs.
        ({"data_syncs": FIVE_SYNCS}, FLEET_DATA, [("sync-quota", ERROR)]),
        ({"data_syncs": FIVE_SYNCS[:4]}, FLEET_DATA, []),
        ({"data_syncs": FIVE_SYNCS, "stacks": SYNC_STACK}, FLEET_DATA, []),
        ({"data_syncs": DENIED}, FLEET_DATA, []),
        # Instances that get a profile.
        ({"instances": (TAGGED,)}, ATTACH, [("profile-attached", NOTE)]),
        ({"instances": (TAGGED,)}, Settings(), []),
        ({"instances": (WITH_PROFILE,)}, ATTACH, []),
        ({"instances": (replace(TAGGED, tags={}),)}, ATTACH, []),
        ({"instances": (replace(TAGGED, state="terminated"),)}, ATTACH, []),
        ({"associations": (ATTACHMENT,)}, ATTACH, [("profile-automation", NOTE)]),
        ({"associations": (ATTACHMENT,), "stacks": ATTACHMENT_STACK}, ATTACH, []),
        # Images that are pinned by Region.
        ({}, Settings(image_pins={"us-east-1": "ami-1"}), []),
        ({}, Settings(image_pins={"eu-west-1": "ami-1"}), [("image-not-pinned", ERROR)]),
        # What is good to know, after what is wrong.
        (
            {"associations": (ATTACHING,), "host_role": "Host", "role_exists": True},
            Settings(),
            [("role-exists", ERROR), ("host-management", NOTE), ("profile-automation", NOTE)],
        ),
    ],
)
def test_what_stands_in_the_way(
    account: dict[str, Any], settings: Settings, expected: list[tuple[str, Severity]]
) -> None:
    assert rules(replace(EMPTY, **account), settings) == expected


def test_an_instance_that_would_get_a_profile_is_named() -> None:
    (note,) = found(replace(EMPTY, instances=(TAGGED,)), ATTACH)
    assert isinstance(note.subject, Subject)
    assert note.subject.node_id == "i-1"
    assert "is given ManagedInstancesRole" in note.reason


def test_what_could_not_be_read_is_no_clash_but_unread() -> None:
    account = replace(EMPTY, role_exists=DENIED, vpc_quota=None)
    assert evaluate_accounts([account], ExpectedFleet(Settings())).unread == (DENIED,)


def test_a_reason_reads_on_from_its_subject() -> None:
    (role, _) = found(replace(EMPTY, role_exists=True, profile_exists=True))
    assert str(role).startswith("the role ManagedInstancesRole exists already, and names are")
    assert "`region_suffix = true`" in role.remedy
    suffixed = Settings(role=RoleSettings(region_suffix=True))
    taken = replace(EMPTY, role_exists=True)
    assert "region_suffix" not in found(taken, suffixed)[0].remedy


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
def test_whose_an_association_is(name: str, owners: Any, expected: str) -> None:
    association = replace(INVENTORY, association_name=name)
    account = replace(EMPTY, associations=(association,), owners=owners)
    assert [*map(owner, found(account))] == [expected]


@pytest.mark.parametrize("is_resolved", [True, False], ids=["by parameter", "by instance"])
@pytest.mark.parametrize(("name", "severity"), [("OELabStack1", NOTE), ("OELabStack2", WARNING)])
def test_an_image_that_has_moved_on(name: str, severity: Severity, is_resolved: bool) -> None:
    resolved = {Settings().image: "ami-0"} if is_resolved else {}
    stacks = stack(name, ("AWS::EC2::Instance", "i-1"), resolved=resolved)
    instance = Instance(instance_id="i-1", state="running", image_id="ami-0")
    account = replace(EMPTY, stacks=stacks, instances=(instance,))
    assert rules(account) == [("image-moved", severity)]
    assert found(replace(account, image="ami-0")) == []


# ---------------------------------------------------------------------------------------------
# Stacks with the names of ours
# ---------------------------------------------------------------------------------------------

OF_OTHERS = {
    "VPC": ("AWS::EC2::VPC", "vpc-1"),
    "WebSecurityGroup": ("AWS::EC2::SecurityGroup", "sg-1"),
    "Web1": ("AWS::EC2::Instance", "i-1"),
    "Role": ROLE,
}


@pytest.mark.parametrize(("name", "may_rename"), [("OELabStack1", True), ("OELabInventory", False)])
def test_a_stack_of_others_would_be_destroyed_and_nothing_of_it_is_ours(
    name: str, may_rename: bool
) -> None:
    stacks = stack(name, resources=OF_OTHERS)
    foreign, role = found(replace(EMPTY, stacks=stacks, role_exists=True))
    assert (foreign.rule, foreign.severity) == ("foreign-stack", ERROR)
    assert "would delete the 4 resources" in foreign.reason
    assert ("`stack_name`" in foreign.remedy) == may_rename
    assert role.rule == "role-exists"


@pytest.mark.parametrize(
    ("status", "protected", "expected", "remedy"),
    [
        ("CREATE_COMPLETE", True, [], ""),
        ("UPDATE_ROLLBACK_COMPLETE", False, [], ""),
        ("IMPORT_COMPLETE", False, [], ""),
        ("REVIEW_IN_PROGRESS", False, [], ""),
        ("UPDATE_IN_PROGRESS", False, [("stack-busy", ERROR)], "wait until"),
        ("DELETE_IN_PROGRESS", False, [("stack-busy", ERROR)], "wait until"),
        ("CREATE_FAILED", False, [("stack-failed", ERROR)], "`cdk rollback OELabStack1`"),
        ("UPDATE_ROLLBACK_FAILED", False, [("stack-failed", ERROR)], "`cdk rollback OELabStack1`"),
        ("ROLLBACK_FAILED", False, [("stack-failed", ERROR)], "delete the stack"),
        ("DELETE_FAILED", False, [("stack-failed", ERROR)], "delete the stack"),
        ("IMPORT_ROLLBACK_FAILED", False, [("stack-failed", ERROR)], "see in its events"),
        ("ROLLBACK_COMPLETE", False, [("stack-never-created", NOTE)], "`cdk deploy` deletes it"),
        (
            "ROLLBACK_COMPLETE",
            True,
            [("stack-never-created-protected", ERROR)],
            "turn its termination",
        ),
    ],
)
def test_the_status_of_a_stack_of_ours(
    status: str, protected: bool, expected: list[tuple[str, Severity]], remedy: str
) -> None:
    account = replace(EMPTY, stacks=stack("OELabStack1", status=status, protected=protected))
    assert rules(account) == expected
    assert all(remedy in each.remedy for each in found(account))
