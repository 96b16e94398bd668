"""Associations of the runbook AWS-AttachIAMToInstance: what it attaches, leaves and reports."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import (
    Lab,
    Template,
    node,
    permission,
    profile,
    ref,
    resource,
    tags,
    template,
    trust,
)

READ = ("ec2:DescribeIamInstanceProfileAssociations", "iam:ListInstanceProfilesForRole")
ATTACH = (*READ, "ec2:AssociateIamInstanceProfile", "iam:PassRole")


def execution_role(document: Template, service: str = "ssm.amazonaws.com") -> Template:
    policies = [{"PolicyName": "attach", "PolicyDocument": document}]
    return resource(
        "AWS::IAM::Role",
        RoleName="AttachRole",
        AssumeRolePolicyDocument=trust(service),
        Policies=policies,
    )


def runbook(**changes: Any) -> Template:
    """The association, for instances tagged Environment=OELabIPM, every 30 minutes."""
    parameters = {
        "RoleName": ["NodeRole"],
        "ForceReplace": ["false"],
        "AutomationAssumeRole": [{"Fn::GetAtt": ["AttachRole", "Arn"]}],
    }
    return resource(
        "AWS::SSM::Association",
        "NodeRoleProfile",
        Name="AWS-AttachIAMToInstance",
        AutomationTargetParameterName="InstanceId",
        Targets=[{"Key": "tag:Environment", "Values": ["OELabIPM"]}],
        ScheduleExpression="rate(30 minutes)",
        Parameters={**parameters, **changes},
    )


def bare(**changes: Any) -> Template:
    return node(IamInstanceProfile=None, **changes)


def attach(
    lab: Lab, *, role: Template | None = None, association: Template | None = None, **more: Template
) -> str:
    """Deploy instances, then the association; its id."""
    assert lab.deploy(template(**more)) == "CREATE_COMPLETE", lab.failures()
    more["AttachRole"] = role or execution_role(permission(*ATTACH))
    more["Attach"] = association or runbook()
    assert lab.deploy(template(**more)) == "UPDATE_COMPLETE", lab.failures()
    lab.settle()
    return lab.physical_id("Attach")


def profile_of(lab: Lab, logical_id: str) -> str:
    """The name of the instance's profile, or nothing."""
    answer = lab.ec2.describe_iam_instance_profile_associations(
        Filters=[
            {"Name": "instance-id", "Values": [lab.physical_id(logical_id)]},
            {"Name": "state", "Values": ["associated"]},
        ]
    )
    arns = [each["IamInstanceProfile"]["Arn"] for each in answer["IamInstanceProfileAssociations"]]
    return str(arns[0]).rpartition("/")[2] if arns else ""


def executions(lab: Lab, association_id: str) -> list[dict[str, Any]]:
    answer = lab.ssm.describe_association_executions(AssociationId=association_id)
    found: list[dict[str, Any]] = answer["AssociationExecutions"]
    return found


def targets(lab: Lab, association_id: str) -> dict[str, dict[str, Any]]:
    """Those of the last execution, by instance id."""
    answer = lab.ssm.describe_association_execution_targets(
        AssociationId=association_id,
        ExecutionId=executions(lab, association_id)[0]["ExecutionId"],
    )
    return {target["ResourceId"]: target for target in answer["AssociationExecutionTargets"]}


def failure(lab: Lab, association_id: str, logical_id: str) -> str:
    """Why the automation of the last execution failed on the instance."""
    target = targets(lab, association_id)[lab.physical_id(logical_id)]
    assert target["Status"] == "Failed"
    answer = lab.ssm.get_automation_execution(
        AutomationExecutionId=target["OutputSource"]["OutputSourceId"]
    )
    assert answer["AutomationExecution"]["AutomationExecutionStatus"] == "Failed"
    return str(answer["AutomationExecution"]["FailureMessage"])


