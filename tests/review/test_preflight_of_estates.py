"""`oelab preflight` for settings that use what is there, or pin images for some Regions."""

import itertools
import json
from pathlib import Path

import pytest

from localaws import LocalAws
from tests.review.conftest import Cli, point_at

_ACCOUNTS = itertools.count(120000000001)
VPC = {"CidrBlock": "10.0.0.0/16"}
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
    account = str(next(_ACCOUNTS))
    point_at(local_aws, account, monkeypatch)
    return account


def make_role(aws: LocalAws, account: str, name: str) -> None:
    iam = aws.client("iam", account=account)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName=name)


def findings(cli: Cli, settings: str) -> list[tuple[str, str]]:
    Path("oelab.toml").write_text(settings)
    document = json.loads(cli("preflight", "--region", "us-east-1", "--json").stdout)
    return [(each["topic"], each["effect"]) for each in document["findings"]]


def test_an_existing_role_is_a_clash_unless_it_is_to_be_used(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    make_role(local_aws, account, "ManagedInstancesRole")
    clash = [("role", "fails"), ("instance profile", "fails")]
    assert findings(cli, "") == clash
    assert findings(cli, "[role]\ncreate = false\n") == []
    assert findings(cli, '[role]\nname = "Other"\ncreate = false\n') == clash


def test_a_stack_of_others_by_the_name_of_ours_is_told(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    template = {"Resources": {"TestVPC": {"Type": "AWS::EC2::VPC", "Properties": VPC}}}
    cloudformation = local_aws.client("cloudformation", account=account)
    cloudformation.create_stack(StackName="OELabStack1", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="OELabStack1")
    assert findings(cli, "") == [("stack", "fails")]


def test_a_region_in_the_name_avoids_the_role_of_another(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    make_role(local_aws, account, "ManagedInstancesRole-eu-west-1")
    assert findings(cli, "[role]\nregion_suffix = true\n") == []
    make_role(local_aws, account, "ManagedInstancesRole-us-east-1")
    assert [topic for topic, _ in findings(cli, "[role]\nregion_suffix = true\n")] == [
        "role",
        "instance profile",
    ]


def test_a_profile_that_a_workload_names_must_be_there(
    cli: Cli, local_aws: LocalAws, account: str
) -> None:
    workload = '[[workloads]]\nname = "A"\nstack_name = "A"\ninstance_profile = "Theirs"\n'
    assert findings(cli, workload) == [("instance profile", "fails")]
    make_role(local_aws, account, "Theirs")
    assert findings(cli, workload) == []


@pytest.mark.usefixtures("account")
def test_a_region_without_a_pin_is_told(cli: Cli) -> None:
    assert findings(cli, '[image_pins]\neu-west-1 = "ami-12345678"\n') == [("image", "fails")]
    assert findings(cli, '[image_pins]\nus-east-1 = "ami-12345678"\n') == []
