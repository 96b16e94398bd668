"""Runs: when an association runs, on which nodes, and how it ends there."""

from datetime import timedelta
from typing import Any

import pytest

from tests.localaws.lab import Lab, node, permission, profile, resource, tags, template
from tests.waiting import eventually

WILDCARD = [{"Key": "InstanceIds", "Values": ["*"]}]
TEST = [{"Key": "tag:Workload", "Values": ["Test"]}]
OVERRIDDEN = "OverriddenByExplicitInventoryAssociation"


@pytest.fixture
def pair(lab: Lab) -> Lab:
    """Two nodes: One is tagged Workload=Test, Two is Workload=Prod."""
    lab.deploy(
        template(
            One=node(Tags=tags(Environment="OELabIPM", Workload="Test")),
            Two=node(Tags=tags(Environment="OELabIPM", Workload="Prod")),
        )
    )
    lab.settle()
    return lab


def statuses(lab: Lab, logical_id: str) -> dict[str, str]:
    """By association id, its detailed status on the node."""
    found = lab.status_on(lab.physical_id(logical_id))
    return {association_id: info["DetailedStatus"] for association_id, info in found.items()}


def executions(lab: Lab, association_id: str, **request: Any) -> list[dict[str, Any]]:
    answer = lab.ssm.describe_association_executions(AssociationId=association_id, **request)
    found: list[dict[str, Any]] = answer["AssociationExecutions"]
    return found


def test_a_new_association_runs_at_once_pending_first(pair: Lab) -> None:
    association_id = pair.associate()
    assert pair.association(association_id)["Overview"]["Status"] == "Pending"
    eventually(lambda: pair.association(association_id)["Overview"]["Status"] == "Success")
    described = pair.association(association_id)
    assert described["Overview"]["AssociationStatusAggregatedCount"] == {"Success": 2}
    assert described["LastExecutionDate"] > described["Date"]
    status = pair.status_on(pair.physical_id("One"))[association_id]
    assert status["ExecutionSummary"] == (
        "1 out of 1 plugin processed, 1 success, 0 failed, 0 timedout, 0 skipped. "
    )
    (listed,) = pair.ssm.describe_instance_information()["InstanceInformationList"][:1]
    assert listed["AssociationOverview"]["InstanceAssociationStatusAggregatedCount"] == {
        "Success": 1
    }


def test_it_runs_on_a_node_once_that_matches(pair: Lab) -> None:
    new = [{"Key": "tag:Workload", "Values": ["New"]}]
    association_id = pair.associate(Targets=new, ScheduleExpression="rate(30 minutes)")
    pair.aws.advance(31)
    assert pair.association(association_id)["Overview"]["Status"] == "Pending"
    assert executions(pair, association_id) == []
    pair.ec2.create_tags(Resources=[pair.physical_id("One")], Tags=tags(Workload="New"))
    pair.settle()
    assert statuses(pair, "One") == {association_id: "Success"}
    assert statuses(pair, "Two") == {}


