"""What the stacks are meant to be, whatever the letter of their templates."""

import dataclasses
import json
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.settings import (
    FIXED_STACKS,
    FleetDataSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
    WorkloadSettings,
)
from oelab.template.assembly import Stack, read_json
from tests.synthesis import Template, app_of, of_type, only, stacks_of, synthesize

TEST = WorkloadSettings(name="Test", stack_name="OELabStack1")


def one_workload(**changes: Any) -> Template:
    workload = dataclasses.replace(TEST, **changes)
    return synthesize(Settings(workloads=(workload,)))["OELabStack1"]


def instances(template: Template) -> dict[str, dict[str, Any]]:
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::EC2::Instance"
    }


def tags(properties: dict[str, Any]) -> dict[str, Any]:
    return {tag["Key"]: tag["Value"] for tag in properties["Tags"]}


# --- the lab -----------------------------------------------------------------------------------


def test_the_lab_has_four_stacks(lab: dict[str, Template]) -> None:
    assert set(lab) == {"OELabFoundation", "OELabStack1", "OELabStack2", "OELabInventory"}
    assert set(lab) == {*FIXED_STACKS, *(each.stack_name for each in Settings().workloads)}


def test_no_template_needs_anything_but_itself(lab: dict[str, Template]) -> None:
    for template in lab.values():
        text = json.dumps(template)
        for foreign in ("Bootstrap", "Fn::ImportValue", "Fn::GetStackOutput", "Export", "cdk-"):
            assert foreign not in text
        types = {resource["Type"] for resource in template["Resources"].values()}
        assert not {t for t in types if "Lambda" in t or "Custom" in t}
        assert "Rules" not in template


def test_the_only_file_of_a_stack_is_its_template(lab_stacks: dict[str, Stack]) -> None:
    for name, stack in lab_stacks.items():
        assets = read_json(stack.folder / f"{name}.assets.json")
        files = [file["source"]["path"] for file in assets["files"].values()]
        assert files == [f"{name}.template.json"]
        assert not assets.get("dockerImages")


def test_workloads_deploy_after_the_foundation_and_prod_is_protected(
    lab_stacks: dict[str, Stack],
) -> None:
    for name in ("OELabStack1", "OELabStack2", "OELabInventory"):
        artifacts = read_json(lab_stacks[name].folder / "manifest.json")["artifacts"]
        assert "OELabFoundation" in artifacts[name]["dependencies"]
    assert lab_stacks["OELabStack2"].termination_protection
    assert not lab_stacks["OELabStack1"].termination_protection


@pytest.mark.parametrize(
    ("stack_name", "workload"), [("OELabStack1", "Test"), ("OELabStack2", "Prod")]
)
def test_instances_carry_exactly_the_tags_of_the_lab(
    lab: dict[str, Template], stack_name: str, workload: str
) -> None:
    for logical_id, properties in instances(lab[stack_name]).items():
        assert tags(properties) == {
            "Application": {"Ref": "AWS::StackId"},
            "SSMManaged": "True",
            "Confidentiality": "Public",
            "Environment": "OELabIPM",
            "InstanceRole": "WebServer" if logical_id.startswith("Web") else "AppServer",
            "Patch Group": "Critical",
            "Workload": workload,
            "Name": f"{workload}-{logical_id}",
        }


def test_the_owner_is_a_stack_tag() -> None:
    stacks = stacks_of(app_of(Settings(owner="platform")))
    assert [stack.tags for stack in stacks] == [{"Owner": "platform"}] * 4


def test_both_workloads_have_the_same_shape(lab: dict[str, Template]) -> None:
    assert list(instances(lab["OELabStack1"])) == ["Web1", "Web2", "App1", "App2"]
    assert list(lab["OELabStack1"]["Resources"]) == list(lab["OELabStack2"]["Resources"])


def test_instances_are_hardened(lab: dict[str, Template]) -> None:
    for properties in instances(lab["OELabStack2"]).values():
        assert properties["MetadataOptions"] == {
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 1,
        }
        (root,) = properties["BlockDeviceMappings"]
        assert root["Ebs"] == {"VolumeType": "gp3", "Encrypted": True}
        assert "KeyName" not in properties
        assert "DisableApiTermination" not in properties


