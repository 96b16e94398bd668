"""The lab beside what an account has: roles of several Regions, roles and buckets of others."""

import json
from typing import Any

import pytest

from oelab.settings import (
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
    WorkloadSettings,
    load,
)
from tests.synthesis import of_type, only, synthesize

OTHER = WorkloadSettings(name="Other", stack_name="OtherStack", instance_profile="Theirs")
LOGS = InventorySettings(logs=LogSettings(bucket="logs-of-mine"))
SUFFIXED = {"Fn::Join": ["", ["ManagedInstancesRole-", {"Ref": "AWS::Region"}]]}


def profiles(template: dict[str, Any]) -> list[Any]:
    found = [each["Properties"] for each in of_type(template, "AWS::EC2::Instance")]
    return [each.get("IamInstanceProfile") for each in found]


def test_a_region_follows_the_name_wherever_it_is_used() -> None:
    role = RoleSettings(region_suffix=True)
    settings = Settings(role=role, inventory=LOGS, workloads=(*Settings().workloads, OTHER))
    templates = synthesize(settings)
    foundation = templates["OELabFoundation"]
    assert only(foundation, "AWS::IAM::Role")["Properties"]["RoleName"] == SUFFIXED
    profile = only(foundation, "AWS::IAM::InstanceProfile")["Properties"]
    assert profile["InstanceProfileName"] == SUFFIXED
    assert profiles(templates["OELabStack2"]) == [SUFFIXED] * 4
    assert profiles(templates["OtherStack"]) == ["Theirs"] * 4
    assert only(templates["OELabInventory"], "AWS::IAM::Policy")["Properties"]["Roles"] == [
        SUFFIXED
    ]


def test_a_known_region_stands_in_the_name() -> None:
    settings = Settings(
        role=RoleSettings(region_suffix=True), account="111122223333", region="eu-west-1"
    )
    role = only(synthesize(settings)["OELabFoundation"], "AWS::IAM::Role")["Properties"]
    assert role["RoleName"] == "ManagedInstancesRole-eu-west-1"


def test_an_existing_role_is_used_by_name_and_not_defined() -> None:
    settings = Settings(role=RoleSettings(name="Mine", create=False), inventory=LOGS)
    templates = synthesize(settings)
    types = {each["Type"] for each in templates["OELabFoundation"]["Resources"].values()}
    assert types == {"AWS::IAM::ManagedPolicy"}
    assert profiles(templates["OELabStack1"]) == ["Mine"] * 4
    policy = only(templates["OELabInventory"], "AWS::IAM::Policy")["Properties"]
    assert policy["Roles"] == ["Mine"]


def test_an_existing_bucket_is_used_by_name_and_not_defined() -> None:
    template = synthesize(Settings(inventory=LOGS))["OELabInventory"]
    assert not list(of_type(template, "AWS::S3::Bucket"))
    assert "logs-of-mine" in json.dumps(only(template, "AWS::IAM::Policy"))


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_settings_tell_the_name_in_each_region(region: str) -> None:
    assert RoleSettings(name="Nodes").name_in(region) == "Nodes"
    assert RoleSettings(name="Nodes", region_suffix=True).name_in(region) == f"Nodes-{region}"


def test_a_workload_follows_the_role_of_the_file(tmp_path: Any) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[role]\nname = "Nodes"\nregion_suffix = true\n')
    assert profiles(synthesize(load(path))["OELabStack1"])[0] == {
        "Fn::Join": ["", ["Nodes-", {"Ref": "AWS::Region"}]]
    }