def test_a_targeted_instance_without_a_profile_gets_it_and_becomes_managed(lab: Lab) -> None:
    association_id = attach(lab, Bare=bare(), Elsewhere=bare(Tags=tags(Environment="Other")))
    assert profile_of(lab, "Bare") == "NodeRole"
    assert profile_of(lab, "Elsewhere") == ""
    (target,) = targets(lab, association_id).values()
    assert target["ResourceId"] == lab.physical_id("Bare")
    assert target["Status"] == "Success"
    lab.settle()
    assert lab.managed() == {lab.physical_id("Bare"): "Online"}
    # The agent of a node knows nothing of what Automation does.
    assert lab.status_on(lab.physical_id("Bare")) == {}


def foreign() -> dict[str, Template]:
    return {**profile("Foreign"), "Kept": node(IamInstanceProfile=ref("ForeignProfile"))}


def test_another_profile_is_untouched_for_a_day(lab: Lab) -> None:
    association_id = attach(lab, Bare=bare(), **foreign())
    for _ in range(48):
        lab.aws.advance(30)
    assert len(executions(lab, association_id)) >= 48
    assert {each["Status"] for each in executions(lab, association_id)} == {"Success"}
    assert profile_of(lab, "Kept") == "Foreign"
    assert profile_of(lab, "Bare") == "NodeRole"


def test_removing_the_association_leaves_the_profiles(lab: Lab) -> None:
    attach(lab, Bare=bare(), **foreign())
    assert lab.deploy(template(Bare=bare(), **foreign())) == "UPDATE_COMPLETE"
    assert (profile_of(lab, "Bare"), profile_of(lab, "Kept")) == ("NodeRole", "Foreign")


@pytest.mark.parametrize("replace", [["true"], None], ids=["true", "the default"])
def test_force_replace_exchanges_another_profile(lab: Lab, replace: list[str] | None) -> None:
    role = execution_role(permission(*ATTACH, "ec2:DisassociateIamInstanceProfile"))
    association = runbook(ForceReplace=replace)
    if replace is None:
        del association["Properties"]["Parameters"]["ForceReplace"]
    attach(lab, role=role, association=association, **foreign())
    assert profile_of(lab, "Kept") == "NodeRole"


def test_an_instance_that_comes_later_gets_it_at_the_next_run(lab: Lab) -> None:
    attach(lab, Bare=bare(Tags=tags(Environment="Other")))
    lab.ec2.create_tags(Resources=[lab.physical_id("Bare")], Tags=tags(Environment="OELabIPM"))
    lab.settle()
    assert profile_of(lab, "Bare") == ""
    lab.aws.advance(31)
    assert profile_of(lab, "Bare") == "NodeRole"


@pytest.mark.parametrize("missing", ATTACH)
def test_what_the_role_may_not_call_fails_the_run(lab: Lab, missing: str) -> None:
    role = execution_role(permission(*(set(ATTACH) - {missing})))
    association_id = attach(lab, role=role, Bare=bare())
    assert f"not authorized to perform: {missing}" in failure(lab, association_id, "Bare")
    assert executions(lab, association_id)[0]["Status"] == "Failed"
    assert lab.association(association_id)["Overview"]["Status"] == "Failed"
    assert profile_of(lab, "Bare") == ""


def test_a_role_without_the_right_to_disassociate_cannot_replace(lab: Lab) -> None:
    association_id = attach(lab, association=runbook(ForceReplace=["true"]), **foreign())
    assert "ec2:DisassociateIamInstanceProfile" in failure(lab, association_id, "Kept")
    assert profile_of(lab, "Kept") == "Foreign"


NODE_ROLE = "arn:aws:iam::*:instance-profile/NodeRole"


@pytest.mark.parametrize(
    ("condition", "is_allowed"),
    [
        ({"ArnLike": {"ec2:NewInstanceProfile": NODE_ROLE}}, True),
        ({"ArnLike": {"ec2:NewInstanceProfile": "arn:aws:iam::*:instance-profile/Other"}}, False),
        ({"Null": {"ec2:InstanceProfile": "true"}}, True),
        ({"Null": {"ec2:InstanceProfile": "false"}}, False),
        ({"StringEquals": {"aws:ResourceTag/Environment": "OELabIPM"}}, True),
        ({"StringEquals": {"ec2:ResourceTag/Environment": "Other"}}, False),
    ],
)
def test_conditions_of_the_role_s_policy(
    lab: Lab, condition: dict[str, Any], is_allowed: bool
) -> None:
    document = permission(*READ, "iam:PassRole")
    associating = permission("ec2:AssociateIamInstanceProfile")["Statement"][0]
    document["Statement"].append({**associating, "Condition": condition})
    attach(lab, role=execution_role(document), Bare=bare())
    assert profile_of(lab, "Bare") == ("NodeRole" if is_allowed else "")