def test_only_https_leaves_and_nothing_enters(lab: dict[str, Template]) -> None:
    group = only(lab["OELabStack1"], "AWS::EC2::SecurityGroup")["Properties"]
    assert [(r["FromPort"], r["ToPort"], r["CidrIp"]) for r in group["SecurityGroupEgress"]] == [
        (443, 443, "0.0.0.0/0")
    ]
    assert "SecurityGroupIngress" not in group


def test_outputs_are_the_urls_of_the_web_servers(lab: dict[str, Template]) -> None:
    outputs = lab["OELabStack1"]["Outputs"]
    assert set(outputs) == {"PrimaryURL", "SecondaryURL"}
    assert {"Fn::GetAtt": ["Web1", "PublicDnsName"]} in outputs["PrimaryURL"]["Value"]["Fn::Join"][
        1
    ]


def test_association_is_the_one_of_the_lab(lab: dict[str, Template]) -> None:
    association = only(lab["OELabInventory"], "AWS::SSM::Association")["Properties"]
    assert association["Name"] == "AWS-GatherSoftwareInventory"
    assert association["AssociationName"] == "InventoryAllInstances"
    assert association["Targets"] == [{"Key": "tag:Environment", "Values": ["OELabIPM"]}]
    assert association["ScheduleExpression"] == "rate(30 minutes)"
    assert "DocumentVersion" not in association
    assert "WaitForSuccessTimeoutSeconds" not in association
    assert "OutputLocation" not in association


def test_data_of_the_fleet_changes_no_other_stack(lab: dict[str, Template]) -> None:
    found = synthesize(Settings(fleet_data=FleetDataSettings(enabled=True)))
    assert found.keys() - lab.keys() == {"OELabFleetData"}
    assert {name: found[name] for name in lab} == lab


# --- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "open_to"),
    [
        ({}, "no one until the setting web_ingress_cidr names a range"),
        (
            {"web_ingress_cidr": "198.51.100.0/24"},
            "198.51.100.0/24 by the setting web_ingress_cidr",
        ),
        (
            {"private": True, "web_ingress_cidr": "10.0.0.0/8"},
            "10.0.0.0/8 by the setting web_ingress_cidr",
        ),
        (
            {
                "subnet_id": "subnet-0123456789abcdef0",
                "security_group_ids": ("sg-0123456789abcdef0",),
            },
            "those whom the groups of the setting security_group_ids let in",
        ),
    ],
)
def test_outputs_say_who_reaches_the_pages_and_by_which_setting(
    settings: dict[str, Any], open_to: str
) -> None:
    outputs = one_workload(**settings)["Outputs"]
    assert {key: output["Description"] for key, output in outputs.items()} == {
        "PrimaryURL": f"Web page of Web1, open to {open_to}",
        "SecondaryURL": f"Web page of Web2, open to {open_to}",
    }


