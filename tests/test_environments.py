"""The stacks of several accounts and Regions, and of instances that exist already."""

from pathlib import Path
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.settings import (
    EnvironmentSettings,
    ExistingInstanceSettings,
    FleetDataSettings,
    RoleSettings,
    Settings,
    WorkloadSettings,
)
from oelab.stacks import define_stacks
from oelab.template.assembly import Stack, read_json
from tests.checks.cdk_apps import app_in, violations
from tests.synthesis import Template, app_of, of_type, only, stacks_of, synthesize

TEST, PROD = "111111111111", "222222222222"
DUBLIN, FRANKFURT = "eu-west-1", "eu-central-1"
BY_PLACE = ((TEST, DUBLIN), (TEST, FRANKFURT), (PROD, DUBLIN))


def settings(*places: tuple[str, str], **changes: Any) -> Settings:
    listed = tuple(EnvironmentSettings(account=a, region=r) for a, r in places or BY_PLACE)
    return Settings(environments=listed, **changes)


def by_place(of: Settings) -> dict[Environment, dict[str, Stack]]:
    """The stacks by name, for each account and Region."""
    found: dict[Environment, dict[str, Stack]] = {}
    for stack in stacks_of(app_of(of)):
        found.setdefault(stack.environment, {})[stack.name] = stack
    return found


@pytest.fixture(scope="module")
def several() -> dict[Environment, dict[str, Stack]]:
    return by_place(settings())


def test_one_environment_is_the_app_without_a_stage(lab: dict[str, Template]) -> None:
    (stacks,) = by_place(settings((TEST, DUBLIN))).values()
    assert {name: stack.path for name, stack in stacks.items()} == {name: name for name in lab}
    assert {name: stack.template for name, stack in stacks.items()} == lab


def test_each_environment_has_the_stacks_under_their_names(
    several: dict[Environment, dict[str, Stack]], lab: dict[str, Template]
) -> None:
    assert set(several) == {Environment(*place) for place in BY_PLACE}
    for environment, stacks in several.items():
        shares_foundation = environment == Environment(TEST, FRANKFURT)
        assert lab.keys() - stacks.keys() == ({"OELabFoundation"} if shares_foundation else set())
        assert {name: stack.template for name, stack in stacks.items()} == {
            name: lab[name] for name in stacks
        }


def test_a_path_tells_the_account_and_the_region(
    several: dict[Environment, dict[str, Stack]],
) -> None:
    stack = several[Environment(TEST, FRANKFURT)]["OELabStack1"]
    assert stack.path == f"Account{TEST}/{FRANKFURT}/OELabStack1"


def test_what_is_of_a_stack_is_the_same_everywhere(
    several: dict[Environment, dict[str, Stack]],
) -> None:
    for stacks in several.values():
        assert {stack.tags["Owner"] for stack in stacks.values()} == {"oelab"}
        assert stacks["OELabStack2"].termination_protection


def dependencies(stack: Stack) -> set[str]:
    """The paths of the stacks that are deployed before it."""
    artifacts = read_json(stack.folder / "manifest.json")["artifacts"]
    (own,) = (each for each in artifacts.values() if each.get("displayName") == stack.path)
    displayed = {artifact_id: each.get("displayName") for artifact_id, each in artifacts.items()}
    return {path for each in own["dependencies"] if (path := displayed[each])}


@pytest.mark.parametrize("stack_name", ["OELabStack1", "OELabStack2", "OELabInventory"])
def test_every_region_is_deployed_after_the_foundation_of_its_account(
    several: dict[Environment, dict[str, Stack]], stack_name: str
) -> None:
    for environment, stacks in several.items():
        foundation = several[environment._replace(region=DUBLIN)]["OELabFoundation"]
        assert dependencies(stacks[stack_name]) == {foundation.path}


def test_each_region_may_have_a_role_of_its_own() -> None:
    found = by_place(settings(role=RoleSettings(region_suffix=True)))
    names = {
        environment.region: only(dict(stacks["OELabFoundation"].template), "AWS::IAM::Role")
        for environment, stacks in found.items()
    }
    assert {region: role["Properties"]["RoleName"] for region, role in names.items()} == {
        region: f"ManagedInstancesRole-{region}" for region in (DUBLIN, FRANKFURT)
    }
    for stacks in found.values():
        assert dependencies(stacks["OELabInventory"]) == {stacks["OELabFoundation"].path}


