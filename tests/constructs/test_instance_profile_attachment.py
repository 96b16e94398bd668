"""The attachment of an instance profile: what it runs, and that its role can take none away."""

from fnmatch import fnmatchcase
from typing import Any

import pytest
from aws_cdk import aws_iam as iam

from oelab.constructs import (
    InstanceProfileAttachment,
    InventorySchedule,
    InventoryTargets,
    ManagedInstancesRole,
)
from oelab.findings import FindingsError
from tests.linting import service_authorization
from tests.policies import ACCOUNT, allows, decision, resolved
from tests.synthesis import Template, new_stack, of_type, only, template_of

IAM = f"arn:aws:iam::{ACCOUNT}"
ROLE, PROFILE = f"{IAM}:role/Nodes", f"{IAM}:instance-profile/Nodes"
INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"

TAGGED = {"aws:ResourceTag/Environment": "Lab"}
ATTACHED = {"ec2:InstanceProfile": f"{IAM}:instance-profile/Theirs"}
OURS = {"ec2:NewInstanceProfile": PROFILE}
TO_EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def attachment(**properties: Any) -> Template:
    stack = new_stack()
    nodes = ManagedInstancesRole(stack, "Nodes", role_name="Nodes")
    InstanceProfileAttachment(
        stack,
        "Attach",
        instance_profile=nodes.instance_profile,
        **({"targets": InventoryTargets.tag("Environment", "Lab", "Old")} | properties),
    )
    return template_of(stack)


def association(**properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = only(attachment(**properties), "AWS::SSM::Association")["Properties"]
    return found


# --- the association ---------------------------------------------------------------------------


def test_it_runs_the_runbook_which_is_not_to_replace_a_profile() -> None:
    found = association()
    assert found["Name"] == "AWS-AttachIAMToInstance"
    assert found["AutomationTargetParameterName"] == "InstanceId"
    assert found["Parameters"]["ForceReplace"] == ["false"]
    assert "DocumentVersion" not in found


def test_it_reaches_the_tag_once_a_day_and_a_few_at_a_time() -> None:
    found = association()
    assert found["Targets"] == [{"Key": "tag:Environment", "Values": ["Lab", "Old"]}]
    assert found["ScheduleExpression"] == "rate(1 day)"
    assert (found["MaxConcurrency"], found["MaxErrors"]) == ("10", "100%")


def test_schedule_name_and_rate_control_can_be_chosen() -> None:
    found = association(
        schedule=InventorySchedule.cron("0 2 ? * SUN *", offset_days=1),
        association_name="AttachNodes",
        max_concurrency="5%",
        max_errors="1",
    )
    assert found["ScheduleExpression"] == "cron(0 2 ? * SUN *)"
    assert (found["ScheduleOffset"], found["ApplyOnlyAtCronInterval"]) == (1, True)
    assert found["AssociationName"] == "AttachNodes"
    assert (found["MaxConcurrency"], found["MaxErrors"]) == ("5%", "1")


def test_an_imported_profile_with_its_role() -> None:
    stack = new_stack()
    profile = iam.InstanceProfile.from_instance_profile_attributes(
        stack,
        "Profile",
        instance_profile_arn=PROFILE,
        role=iam.Role.from_role_name(stack, "Role", "Nodes"),
    )
    targets = InventoryTargets.tag("Environment", "Lab")
    InstanceProfileAttachment(stack, "Attach", instance_profile=profile, targets=targets)
    found = only(template_of(stack), "AWS::SSM::Association")["Properties"]
    assert found["Parameters"]["RoleName"] == ["Nodes"]


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "subject", "rule"),
    [
        ({"targets": InventoryTargets.all_nodes()}, "targets", "RunbookTargets"),
        ({"targets": InventoryTargets.instances("i-12345678")}, "targets", "RunbookTargets"),
        ({"targets": InventoryTargets.resource_group("lab")}, "targets", "RunbookTargets"),
        ({"targets": InventoryTargets.tags({})}, "targets", "RunbookTargets"),
        ({"targets": InventoryTargets.tags({"A": ["x"], "B": ["y"]})}, "targets", "RunbookTargets"),
        ({"targets": InventoryTargets.tag("A")}, "targets.A", "TargetValues"),
        ({"targets": InventoryTargets.tag("A", "*")}, "targets.A[0]", "TagValue"),
        ({"schedule": InventorySchedule.rate(minutes=5)}, "schedule", "ScheduleForm"),
        ({"association_name": "Attach it"}, "association_name", "AssociationName"),
        ({"max_concurrency": "0"}, "max_concurrency", "MaxConcurrency"),
        ({"max_errors": "-1"}, "max_errors", "MaxErrors"),
    ],
)
def test_refuses(wrong: dict[str, Any], subject: str, rule: str) -> None:
    with pytest.raises(FindingsError) as error:
        attachment(**wrong)
    (finding,) = error.value.findings
    assert (finding.subject, finding.rule) == (f"Stack/Attach: {subject}", rule)
    assert finding.source
    assert finding.remedy


def test_refuses_a_profile_without_its_role_together_with_all_else() -> None:
    stack = new_stack()
    profile = iam.InstanceProfile.from_instance_profile_name(stack, "Profile", "Nodes")
    with pytest.raises(FindingsError) as error:
        InstanceProfileAttachment(
            stack,
            "Attach",
            instance_profile=profile,
            targets=InventoryTargets.tag("A", "x"),
            max_errors="many",
        )
    assert [each.rule for each in error.value.findings] == ["ProfileRole", "MaxErrors"]


