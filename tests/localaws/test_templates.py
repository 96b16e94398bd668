"""What CloudFormation and IAM refuse in a template, and MiniStack by itself would accept."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import Lab, Template, profile, ref, resource, template, trust

UNKNOWN_PROPERTY = resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", Colour="red")
# Violates a pattern, which is rule F3031.
BAD_PATTERN = resource(
    "AWS::SSM::Association", Name="AWS-GatherSoftwareInventory", AssociationName="a b"
)


def request(**resources: Template) -> dict[str, Any]:
    return {
        "TemplateBody": json.dumps({"Resources": resources}),
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }


def test_all_findings_reject_a_new_stack(lab: Lab) -> None:
    with pytest.raises(ClientError, match=r"2 error.*F3002.*First Properties.Colour.*") as caught:
        lab.client("cloudformation").create_stack(
            StackName="Lab", **request(First=UNKNOWN_PROPERTY, Second=BAD_PATTERN)
        )
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert "F3031" in str(caught.value)
    assert not lab.client("cloudformation").describe_stacks()["Stacks"]


def test_a_change_set_and_an_update_are_checked_too(lab: Lab) -> None:
    cloudformation = lab.client("cloudformation")
    with pytest.raises(ClientError, match="F3002"):
        cloudformation.create_change_set(
            StackName="Lab",
            ChangeSetName="c",
            ChangeSetType="CREATE",
            **request(Bad=UNKNOWN_PROPERTY),
        )
    assert lab.deploy(template()) == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="F3002"):
        cloudformation.update_stack(StackName="Lab", **request(Bad=UNKNOWN_PROPERTY))


def test_the_bootstrap_stack_is_excepted_from_one_rule(lab: Lab) -> None:
    cloudformation = lab.client("cloudformation")
    cloudformation.create_stack(StackName="CDKToolkit", **request(Bad=BAD_PATTERN))
    with pytest.raises(ClientError, match="F3002"):
        cloudformation.create_stack(StackName="CDKToolkit", **request(Bad=UNKNOWN_PROPERTY))
    with pytest.raises(ClientError, match="F3031"):
        cloudformation.create_stack(StackName="CDKToolkit2", **request(Bad=BAD_PATTERN))


def test_a_second_role_of_a_name_is_refused_and_the_first_one_stays(lab: Lab) -> None:
    lab.deploy({"Resources": profile()}, name="First")
    assert lab.deploy({"Resources": profile()}, name="Second") == "ROLLBACK_COMPLETE"
    assert "EntityAlreadyExists" in lab.failures("Second")["NodeRole"]
    assert lab.client("iam").get_role(RoleName="NodeRole")


def test_ref_gives_an_instance_profile_its_name(lab: Lab) -> None:
    document = {"Resources": profile(), "Outputs": {"Name": {"Value": ref("NodeRoleProfile")}}}
    lab.deploy(document)
    assert lab.outputs()["Name"] == "NodeRole"
    lab.delete()
    assert not lab.client("iam").list_instance_profiles()["InstanceProfiles"]


VPC = resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")
ROLE = resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust())
NAMED_ROLE = resource("AWS::IAM::Role", RoleName="Named", AssumeRolePolicyDocument=trust())


@pytest.mark.parametrize("action", ["create_stack", "update_stack", "create_change_set"])
@pytest.mark.parametrize(
    ("role", "given", "missing"),
    [
        (ROLE, [], "CAPABILITY_IAM"),
        (ROLE, ["CAPABILITY_IAM"], ""),
        (ROLE, ["CAPABILITY_NAMED_IAM"], ""),
        (NAMED_ROLE, [], "CAPABILITY_NAMED_IAM"),
        (NAMED_ROLE, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        (NAMED_ROLE, ["CAPABILITY_NAMED_IAM"], ""),
    ],
)
def test_a_role_needs_a_capability(
    lab: Lab, action: str, role: Template, given: list[str], missing: str
) -> None:
    """`Capabilities` of CreateStack in the CloudFormation API reference."""
    assert lab.deploy({"Resources": {"Vpc": VPC}}) == "CREATE_COMPLETE"
    call = getattr(lab.client("cloudformation"), action)
    arguments = {**request(Vpc=VPC, Role=role), "Capabilities": given}
    arguments["StackName"] = "New" if action == "create_stack" else "Lab"
    if action == "create_change_set":
        arguments["ChangeSetName"] = "change"
    if not missing:
        assert call(**arguments)
        return
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"
    assert caught.value.response["Error"]["Message"] == f"Requires capabilities : [{missing}]"


def test_a_template_without_iam_needs_none(lab: Lab) -> None:
    body = json.dumps({"Resources": {"Vpc": VPC}})
    assert lab.client("cloudformation").create_stack(StackName="New", TemplateBody=body)