def test_each_region_has_the_image_that_is_pinned_for_it() -> None:
    pins = {DUBLIN: "ami-11111111", FRANKFURT: "ami-22222222"}
    for environment, stacks in by_place(settings(image_pins=pins)).items():
        instances = of_type(dict(stacks["OELabStack1"].template), "AWS::EC2::Instance")
        images = {instance["Properties"]["ImageId"] for instance in instances}
        assert images == {pins[str(environment.region)]}


def test_the_first_environment_has_the_data_of_all() -> None:
    found = by_place(settings(*BY_PLACE, fleet_data=FleetDataSettings(enabled=True)))
    templates = [dict(stacks["OELabFleetData"].template) for stacks in found.values()]
    bucket = f"oelabfleetdata-{TEST}-{DUBLIN}"
    syncs = [only(template, "AWS::SSM::ResourceDataSync")["Properties"] for template in templates]
    for sync in syncs[1:]:
        destination = sync["S3Destination"]
        assert (destination["BucketName"], destination["BucketRegion"]) == (bucket, DUBLIN)

    first, *others = templates
    buckets = list(of_type(first, "AWS::S3::Bucket"))
    assert [each["Properties"].get("BucketName") for each in buckets] == [bucket, None]
    for other in others:
        assert [each["Type"] for each in other["Resources"].values()] == [
            "AWS::SSM::ResourceDataSync"
        ]
    policies = list(of_type(first, "AWS::S3::BucketPolicy"))
    writes = [
        statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        for statement in policies[0]["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "s3:PutObject"
    ]
    assert writes == [TEST, PROD]


# --- instances that exist already --------------------------------------------------------------

ATTACHED = Settings(existing_instances=ExistingInstanceSettings(attach_profile=True))


def runbooks(template: Template) -> list[dict[str, Any]]:
    found = (each["Properties"] for each in of_type(template, "AWS::SSM::Association"))
    return [each for each in found if each["Name"] == "AWS-AttachIAMToInstance"]


def test_only_the_inventory_stack_has_the_attachment(lab: dict[str, Template]) -> None:
    attached = synthesize(ATTACHED)
    assert {name for name in lab if attached[name] != lab[name]} == {"OELabInventory"}
    before, after = (each["OELabInventory"]["Resources"] for each in (lab, attached))
    assert {name: after[name] for name in before} == before


def test_the_attachment_is_as_the_settings_say() -> None:
    existing = ExistingInstanceSettings(
        attach_profile=True, tags={"Team": ("Ops", "Dev")}, interval_minutes=60
    )
    template = synthesize(Settings(existing_instances=existing))["OELabInventory"]
    (attachment,) = runbooks(template)
    assert attachment["Targets"] == [{"Key": "tag:Team", "Values": ["Ops", "Dev"]}]
    assert attachment["ScheduleExpression"] == "rate(60 minutes)"
    assert attachment["AssociationName"] == "AttachInstanceProfile"


@pytest.mark.parametrize("create", [True, False])
def test_what_is_attached_is_the_profile_of_the_role(*, create: bool) -> None:
    role = RoleSettings(name="Nodes", create=create)
    existing = ATTACHED.existing_instances
    template = synthesize(Settings(role=role, existing_instances=existing))["OELabInventory"]
    (attachment,) = runbooks(template)
    assert attachment["Parameters"]["RoleName"] == ["Nodes"]
    execution_role = str(only(template, "AWS::IAM::Role")["Properties"]["Policies"])
    assert ":instance-profile/Nodes'" in execution_role
    assert ":role/Nodes'" in execution_role


def test_the_checks_are_content_with_all_of_it(tmp_path: Path) -> None:
    """Also with workloads whose instances have no profile but the one that is attached."""
    bare = WorkloadSettings(name="Test", stack_name="OELabStack1", instance_profile="")
    app = app_in(tmp_path, strict=True)
    define_stacks(app, settings(workloads=(bare,), existing_instances=ATTACHED.existing_instances))
    assert violations(app) == []


@pytest.mark.parametrize("region_suffix", [True, False])
def test_every_region_attaches_its_own_profile(*, region_suffix: bool) -> None:
    role = RoleSettings(region_suffix=region_suffix)
    found = by_place(settings(role=role, existing_instances=ATTACHED.existing_instances))
    for environment, stacks in found.items():
        (attachment,) = runbooks(dict(stacks["OELabInventory"].template))
        assert attachment["Parameters"]["RoleName"] == [role.name_in(str(environment.region))]
