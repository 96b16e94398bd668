"""Templates that CloudFormation would reject are rejected before a stack exists."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.cloudformation.template_validation import (
    BOOTSTRAP_EXCEPTION,
    BOOTSTRAP_STACK,
    rejection,
)
from tests.localaws.lab import Lab, resource, template

UNKNOWN_PROPERTY = template(Bad=resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", Colour="red"))
# Violates a pattern, which is rule F3031.
BAD_PATTERN = template(
    Bad=resource("AWS::SSM::Association", Name="AWS-GatherSoftwareInventory", AssociationName="a b")
)


def _body(document: dict[str, Any]) -> dict[str, Any]:
    return {"TemplateBody": json.dumps(document), "Capabilities": ["CAPABILITY_NAMED_IAM"]}


def test_an_unknown_property_is_rejected_with_its_name(lab: Lab) -> None:
    with pytest.raises(ClientError, match=r"F3002.*Bad.*Colour") as caught:
        lab.client("cloudformation").create_stack(StackName="Lab", **_body(UNKNOWN_PROPERTY))
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert not lab.client("cloudformation").describe_stacks()["Stacks"]


def test_a_change_set_is_checked_too(lab: Lab) -> None:
    with pytest.raises(ClientError, match="F3002"):
        lab.client("cloudformation").create_change_set(
            StackName="Lab", ChangeSetName="c", ChangeSetType="CREATE", **_body(UNKNOWN_PROPERTY)
        )
    assert not lab.client("cloudformation").describe_stacks()["Stacks"]


def test_an_update_is_checked_too(lab: Lab) -> None:
    assert lab.deploy(template()) == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="F3002"):
        lab.client("cloudformation").update_stack(StackName="Lab", **_body(UNKNOWN_PROPERTY))


def test_a_reference_to_nothing_is_rejected(lab: Lab) -> None:
    document = {**template(), "Outputs": {"Lost": {"Value": {"Ref": "Nothing"}}}}
    with pytest.raises(ClientError, match="Nothing"):
        lab.client("cloudformation").create_stack(StackName="Lab", **_body(document))


def test_what_is_no_template_is_rejected(lab: Lab) -> None:
    with pytest.raises(ClientError, match="F1101"):
        lab.client("cloudformation").create_stack(StackName="Lab", TemplateBody="{")


def test_the_exception_covers_the_bootstrap_stack_and_nothing_else() -> None:
    text = json.dumps(BAD_PATTERN)
    assert rejection(BOOTSTRAP_STACK, text) is None
    for name in ("OELabInventory", f"{BOOTSTRAP_STACK}2", f"My{BOOTSTRAP_STACK}", ""):
        reason = rejection(name, text)
        assert reason
        assert BOOTSTRAP_EXCEPTION in reason


def test_the_exception_is_for_one_rule_only() -> None:
    reason = rejection(BOOTSTRAP_STACK, json.dumps(UNKNOWN_PROPERTY))
    assert reason
    assert "F3002" in reason


def test_all_findings_are_listed() -> None:
    both = template(
        First=UNKNOWN_PROPERTY["Resources"]["Bad"], Second=BAD_PATTERN["Resources"]["Bad"]
    )
    reason = rejection("Lab", json.dumps(both))
    assert reason
    assert "F3002" in reason
    assert "F3031" in reason
    assert "2 error" in reason