# --- its role ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def execution_role() -> dict[str, Any]:
    """The role as it is deployed."""
    template = attachment()
    resources = template["Resources"].items()
    attributes = {
        f"{name}.Arn": {"AWS::IAM::Role": ROLE, "AWS::IAM::InstanceProfile": PROFILE}[each["Type"]]
        for name, each in resources
        if each["Type"].startswith("AWS::IAM::")
    }
    (role,) = (
        each for each in of_type(template, "AWS::IAM::Role") if "Policies" in each["Properties"]
    )
    found: dict[str, Any] = resolved(role["Properties"], attributes)
    return found


@pytest.fixture(scope="module")
def policy(execution_role: dict[str, Any]) -> dict[str, Any]:
    (inline,) = execution_role["Policies"]
    found: dict[str, Any] = inline["PolicyDocument"]
    return found


@pytest.mark.parametrize(
    ("action", "resource", "keys", "expected"),
    [
        # What the runbook does.
        ("ec2:DescribeIamInstanceProfileAssociations", "*", {}, "Allow"),
        ("iam:ListInstanceProfilesForRole", ROLE, {}, "Allow"),
        ("ec2:AssociateIamInstanceProfile", INSTANCE, TAGGED | OURS, "Allow"),
        ("iam:PassRole", ROLE, TO_EC2, "Allow"),
        # Removing and replacing, whatever the instance and the profile.
        ("ec2:DisassociateIamInstanceProfile", INSTANCE, TAGGED | ATTACHED, "Deny"),
        ("ec2:DisassociateIamInstanceProfile", INSTANCE, {"ec2:InstanceProfile": PROFILE}, "Deny"),
        ("ec2:ReplaceIamInstanceProfileAssociation", INSTANCE, TAGGED | ATTACHED | OURS, "Deny"),
        ("ec2:ReplaceIamInstanceProfileAssociation", INSTANCE, {}, "Deny"),
        ("ec2:AssociateIamInstanceProfile", INSTANCE, TAGGED | ATTACHED | OURS, "ImplicitDeny"),
        # Another instance, profile, role or service.
        ("ec2:AssociateIamInstanceProfile", INSTANCE, OURS, "ImplicitDeny"),
        (
            "ec2:AssociateIamInstanceProfile",
            INSTANCE,
            {"aws:ResourceTag/Environment": "Production"} | OURS,
            "ImplicitDeny",
        ),
        (
            "ec2:AssociateIamInstanceProfile",
            INSTANCE,
            TAGGED | {"ec2:NewInstanceProfile": f"{IAM}:instance-profile/Admin"},
            "ImplicitDeny",
        ),
        (
            "ec2:AssociateIamInstanceProfile",
            INSTANCE.replace("us-east-1", "eu-west-1"),
            TAGGED | OURS,
            "ImplicitDeny",
        ),
        ("iam:PassRole", f"{IAM}:role/Admin", TO_EC2, "ImplicitDeny"),
        ("iam:PassRole", ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}, "ImplicitDeny"),
        ("iam:ListInstanceProfilesForRole", f"{IAM}:role/Admin", {}, "ImplicitDeny"),
    ],
)
def test_what_the_role_may_do(
    policy: dict[str, Any], action: str, resource: str, keys: dict[str, str], expected: str
) -> None:
    assert decision([policy], action, resource, keys) == expected


def actions_on_profiles() -> list[str]:
    """Every action of EC2 and IAM that is about instance profiles, by AWS's own list."""
    services = service_authorization()
    return [
        f"{service}:{action}"
        for service in ("ec2", "iam")
        for action in services[service]["Actions"]
        if fnmatchcase(action.lower(), "*instanceprofile*")
    ]


def test_it_may_do_nothing_else_with_profiles(policy: dict[str, Any]) -> None:
    keys = TAGGED | OURS
    on = {"ec2": INSTANCE, "iam": PROFILE}
    allowed = {
        action.lower()
        for action in actions_on_profiles()
        if decision([policy], action, on[action[:3]], keys) == "Allow"
    }
    assert allowed == {
        "ec2:associateiaminstanceprofile",
        "ec2:describeiaminstanceprofileassociations",
    }


@pytest.mark.parametrize(
    "action", ["ec2:DisassociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation"]
)
def test_no_other_policy_of_the_role_can_let_it_take_a_profile_away(
    policy: dict[str, Any], action: str
) -> None:
    assert decision([EVERYTHING], action, INSTANCE, TAGGED | ATTACHED) == "Allow"
    assert decision([policy, EVERYTHING], action, INSTANCE, TAGGED | ATTACHED) == "Deny"


EXECUTION = f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-execution/0"


@pytest.mark.parametrize(
    ("account", "source", "service", "is_trusted"),
    [
        (ACCOUNT, EXECUTION, "ssm.amazonaws.com", True),
        ("444455556666", EXECUTION, "ssm.amazonaws.com", False),
        (ACCOUNT, EXECUTION.replace("us-east-1", "eu-west-1"), "ssm.amazonaws.com", False),
        (ACCOUNT, f"arn:aws:ssm:us-east-1:{ACCOUNT}:*", "ssm.amazonaws.com", False),
        (ACCOUNT, EXECUTION, "ec2.amazonaws.com", False),
    ],
)
def test_only_automation_of_its_account_and_region_takes_the_role(
    execution_role: dict[str, Any], account: str, source: str, service: str, *, is_trusted: bool
) -> None:
    keys = {"aws:SourceAccount": account, "aws:SourceArn": source}
    trust = execution_role["AssumeRolePolicyDocument"]
    assert allows(trust, "sts:AssumeRole", ROLE, keys, service=service) == is_trusted