@pytest.mark.parametrize(
    ("group", "expected"), [("members", {"Two"}), ("by-tag", {"One"}), ("missing", set())]
)
def test_a_resource_group_by_member_list_or_tag_query(
    pair: Lab, group: str, expected: set[str]
) -> None:
    groups = pair.client("resource-groups")
    groups.create_group(Name="members", Configuration=[])
    arn = f"arn:aws:ec2:us-east-1:{pair.account}:instance/{pair.physical_id('Two')}"
    groups.group_resources(Group="members", ResourceArns=[arn])
    query = (
        '{"ResourceTypeFilters": ["AWS::EC2::Instance"],'
        ' "TagFilters": [{"Key": "Workload", "Values": ["Test"]}]}'
    )
    groups.create_group(Name="by-tag", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": query})
    association_id = pair.associate(Targets=[{"Key": "resource-groups:Name", "Values": [group]}])
    pair.settle()
    assert {name for name in ("One", "Two") if association_id in statuses(pair, name)} == expected


def test_an_update_runs_at_once(pair: Lab) -> None:
    association_id = pair.associate()
    pair.settle()
    pair.ssm.update_association(AssociationId=association_id, Targets=TEST)
    pair.settle()
    found = executions(pair, association_id)
    assert [e["AssociationVersion"] for e in found] == ["2", "1"]
    assert statuses(pair, "Two") == {}


def test_the_schedule_follows_the_server_s_clock(pair: Lab) -> None:
    association_id = pair.associate(ScheduleExpression="rate(30 minutes)")
    pair.settle()
    first = executions(pair, association_id)[0]["CreatedTime"]
    pair.aws.advance(20)
    assert len(executions(pair, association_id)) == 1
    pair.aws.advance(11)
    assert len(executions(pair, association_id)) == 2
    pair.aws.advance(300)
    assert len(executions(pair, association_id)) == 3, "of ten intervals the last one"
    moment = (first + timedelta(seconds=1)).isoformat()
    later = [{"Key": "CreatedTime", "Value": moment, "Type": "GREATER_THAN"}]
    assert len(executions(pair, association_id, Filters=later)) == 2


def test_only_at_the_cron_interval(pair: Lab) -> None:
    association_id = pair.associate(
        ScheduleExpression="cron(0 0/1 * * ? *)", ApplyOnlyAtCronInterval=True
    )
    pair.settle()
    assert executions(pair, association_id) == []
    pair.aws.advance(61)
    assert len(executions(pair, association_id)) == 1


def test_the_targets_of_an_execution(pair: Lab) -> None:
    association_id = pair.associate()
    pair.settle()
    execution = executions(pair, association_id)[0]
    assert execution["ResourceCountByStatus"] == "{Success=2}"
    pages = pair.ssm.get_paginator("describe_association_execution_targets").paginate(
        AssociationId=association_id,
        ExecutionId=execution["ExecutionId"],
        PaginationConfig={"PageSize": 1},
    )
    found = [t for page in pages for t in page["AssociationExecutionTargets"]]
    assert [t["ResourceId"] for t in found] == sorted(map(pair.physical_id, ("One", "Two")))


def test_two_explicit_inventories_fail_where_they_meet_until_one_goes(pair: Lab) -> None:
    both = pair.associate()
    pair.settle()
    assert statuses(pair, "One") == {both: "Success"}
    only_one = pair.associate(Targets=TEST)
    pair.settle()
    assert statuses(pair, "One") == {both: "Failed", only_one: "Failed"}
    assert statuses(pair, "Two") == {both: "Success"}
    summary = pair.status_on(pair.physical_id("One"))[both]["ExecutionSummary"]
    first, second = sorted((both, only_one))
    assert f"Conflicting inventory configuration IDs: {first} and {second}" in summary
    pair.ssm.delete_association(AssociationId=only_one)
    pair.settle()
    assert statuses(pair, "One") == {both: "Success"}


def test_the_inventory_of_all_nodes_is_skipped_next_to_an_explicit_one(pair: Lab) -> None:
    everywhere, explicit = pair.associate(Targets=WILDCARD), pair.associate(Targets=TEST)
    update = pair.associate(Name="AWS-UpdateSSMAgent", Parameters=None)
    pair.settle()
    assert statuses(pair, "One") == {
        everywhere: OVERRIDDEN,
        explicit: "Success",
        update: "Success",
    }
    assert pair.status_on(pair.physical_id("One"))[everywhere]["Status"] == "Skipped"
    assert statuses(pair, "Two") == {everywhere: "Success", update: "Success"}


REPORT = ("ssm:ListInstanceAssociations", "ssm:UpdateInstanceAssociationStatus")


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ((), "Pending"),
        (REPORT, "Failed"),
        ((*REPORT, "ssm:PutInventory"), "Success"),
    ],
)
def test_the_role_must_allow_what_a_run_needs(
    lab: Lab, actions: tuple[str, ...], expected: str
) -> None:
    policy = permission("ssm:UpdateInstanceInformation", *actions)
    policies = [{"PolicyName": "p", "PolicyDocument": policy}]
    lab.deploy(template(Node=node(), **profile(ManagedPolicyArns=[], Policies=policies)))
    association_id = lab.associate()
    lab.settle()
    assert statuses(lab, "Node") == {association_id: expected}


def test_a_silenced_node_runs_once_it_is_back(pair: Lab) -> None:
    one = pair.physical_id("One")
    pair.aws.silence_agent(one, account=pair.account)
    association_id = pair.associate()
    pair.settle()
    assert statuses(pair, "One") == {}
    assert statuses(pair, "Two") == {association_id: "Success"}
    pair.aws.silence_agent(one, False, account=pair.account)
    pair.settle()
    assert statuses(pair, "One") == {association_id: "Success"}


@pytest.mark.parametrize("is_allowed", [True, False])
def test_the_node_writes_its_log_if_its_role_may(lab: Lab, is_allowed: bool) -> None:
    bucket = f"logs-{lab.account}"
    allowed = permission("s3:PutObject", on=f"arn:aws:s3:::{bucket}/inventory/*")
    policies = [{"PolicyName": "logs", "PolicyDocument": allowed}] if is_allowed else []
    lab.deploy(
        template(
            Node=node(),
            Logs=resource("AWS::S3::Bucket", BucketName=bucket),
            **profile(Policies=policies),
        )
    )
    location = {"OutputS3BucketName": bucket, "OutputS3KeyPrefix": "inventory"}
    association_id = lab.associate(OutputLocation={"S3Location": location})
    lab.settle()
    status = lab.status_on(lab.physical_id("Node"))[association_id]
    assert status["Status"] == "Success"
    objects = lab.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    url = status["OutputUrl"]["S3OutputUrl"]["OutputUrl"]
    expected = [url.removeprefix(f"https://s3.us-east-1.amazonaws.com/{bucket}/")]
    assert [each["Key"] for each in objects] == (expected if is_allowed else [])
    assert expected[0].startswith(f"inventory/{lab.physical_id('Node')}/{association_id}/20")
