"""`oelab preflight` in accounts in which something is there already."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from localaws import LocalAws
from tests.command_line.conftest import Cli, Lab, point_at

_ACCOUNTS = itertools.count(120000000001)
EVERYTHING = [{"Key": "InstanceIds", "Values": ["*"]}]
LAB_TAG = [{"Key": "tag:Environment", "Values": ["OELabIPM"]}]
INVENTORY = "AWS-GatherSoftwareInventory"
ROLE_CLASH = [("role-exists", "error"), ("instance-profile-exists", "error")]
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
}


@pytest.fixture
def account(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty account that the commands talk to."""
    account = str(next(_ACCOUNTS))
    point_at(local_aws, account, monkeypatch)
    return account


def make_role(aws: LocalAws, account: str, name: str = "ManagedInstancesRole") -> None:
    iam = aws.client("iam", account=account)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName=name)


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
    make_role(local_aws, account)
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


def test_an_existing_role_is_a_clash_unless_it_is_to_be_used(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    make_role(local_aws, account)
    assert rules(cli) == ROLE_CLASH
    assert rules(cli, "[role]\ncreate = false\n") == []
    assert rules(cli, '[role]\nname = "Other"\ncreate = false\n') == [
        ("role-missing", "error"),
        ("instance-profile-missing", "error"),
    ]


def test_a_region_in_the_name_avoids_the_role_of_another(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    suffix = "[role]\nregion_suffix = true\n"
    make_role(local_aws, account, "ManagedInstancesRole-eu-west-1")
    assert rules(cli, suffix) == []
    make_role(local_aws, account, "ManagedInstancesRole-us-east-1")
    assert rules(cli, suffix) == ROLE_CLASH


def test_a_profile_that_a_workload_names_must_be_there(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    workload = '[[workloads]]\nname = "A"\nstack_name = "A"\ninstance_profile = "Theirs"\n'
    assert rules(cli, workload) == [("instance-profile-missing", "error")]
    make_role(local_aws, account, "Theirs")
    assert rules(cli, workload) == []


def test_a_stack_of_others_with_the_name_of_ours_is_reported(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    cloudformation = local_aws.client("cloudformation", account=account)
    template = json.dumps({"Resources": {"TestVPC": vpc}})
    cloudformation.create_stack(StackName="OELabStack1", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="OELabStack1")
    assert rules(cli) == [("foreign-stack", "error")]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("region", "expected"), [("eu-west-1", [("image-not-pinned", "error")]), ("us-east-1", [])]
)
def test_a_region_without_a_pin_is_reported(
    cli: Cli, region: str, expected: list[tuple[str, str]]
) -> None:
    assert rules(cli, f'[image_pins]\n{region} = "ami-12345678"\n') == expected


def test_an_image_that_has_moved_on_is_reported_for_each_workload(here: Lab, cli: Cli) -> None:
    # The parameters of the local AWS never move, so the settings do.
    found = findings(cli, 'image = "ami-0123456789abcdef0"\n')
    assert {(x["rule"], x["severity"], x["owner"]) for x in found} == {
        ("image-moved", "note", "CloudFormation stack OELabStack1"),
        ("image-moved", "warning", "CloudFormation stack OELabStack2"),
    }
    assert {x["account"] for x in found} == {here.account}


@pytest.mark.usefixtures("here")
def test_another_account_and_region(cli: Cli) -> None:
    settings = 'account = "123456789012"\nregion = "eu-west-1"\n'
    found = rules(cli, settings, "--region", "us-east-1")
    assert found == [("other-account", "error"), ("other-region", "note")]


@pytest.mark.usefixtures("account")
def test_a_region_without_systems_manager_is_asked_nothing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:9")
    expected = [("region-without-systems-manager", "error")]
    assert rules(cli, "", "--region", "us-west-9") == expected
