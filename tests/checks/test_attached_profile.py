"""The instance profile that an association attaches to instances which have none."""

from typing import Any

import pytest

from oelab.findings import Finding, Severity
from oelab.template.assembly import Stack
from tests.checks.templates import (
    DUBLIN,
    Properties,
    association,
    by_tag,
    findings,
    instance,
    of,
    resource,
    resource_of,
    stack,
    tags,
)

TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    ]
}
CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"


def attachment(value: Any = "Prod", role: Any = "Nodes") -> Properties:
    return association(
        ("tag:Env", [value]),
        Name="AWS-AttachIAMToInstance",
        AutomationTargetParameterName="InstanceId",
        Parameters={"RoleName": [role], "ForceReplace": ["false"]},
    )


def role(policy: str = CORE, **properties: Any) -> Properties:
    return resource(
        "IAM::Role", AssumeRolePolicyDocument=TRUST, ManagedPolicyArns=[policy], **properties
    )


def bare_node(**resources: Properties) -> Stack:
    """A node without a profile, of which inventory is gathered."""
    bare = instance(IamInstanceProfile=None, Tags=tags(Env="Prod"))
    return stack({"Inventory": by_tag(), "Web": bare, **resources})


def of_its_role(*stacks: Stack) -> list[Finding]:
    """What is found of profiles and roles, for certain or not."""
    return [
        *of("NodeInstanceProfile", *stacks, strict=True),
        *of("NodeRole", *stacks, strict=True),
    ]


def test_a_node_has_the_profile_that_it_is_given() -> None:
    nodes_role = stack({"Role": role(RoleName="Nodes")}, "Other", DUBLIN)
    assert of_its_role(bare_node(Attach=attachment()), nodes_role) == []


def test_a_role_of_the_same_stack() -> None:
    app = bare_node(Attach=attachment(role={"Ref": "Role"}), Role=role())
    assert of_its_role(app) == []


def test_the_role_must_let_the_agent_work() -> None:
    app = bare_node(Attach=attachment(role={"Ref": "Role"}), Role=role(READ_ONLY))
    (finding,) = of("NodeRole", app)
    assert resource_of(finding).path == "S/Role"


def test_what_a_role_from_elsewhere_allows_is_unknown() -> None:
    app = bare_node(Attach=attachment())
    assert of("NodeInstanceProfile", app) == []
    (finding,) = of("NodeInstanceProfile", app, strict=True)
    assert finding.severity is Severity.WARNING
    assert "S/Attach" in str(finding.value)


@pytest.mark.parametrize("elsewhere", ["another tag", "another Region"])
def test_a_node_that_is_not_reached_stays_without(elsewhere: str) -> None:
    if elsewhere == "another tag":
        app = [bare_node(Attach=attachment("Test"))]
    else:
        app = [bare_node(), stack({"Attach": attachment()}, "Other", DUBLIN)]
    (finding,) = of("NodeInstanceProfile", *app)
    assert finding.severity is Severity.ERROR


def test_a_node_with_a_profile_keeps_it() -> None:
    """What is attached to others does not make up for the permissions of its own role."""
    resources = {
        "Inventory": by_tag(),
        "Web": instance(IamInstanceProfile={"Ref": "Profile"}, Tags=tags(Env="Prod")),
        "Profile": resource("IAM::InstanceProfile", Roles=[{"Ref": "Weak"}]),
        "Weak": role(READ_ONLY),
        "Attach": attachment(role={"Ref": "Role"}),
        "Role": role(),
    }
    (finding,) = of("NodeRole", stack(resources))
    assert resource_of(finding).path == "S/Weak"


def test_a_tag_that_no_instance_carries() -> None:
    app = stack({"Attach": attachment("Prud"), "Web": instance(Tags=tags(Env="Prod"))})
    (finding,) = findings(app)
    assert (finding.rule, finding.severity) == ("InventoryTargetsNothing", Severity.WARNING)
    assert resource_of(finding).path == "S/Attach"
    assert findings(stack({"Attach": attachment()})) == []


def test_it_is_no_inventory_association() -> None:
    """So it neither overlaps with one nor makes a node of what it reaches."""
    app = bare_node(Attach=attachment(role={"Ref": "Role"}), Role=role())
    assert of("InventoryOverlap", app) == []
    lacking = instance(IamInstanceProfile=None, Tags=tags(Env="Prod"), MetadataOptions=None)
    assert findings(stack({"Attach": attachment(), "Web": lacking}), strict=True) == []
