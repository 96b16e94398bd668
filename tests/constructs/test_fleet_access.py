"""What the policies for people allow, and what they must not."""

import pytest

from oelab.constructs import FleetAccess
from oelab.findings import FindingsError
from oelab.systems_manager import permissions
from tests.synthesis import Resource, new_stack, of_type, template_of


@pytest.fixture(scope="module")
def policies() -> dict[str, list[Resource]]:
    """The statements of each policy, by the beginning of its description."""
    stack = new_stack()
    FleetAccess(stack, "Access", owner="platform")
    return {
        policy["Properties"]["Description"].split()[0]: policy["Properties"]["PolicyDocument"][
            "Statement"
        ]
        for policy in of_type(template_of(stack), "AWS::IAM::ManagedPolicy")
    }


def actions(statements: list[Resource]) -> set[str]:
    given = [statement["Action"] for statement in statements]
    return {action for each in given for action in ([each] if isinstance(each, str) else each)}


def test_the_reviewer_reads_and_nothing_else(policies: dict[str, list[Resource]]) -> None:
    allowed = actions(policies["Review"])
    assert allowed == {
        *permissions.OF_PEOPLE["reviewer"],
        *permissions.OF_PEOPLE["reviewer_parameters"],
    }
    reading = ("Describe", "Get", "List", "Simulate")
    assert all(action.split(":")[1].startswith(reading) for action in allowed)


def test_the_reviewer_reads_public_parameters_only(policies: dict[str, list[Resource]]) -> None:
    (statement,) = [s for s in policies["Review"] if s["Action"] == "ssm:GetParameter"]
    assert "::parameter/aws/service/*" in str(statement["Resource"])


def test_the_operator_is_held_to_the_owner_and_the_document(
    policies: dict[str, list[Resource]],
) -> None:
    associations, documents = policies["Run"]
    assert associations["Condition"] == {"StringEquals": {"aws:ResourceTag/Owner": "platform"}}
    assert set(associations["Action"]) == set(permissions.OF_PEOPLE["operator"])
    assert documents["Action"] == "ssm:UpdateAssociation"
    assert "document/AWS-GatherSoftwareInventory" in str(documents["Resource"])


def test_an_owner_that_no_tag_can_have_is_refused() -> None:
    with pytest.raises(FindingsError, match="owner must"):
        FleetAccess(new_stack(), "Access", owner="o" * 257)