def test_a_permissions_boundary_limits_the_role(lab: Lab) -> None:
    role = execution_role(permission(*ATTACH, "ec2:DisassociateIamInstanceProfile"))
    role["Properties"]["PermissionsBoundary"] = ref("Boundary")
    boundary = resource("AWS::IAM::ManagedPolicy", PolicyDocument=permission(*ATTACH))
    association = runbook(ForceReplace=["true"])
    attach(lab, role=role, association=association, Boundary=boundary, **foreign())
    assert profile_of(lab, "Kept") == "Foreign"


def test_a_role_that_automation_may_not_assume(lab: Lab) -> None:
    role = execution_role(permission(*ATTACH), service="ec2.amazonaws.com")
    association_id = attach(lab, role=role, Bare=bare())
    assert "unable to be assumed" in failure(lab, association_id, "Bare")


@pytest.mark.parametrize(
    ("region", "is_assumed"), [("us-east-1", True), ("*", True), ("eu-west-1", False)]
)
def test_the_role_is_assumed_for_an_execution_of_the_region(
    lab: Lab, region: str, *, is_assumed: bool
) -> None:
    role = execution_role(permission(*ATTACH))
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    executions = f"arn:aws:ssm:{region}:{lab.account}:automation-execution/*"
    statement["Condition"] = {"ArnLike": {"aws:SourceArn": executions}}
    attach(lab, role=role, Bare=bare())
    assert profile_of(lab, "Bare") == ("NodeRole" if is_assumed else "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"AutomationTargetParameterName": None}, "InvalidParameters"),
        ({"AutomationTargetParameterName": "NodeId"}, "InvalidParameters"),
        ({"Parameters": {"AutomationAssumeRole": ["arn"]}}, "InvalidParameters"),
        (
            {
                "Parameters": {
                    "RoleName": ["r"],
                    "AutomationAssumeRole": ["arn"],
                    "ForceReplace": ["No"],
                }
            },
            "InvalidParameters",
        ),
        # It would run with the permissions of the caller, which are not modelled.
        ({"Parameters": {"RoleName": ["NodeRole"]}}, "NotImplemented"),
    ],
)
def test_refused(lab: Lab, changes: dict[str, Any], code: str) -> None:
    request = {
        "Name": "AWS-AttachIAMToInstance",
        "AutomationTargetParameterName": "InstanceId",
        "Parameters": {"RoleName": ["r"], "AutomationAssumeRole": ["arn"]},
        **changes,
    }
    with pytest.raises(ClientError, match=code):
        lab.associate(**request)


def test_an_automation_that_does_not_exist(lab: Lab) -> None:
    with pytest.raises(ClientError, match="AutomationExecutionNotFoundException"):
        lab.ssm.get_automation_execution(AutomationExecutionId="0" * 36)


def test_a_profile_by_the_calls_of_ec2(lab: Lab) -> None:
    lab.deploy(template(Bare=bare(), **profile("Foreign")))
    instance_id = lab.physical_id("Bare")
    answer = lab.ec2.associate_iam_instance_profile(
        InstanceId=instance_id, IamInstanceProfile={"Name": "Foreign"}
    )
    first = answer["IamInstanceProfileAssociation"]["AssociationId"]
    with pytest.raises(ClientError, match="IncorrectState"):
        lab.ec2.associate_iam_instance_profile(
            InstanceId=instance_id, IamInstanceProfile={"Name": "NodeRole"}
        )
    answer = lab.ec2.replace_iam_instance_profile_association(
        AssociationId=first, IamInstanceProfile={"Name": "NodeRole"}
    )
    assert profile_of(lab, "Bare") == "NodeRole"
    lab.ec2.disassociate_iam_instance_profile(
        AssociationId=answer["IamInstanceProfileAssociation"]["AssociationId"]
    )
    assert profile_of(lab, "Bare") == ""
