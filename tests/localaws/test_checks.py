"""What AWS refuses in a template and MiniStack would accept."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.iam_policy import identity_policy_fault, trust_policy_fault, trusted_services
from tests.localaws.lab import (
    CORE_POLICY,
    Lab,
    Template,
    permission,
    profile,
    ref,
    resource,
    tags,
    template,
    trust,
)

ROLLED_BACK = "ROLLBACK_COMPLETE"
VALUE = '{"Ref": "Value"}'


def with_parameter(document: Template) -> Template:
    """The document with a parameter whose value the validator cannot know."""
    return {**document, "Parameters": {"Value": {"Type": "String"}}}


def given(value: str) -> list[dict[str, str]]:
    return [{"ParameterKey": "Value", "ParameterValue": value}]


def test_a_second_role_of_a_name_is_refused_and_the_first_one_stays(lab: Lab) -> None:
    lab.deploy({"Resources": profile()}, name="First")
    assert lab.deploy({"Resources": profile()}, name="Second") == ROLLED_BACK
    assert "EntityAlreadyExists" in lab.failures("Second")["NodeRole"]
    assert lab.client("iam").get_role(RoleName="NodeRole")


def test_a_second_managed_policy_of_a_name_is_refused(lab: Lab) -> None:
    policy = resource(
        "AWS::IAM::ManagedPolicy", ManagedPolicyName="Nodes", PolicyDocument=permission("ssm:*")
    )
    assert lab.deploy({"Resources": {"Policy": policy}}, name="First") == "CREATE_COMPLETE"
    assert lab.deploy({"Resources": {"Policy": policy}}, name="Second") == ROLLED_BACK
    assert "EntityAlreadyExists" in lab.failures("Second")["Policy"]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ({"ManagedPolicyArns": [CORE_POLICY + "s"]}, "NoSuchEntity"),
        ({"Policies": [{"PolicyName": "p", "PolicyDocument": permission("list")}]}, "Malformed"),
        # The validator would see a bad resource itself, but not through a parameter.
        (
            {"Policies": [{"PolicyName": "p", "PolicyDocument": permission("s3:*", on="VALUE")}]},
            "MalformedPolicyDocument",
        ),
    ],
)
def test_a_bad_role_fails_its_stack(lab: Lab, role: dict[str, Any], code: str) -> None:
    document = json.loads(json.dumps({"Resources": profile(**role)}).replace('"VALUE"', VALUE))
    assert lab.deploy(with_parameter(document), Parameters=given("bucket/*")) == ROLLED_BACK
    assert code in lab.failures()["NodeRole"]


def test_a_policy_attaches_by_role_name(lab: Lab) -> None:
    lab.deploy({"Resources": profile()}, name="Foundation")
    policy = resource(
        "AWS::IAM::Policy",
        PolicyName="logs",
        Roles=["NodeRole"],
        PolicyDocument=permission("s3:PutObject"),
    )
    assert lab.deploy({"Resources": {"Policy": policy}}) == "CREATE_COMPLETE"
    iam = lab.client("iam")
    assert iam.list_role_policies(RoleName="NodeRole")["PolicyNames"] == ["logs"]
    lab.delete()
    assert iam.list_role_policies(RoleName="NodeRole")["PolicyNames"] == []


def test_a_policy_for_a_missing_role_is_refused(lab: Lab) -> None:
    policy = resource(
        "AWS::IAM::Policy",
        PolicyName="logs",
        Roles=["Nobody"],
        PolicyDocument=permission("s3:PutObject"),
    )
    assert lab.deploy({"Resources": {"Policy": policy}}) == ROLLED_BACK
    assert "Nobody cannot be found" in lab.failures()["Policy"]


def test_ref_gives_an_instance_profile_its_name(lab: Lab) -> None:
    document = {"Resources": profile(), "Outputs": {"Name": {"Value": ref("NodeRoleProfile")}}}
    lab.deploy(document)
    assert lab.outputs()["Name"] == "NodeRole"
    lab.delete()
    assert not lab.client("iam").list_instance_profiles()["InstanceProfiles"]


@pytest.mark.parametrize(
    "name", ["Upper", "ab", "two..dots", "10.0.0.1", "-dash", "xn--name", "name-s3alias"]
)
def test_bad_bucket_names(lab: Lab, name: str) -> None:
    bucket = resource("AWS::S3::Bucket", BucketName=ref("Value"))
    document = with_parameter({"Resources": {"Logs": bucket}})
    assert lab.deploy(document, Parameters=given(name)) == ROLLED_BACK
    assert "InvalidBucketName" in lab.failures()["Logs"]


def test_a_bucket_has_its_tags_and_outlives_its_stack_if_retained(lab: Lab) -> None:
    bucket = {
        **resource("AWS::S3::Bucket", BucketName=f"logs-{lab.account}", Tags=tags(Use="logs")),
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }
    lab.deploy({"Resources": {"Logs": bucket}}, Tags=tags(Owner="me"))
    s3 = lab.client("s3")
    found = s3.get_bucket_tagging(Bucket=f"logs-{lab.account}")["TagSet"]
    assert {"Key": "Use", "Value": "logs"} in found
    assert {"Key": "Owner", "Value": "me"} in found
    lab.delete()
    assert [b["Name"] for b in s3.list_buckets()["Buckets"]] == [f"logs-{lab.account}"]


@pytest.mark.parametrize(
    ("block", "code"),
    [("10.1.0.0/24", "InvalidSubnet.Range"), ("10.0.0.0/25", "InvalidSubnet.Conflict")],
)
def test_bad_subnets(lab: Lab, block: str, code: str) -> None:
    bad = resource("AWS::EC2::Subnet", "Subnet", VpcId=ref("Vpc"), CidrBlock=ref("Value"))
    document = with_parameter(template(Bad=bad))
    assert lab.deploy(document, Parameters=given(block)) == ROLLED_BACK
    assert code in lab.failures()["Bad"]


def test_termination_protection_holds(lab: Lab) -> None:
    lab.deploy({"Resources": profile()}, EnableTerminationProtection=True)
    cloudformation = lab.client("cloudformation")
    with pytest.raises(ClientError, match="TerminationProtection"):
        cloudformation.delete_stack(StackName="Lab")
    cloudformation.update_termination_protection(StackName="Lab", EnableTerminationProtection=False)
    lab.delete()


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (permission("ssm:*"), None),
        (permission("*"), None),
        (permission("list"), "prefaced by a vendor"),
        (permission("s3:Get*", on="bucket/*"), "ARN format"),
        (permission("s3:Get*", effect="Permit"), "Syntax errors"),
        ({"Version": "2020-01-01", "Statement": []}, "valid version"),
        ({"Version": "2012-10-17", "Statement": []}, "Syntax errors"),
        ({"Statement": [{"Effect": "Allow", "Resource": "*"}]}, "must contain actions"),
        ({"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}, "must contain resources"),
        (trust(), "should not specify a principal"),
        ("text", "Syntax errors"),
    ],
)
def test_policies_for_roles(document: Template, fault: str | None) -> None:
    found = identity_policy_fault(document)
    assert (fault in found) if fault and found else (found is fault)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (trust(), None),
        (permission("sts:AssumeRole"), "prohibited field Resource"),
        ({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}, "Principal"),
    ],
)
def test_trust_policies(document: Template, fault: str | None) -> None:
    found = trust_policy_fault(document)
    assert (fault in found) if fault and found else (found is fault)


def test_the_services_a_role_trusts() -> None:
    assert trusted_services(json.dumps(trust("ssm.amazonaws.com"))) == {"ssm.amazonaws.com"}
