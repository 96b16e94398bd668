"""`oelab preflight` in accounts in which something is there already."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from localaws import LocalAws
from tests.command_line.conftest import Cli, Lab, point_at
from tests.synthesis import Template

_ACCOUNTS = itertools.count(120000000001)
EVERYTHING = [{"Key": "InstanceIds", "Values": ["*"]}]
LAB_TAG = [{"Key": "tag:Environment", "Values": ["OELabIPM"]}]
INVENTORY = "AWS-GatherSoftwareInventory"


@pytest.fixture
def account(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty account that the commands talk to."""
    account = str(next(_ACCOUNTS))
    point_at(local_aws, account, monkeypatch)
    return account


def findings(cli: Cli, settings: str = "", *arguments: str) -> list[dict[str, Any]]:
    Path("oelab.toml").write_text(settings)
    found: list[dict[str, Any]] = json.loads(cli("preflight", "--json", *arguments).stdout)[
        "findings"
    ]
    return found


def rules(cli: Cli, settings: str = "", *arguments: str) -> list[tuple[str, str]]:
    return [(x["rule"], x["severity"]) for x in findings(cli, settings, *arguments)]


@pytest.mark.usefixtures("here")
def test_what_the_stacks_have_deployed_is_no_clash(cli: Cli) -> None:
    assert findings(cli) == []


@pytest.mark.usefixtures("account")
def test_an_empty_account_is_ready(cli: Cli) -> None:
    result = cli("preflight")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing stands in the way" in result.stderr


def test_what_is_in_the_way_is_named_with_its_owner(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    iam = local_aws.client("iam", account=account)
    iam.create_role(RoleName="ManagedInstancesRole", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="ManagedInstancesRole")
    ec2 = local_aws.client("ec2", account=account)
    for number in range(5):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    ssm = local_aws.client("ssm", account=account)
    for name, targets in (
        ("Inventory-Association", LAB_TAG),
        ("InspectorInventoryCollection-do-not-delete", EVERYTHING),
        (
            "AWS-QuickSetup-SSM-CollectInventory-abcde",
            [{"Key": "tag:Workload", "Values": ["Prod"]}],
        ),
        ("Elsewhere", [{"Key": "tag:Environment", "Values": ["another"]}]),
    ):
        ssm.create_association(AssociationName=name, Name=INVENTORY, Targets=targets)
    ssm.update_service_setting(
        SettingId="/ssm/managed-instance/default-ec2-instance-management-role",
        SettingValue="service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole",
    )
    found = {(x["rule"], x["severity"], x["owner"]) for x in findings(cli)}
    anybody = "another stack, here or in another Region, or someone by console or API"
    assert found == {
        ("role-exists", "error", anybody),
        ("instance-profile-exists", "error", anybody),
        ("association-clash", "warning", "the console's Setup Inventory"),
        ("association-prevails", "warning", "Quick Setup"),
        ("association-gives-way", "note", "Amazon Inspector"),
        ("vpc-quota", "note", f"account {account}"),
        ("host-management", "note", "the account"),
    }
    result = cli("preflight")
    assert result.exit_code == 1
    assert "Owner: Quick Setup" in result.stdout


def test_a_stack_of_others_with_the_name_of_ours_is_reported(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    cloudformation = local_aws.client("cloudformation", account=account)
    template = json.dumps({"Resources": {"TestVPC": vpc}})
    cloudformation.create_stack(StackName="OELabStack1", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="OELabStack1")
    assert rules(cli) == [("foreign-stack", "error")]


@pytest.mark.usefixtures("here")
def test_a_stack_that_the_settings_define_no_more_is_reported(cli: Cli) -> None:
    found = findings(cli, '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n')
    assert [(x["rule"], x["subject"]) for x in found] == [
        ("stack-not-defined", "the stack OELabStack2")
    ]


@pytest.mark.parametrize("owner", ["oelab", "another"])
def test_the_tag_of_the_owner_shows_such_a_stack_under_any_name(
    cli: Cli, local_aws: LocalAws, account: str, lab: dict[str, Template], owner: str
) -> None:
    cloudformation = local_aws.client("cloudformation", account=account)
    cloudformation.create_stack(
        StackName="Inventory",
        TemplateBody=json.dumps(lab["OELabInventory"]),
        Tags=[{"Key": "Owner", "Value": owner}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="Inventory")
    is_reported = ("stack-not-defined", "warning") in rules(cli)
    assert is_reported == (owner == "oelab")


def test_instances_that_would_get_a_profile_are_named_before(here: Lab, cli: Cli) -> None:
    ec2 = here.client("ec2")
    settings = "[existing_instances]\nattach_profile = true\n"
    described = ec2.describe_instances()["Reservations"][0]["Instances"][0]
    tags = [{"Key": "Environment", "Value": "OELabIPM"}, {"Key": "Name", "Value": "Old"}]
    launched = ec2.run_instances(
        ImageId=described["ImageId"],
        MinCount=1,
        MaxCount=1,
        SubnetId=described["SubnetId"],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    instance_id = launched["Instances"][0]["InstanceId"]
    try:
        (found,) = findings(cli, settings)
        assert (found["rule"], found["node_id"]) == ("profile-attached", instance_id)
        assert cli("preflight").exit_code == 0
    finally:
        ec2.terminate_instances(InstanceIds=[instance_id])


def test_an_image_that_has_moved_on_is_reported_for_each_workload(here: Lab, cli: Cli) -> None:
    # The parameters of the local AWS never move, so the settings do.
    found = findings(cli, 'image = "ami-0123456789abcdef0"\n')
    assert {(x["rule"], x["severity"], x["owner"]) for x in found} == {
        ("image-moved", "note", "CloudFormation stack OELabStack1"),
        ("image-moved", "warning", "CloudFormation stack OELabStack2"),
    }
    assert {x["account"] for x in found} == {here.account}


@pytest.mark.usefixtures("account")
def test_a_region_without_systems_manager_is_asked_nothing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:9")
    expected = [("region-without-systems-manager", "error")]
    assert rules(cli, "", "--region", "us-west-9") == expected