def test_opening_ingress_changes_the_security_group_and_nothing_else(
    lab: dict[str, Template],
) -> None:
    closed, opened = lab["OELabStack1"], one_workload(web_ingress_cidr="198.51.100.0/24")
    changed = {
        logical_id
        for logical_id, resource in opened["Resources"].items()
        if resource != closed["Resources"][logical_id]
    }
    assert [opened["Resources"][logical_id]["Type"] for logical_id in changed] == [
        "AWS::EC2::SecurityGroup"
    ]
    (rule,) = only(opened, "AWS::EC2::SecurityGroup")["Properties"]["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["CidrIp"]) == (80, "198.51.100.0/24")


def test_ssh_and_a_key_pair_only_on_request() -> None:
    template = one_workload(ssh_ingress_cidr="198.51.100.7/32", key_name="lab")
    (rule,) = only(template, "AWS::EC2::SecurityGroup")["Properties"]["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["ToPort"]) == (22, 22)
    assert {i["KeyName"] for i in instances(template).values()} == {"lab"}


def test_a_blank_profile_is_none() -> None:
    template = one_workload(instance_profile="")
    assert all("IamInstanceProfile" not in i for i in instances(template).values())
    assert not list(of_type(template, "AWS::IAM::InstanceProfile"))


def test_removing_an_instance_leaves_the_others_alone(lab: dict[str, Template]) -> None:
    two, one = lab["OELabStack1"], one_workload(web_instances=1)
    assert set(instances(two)) - set(instances(one)) == {"Web2"}
    assert all(instances(one)[each] == instances(two)[each] for each in instances(one))
    assert set(one["Outputs"]) == {"PrimaryURL"}


def test_an_existing_network_is_used_and_none_defined() -> None:
    template = one_workload(
        subnet_id="subnet-0123456789abcdef0", security_group_ids=("sg-0123456789abcdef0",)
    )
    assert {r["Type"] for r in template["Resources"].values()} == {"AWS::EC2::Instance"}
    for properties in instances(template).values():
        assert properties["SubnetId"] == "subnet-0123456789abcdef0"
        assert properties["SecurityGroupIds"] == ["sg-0123456789abcdef0"]


def test_another_order_of_workloads_changes_no_template(lab: dict[str, Template]) -> None:
    turned = Settings(workloads=tuple(reversed(Settings().workloads)))
    assert synthesize(turned) == lab


def test_a_third_workload_is_one_more_stack() -> None:
    workloads = (*Settings().workloads, WorkloadSettings(name="Dev", stack_name="OELabStack3"))
    assert "OELabStack3" in synthesize(Settings(workloads=workloads))


def test_an_image_id_needs_no_parameter() -> None:
    settings = Settings(workloads=(TEST,), image="ami-0123456789abcdef0")
    template = synthesize(settings)["OELabStack1"]
    assert "Parameters" not in template
    assert {i["ImageId"] for i in instances(template).values()} == {"ami-0123456789abcdef0"}


def test_naming_account_and_region_looks_nothing_up_and_changes_no_template(
    lab_stacks: dict[str, Stack], lab: dict[str, Template]
) -> None:
    assert {stack.environment for stack in lab_stacks.values()} == {Environment()}
    named = stacks_of(app_of(Settings(account="111122223333", region="eu-west-1")))
    assert {stack.environment for stack in named} == {Environment("111122223333", "eu-west-1")}
    assert {stack.name: stack.template for stack in named} == lab


def test_output_goes_to_a_bucket_of_our_own_that_survives() -> None:
    settings = Settings(inventory=InventorySettings(logs=LogSettings(create_bucket=True)))
    template = synthesize(settings)["OELabInventory"]
    assert only(template, "AWS::S3::Bucket")["DeletionPolicy"] == "Retain"
    assert only(template, "AWS::IAM::Policy")["Properties"]["Roles"] == ["ManagedInstancesRole"]


def test_output_goes_to_an_existing_bucket() -> None:
    logs = LogSettings(bucket="logs-of-mine", prefix="inventory")
    template = synthesize(Settings(inventory=InventorySettings(logs=logs)))["OELabInventory"]
    assert not list(of_type(template, "AWS::S3::Bucket"))
    association = only(template, "AWS::SSM::Association")["Properties"]
    assert association["OutputLocation"]["S3Location"] == {
        "OutputS3BucketName": "logs-of-mine",
        "OutputS3KeyPrefix": "inventory",
    }


def test_the_policy_for_logs_follows_the_name_of_the_role() -> None:
    settings = Settings(
        role=RoleSettings(name="NodeRole"),
        inventory=InventorySettings(logs=LogSettings(create_bucket=True)),
    )
    template = synthesize(settings)["OELabInventory"]
    assert only(template, "AWS::IAM::Policy")["Properties"]["Roles"] == ["NodeRole"]


def test_a_sync_into_the_bucket_of_another_account_needs_nothing_else() -> None:
    member = FleetDataSettings(
        enabled=True, bucket="central", bucket_region="eu-west-1", tables=False
    )
    template = synthesize(Settings(fleet_data=member))["OELabFleetData"]
    (sync,) = template["Resources"].values()
    assert sync["Properties"]["S3Destination"]["BucketName"] == "central"


@pytest.mark.parametrize(("limit", "is_warned"), [(26, True), (27, False)])
def test_synth_warns_of_what_the_objects_may_cost(limit: int, *, is_warned: bool) -> None:
    """10,000 nodes with 11 types every 30 minutes are 5,280,000 objects, or $26.40, a day."""
    fleet_data = FleetDataSettings(enabled=True, expected_nodes=10_000, warn_above_usd_a_day=limit)
    found = app_of(Settings(fleet_data=fleet_data)).synth().get_stack_by_name("OELabFleetData")
    warnings = [each.entry.data for each in found.messages if each.level.value == "WARNING"]
    assert [("$26.40" in str(text)) for text in warnings] == [True] * is_warned


def test_a_small_fleet_is_not_warned_of() -> None:
    assembly = app_of(Settings(fleet_data=FleetDataSettings(enabled=True))).synth()
    assert not assembly.get_stack_by_name("OELabFleetData").messages
