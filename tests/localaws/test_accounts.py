"""Accounts and Regions: who may assume which role, and where the credentials then act."""

import json
import subprocess
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from tests.localaws.lab import Lab, node, template


@pytest.fixture
def other(aws: LocalAws) -> Lab:
    """A second account."""
    return Lab(aws)


def trusting(principal: Any, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def create_role(lab: Lab, trust: str, name: str = "Reviewer") -> str:
    """The ARN of a new role."""
    answer = lab.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    return str(answer["Role"]["Arn"])


def assume(lab: Lab, role_arn: str, **request: Any) -> dict[str, str]:
    answer = lab.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="review", **request)
    found: dict[str, str] = answer["Credentials"]
    return found


def test_an_access_key_of_twelve_digits_is_an_account(lab: Lab, aws: LocalAws) -> None:
    assert lab.client("sts").get_caller_identity()["Account"] == lab.account
    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_credentials_of_an_assumed_role_act_in_its_account(lab: Lab, other: Lab) -> None:
    other.deploy(template(Node=node()))
    other.settle()
    role_arn = create_role(other, trusting({"AWS": f"arn:aws:iam::{lab.account}:root"}))
    credentials = assume(lab, role_arn)
    identity = lab.aws.client("sts", credentials=credentials).get_caller_identity()
    assert identity["Account"] == other.account
    assert identity["Arn"] == f"arn:aws:sts::{other.account}:assumed-role/Reviewer/review"
    listed = lab.aws.client("ssm", credentials=credentials).describe_instance_information()
    assert [n["InstanceId"] for n in listed["InstanceInformationList"]] == [
        other.physical_id("Node")
    ]
    assert not lab.managed()


def test_the_credentials_work_in_every_region(lab: Lab, other: Lab) -> None:
    credentials = assume(lab, create_role(other, trusting({"AWS": lab.account})))
    elsewhere = lab.aws.client("ec2", region="eu-west-1", credentials=credentials)
    assert elsewhere.describe_instances()["Reservations"] == []


def test_a_role_that_does_not_exist_is_denied(lab: Lab, other: Lab) -> None:
    with pytest.raises(
        ClientError, match=r"AccessDenied.*not authorized to perform: sts:AssumeRole"
    ):
        assume(lab, f"arn:aws:iam::{other.account}:role/Reviewer")


@pytest.mark.parametrize(
    "principal",
    [{"AWS": "999999999999"}, {"Service": "ec2.amazonaws.com"}],
    ids=["another account", "a service"],
)
def test_a_role_that_does_not_trust_the_caller_is_denied(
    lab: Lab, other: Lab, principal: dict[str, str]
) -> None:
    role_arn = create_role(other, trusting(principal))
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(lab, role_arn)


def test_an_external_id_must_match(lab: Lab, other: Lab) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "agreed"}}
    role_arn = create_role(other, trusting({"AWS": lab.account}, **condition))
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(lab, role_arn)
    assert assume(lab, role_arn, ExternalId="agreed")


def test_a_role_may_be_assumed_from_a_role(lab: Lab, other: Lab) -> None:
    first = create_role(lab, trusting({"AWS": lab.account}), name="Operator")
    second = create_role(other, trusting({"AWS": first}))
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(lab, second)
    operator = lab.aws.client("sts", credentials=assume(lab, first))
    assert operator.assume_role(RoleArn=second, RoleSessionName="review")["Credentials"]


def test_two_accounts_in_two_regions_keep_apart(lab: Lab, other: Lab) -> None:
    labs = [Lab(lab.aws, region, each.account) for each in (lab, other) for region in REGIONS]
    for each in labs:
        document = template(Node=node(IamInstanceProfile="NodeRole"))
        if each.region != REGIONS[0]:
            # IAM knows no Regions: the role is there already.
            del document["Resources"]["NodeRole"], document["Resources"]["NodeRoleProfile"]
        assert each.deploy(document) == "CREATE_COMPLETE", each.failures()
    lab.settle()
    found = {(each.account, each.region): set(each.managed()) for each in labs}
    assert len(found) == len(set().union(*found.values())) == 4
    for each in labs:
        assert found[each.account, each.region] == {each.physical_id("Node")}


REGIONS = ("us-east-1", "eu-west-1")
IDENTITIES = """
import boto3
for name in boto3.Session().available_profiles:
    print(name, boto3.Session(profile_name=name).client("sts").get_caller_identity()["Account"])
print(boto3.Session().get_credentials())
"""


def test_a_subprocess_has_a_profile_for_each_account_and_nothing_else(aws: LocalAws) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IDENTITIES],
        env=aws.profile_environment({"test": "111111111111", "prod": "222222222222"}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["test 111111111111", "prod 222222222222", "None"]
