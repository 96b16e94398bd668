"""Runs: when an association runs, on which nodes, and how it ends there."""

from typing import Any

import pytest

from tests.localaws.lab import (
    CORE_POLICY,
    Lab,
    Template,
    node,
    permission,
    profile,
    resource,
    tags,
    template,
)
from tests.waiting import eventually

WILDCARD = [{"Key": "InstanceIds", "Values": ["*"]}]
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


def executions(lab: Lab, association_id: str) -> list[dict[str, Any]]:
    answer = lab.ssm.describe_association_executions(AssociationId=association_id)
    found: list[dict[str, Any]] = answer["AssociationExecutions"]
    return found


def test_a_new_association_runs_at_once_pending_first(pair: Lab) -> None:
    association_id = pair.associate()
    assert pair.association(association_id)["Overview"]["Status"] == "Pending"
    eventually(lambda: pair.association(association_id)["Overview"]["Status"] == "Success")
    described = pair.association(association_id)
    assert described["Overview"]["DetailedStatus"] == "Success"
    assert described["Overview"]["AssociationStatusAggregatedCount"] == {"Success": 2}
    assert described["LastExecutionDate"] == described["LastSuccessfulExecutionDate"]
    status = pair.status_on(pair.physical_id("One"))[association_id]
    assert status["ExecutionSummary"] == (
        "1 out of 1 plugin processed, 1 success, 0 failed, 0 timedout, 0 skipped. "
    )


def test_without_nodes_it_stays_pending(lab: Lab) -> None:
    association_id = lab.associate(ScheduleExpression="rate(30 minutes)")
    lab.settle()
    lab.aws.advance(31)
    assert lab.association(association_id)["Overview"]["Status"] == "Pending"
    assert executions(lab, association_id) == []


def test_it_runs_on_a_node_that_comes_later(pair: Lab) -> None:
    association_id = pair.associate(Targets=[{"Key": "tag:Workload", "Values": ["New"]}])
    pair.settle()
    assert executions(pair, association_id) == []
    one = pair.physical_id("One")
    pair.ec2.create_tags(Resources=[one], Tags=tags(Workload="New"))
    pair.settle()
    assert statuses(pair, "One") == {association_id: "Success"}
    assert statuses(pair, "Two") == {}


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([("tag:Workload", ["Test"])], {"One"}),
        ([("tag:Workload", ["Test", "Prod"])], {"One", "Two"}),
        ([("tag:Workload", ["Test"]), ("tag:Environment", ["OELabIPM"])], {"One"}),
        ([("tag:Workload", ["Test"]), ("tag:Environment", ["Other"])], set()),
        ([("InstanceIds", ["*"])], {"One", "Two"}),
        ([("InstanceIds", ["Two"])], {"Two"}),
        ([("instanceids", ["Two"])], {"Two"}),
        ([("tag:workload", ["Test"])], set()),
        ([("tag:Workload", [])], {"One", "Two"}),
        ([("tag:Workgroup", [])], set()),
        ([("resource-groups:Name", ["members"])], {"Two"}),
        ([("resource-groups:Name", ["by-tag"])], {"One"}),
        ([("resource-groups:Name", ["nobody"])], set()),
    ],
)
def test_targets(pair: Lab, targets: list[tuple[str, list[str]]], expected: set[str]) -> None:
    ids = {name: pair.physical_id(name) for name in ("One", "Two")}
    groups = pair.client("resource-groups")
    groups.create_group(Name="members", Configuration=[])
    arn = f"arn:aws:ec2:us-east-1:{pair.account}:instance/{ids['Two']}"
    groups.group_resources(Group="members", ResourceArns=[arn])
    query = (
        '{"ResourceTypeFilters": ["AWS::EC2::Instance"],'
        ' "TagFilters": [{"Key": "Workload", "Values": ["Test"]}]}'
    )
    groups.create_group(Name="by-tag", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": query})
    association_id = pair.associate(
        Targets=[
            {"Key": key, "Values": [ids.get(value, value) for value in values]}
            for key, values in targets
        ]
    )
    pair.settle()
    assert {name for name in ids if association_id in statuses(pair, name)} == expected


def test_an_update_runs_at_once(pair: Lab) -> None:
    association_id = pair.associate()
    pair.settle()
    targets = [{"Key": "tag:Workload", "Values": ["Prod"]}]
    pair.ssm.update_association(AssociationId=association_id, Targets=targets)
    pair.settle()
    found = executions(pair, association_id)
    assert [e["AssociationVersion"] for e in found] == ["2", "1"]
    assert statuses(pair, "One") == {}
    assert statuses(pair, "Two") == {association_id: "Success"}


def test_it_can_be_started_by_hand(pair: Lab) -> None:
    association_id = pair.associate()
    pair.settle()
    pair.ssm.start_associations_once(AssociationIds=[association_id])
    pair.settle()
    assert [e["Status"] for e in executions(pair, association_id)] == ["Success", "Success"]


def test_the_schedule_runs_it_with_the_server_s_clock(pair: Lab) -> None:
    association_id = pair.associate(ScheduleExpression="rate(30 minutes)")
    pair.settle()
    first = pair.association(association_id)["LastExecutionDate"]
    pair.aws.advance(20)
    assert len(executions(pair, association_id)) == 1
    pair.aws.advance(11)
    assert len(executions(pair, association_id)) == 2
    pair.aws.advance(300)
    assert len(executions(pair, association_id)) == 3, "of ten intervals the last one"
    minutes = (pair.association(association_id)["LastExecutionDate"] - first).total_seconds() / 60
    assert 325 < minutes < 335


def test_without_a_schedule_it_runs_once(pair: Lab) -> None:
    association_id = pair.associate()
    pair.settle()
    pair.aws.advance(3000)
    assert len(executions(pair, association_id)) == 1


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
    request = {"AssociationId": association_id, "ExecutionId": execution["ExecutionId"]}
    pages = pair.ssm.get_paginator("describe_association_execution_targets").paginate(
        **request, PaginationConfig={"PageSize": 1}
    )
    found = [t for page in pages for t in page["AssociationExecutionTargets"]]
    assert {t["ResourceId"] for t in found} == {pair.physical_id("One"), pair.physical_id("Two")}
    one = pair.ssm.describe_association_execution_targets(
        **request, Filters=[{"Key": "ResourceId", "Value": pair.physical_id("One")}]
    )
    assert len(one["AssociationExecutionTargets"]) == 1


def test_effective_associations(pair: Lab) -> None:
    association_id = pair.associate(Targets=[{"Key": "tag:Workload", "Values": ["Test"]}])
    answer = pair.ssm.describe_effective_instance_associations(InstanceId=pair.physical_id("One"))
    assert [a["AssociationId"] for a in answer["Associations"]] == [association_id]
    answer = pair.ssm.describe_effective_instance_associations(InstanceId=pair.physical_id("Two"))
    assert answer["Associations"] == []


# One inventory association a node.


def test_two_explicit_ones_both_fail_where_they_meet(pair: Lab) -> None:
    both = pair.associate()
    pair.settle()
    assert statuses(pair, "One") == {both: "Success"}
    only_one = pair.associate(Targets=[{"Key": "tag:Workload", "Values": ["Test"]}])
    pair.settle()
    assert statuses(pair, "One") == {both: "Failed", only_one: "Failed"}
    assert statuses(pair, "Two") == {both: "Success"}
    summary = pair.status_on(pair.physical_id("One"))[both]["ExecutionSummary"]
    first, second = sorted((both, only_one))
    assert "detected multiple inventory configurations associated with one instance" in summary
    assert f"Conflicting inventory configuration IDs: {first} and {second}" in summary
    assert pair.association(both)["Overview"]["AssociationStatusAggregatedCount"] == {
        "Failed": 1,
        "Success": 1,
    }
    pair.ssm.delete_association(AssociationId=only_one)
    pair.settle()
    assert statuses(pair, "One") == {both: "Success"}


def test_one_for_all_nodes_gives_way_to_an_explicit_one(pair: Lab) -> None:
    everywhere = pair.associate(Targets=WILDCARD)
    explicit = pair.associate(Targets=[{"Key": "tag:Workload", "Values": ["Test"]}])
    pair.settle()
    assert statuses(pair, "One") == {everywhere: OVERRIDDEN, explicit: "Success"}
    assert pair.status_on(pair.physical_id("One"))[everywhere]["Status"] == "Skipped"
    assert statuses(pair, "Two") == {everywhere: "Success"}


def test_quick_setup_prevails(pair: Lab) -> None:
    explicit = pair.associate()
    quick = pair.associate(
        AssociationName="AWS-QuickSetup-SSM-CollectInventory-abc12", Targets=WILDCARD
    )
    pair.settle()
    assert statuses(pair, "One") == {explicit: OVERRIDDEN, quick: "Success"}


def test_other_documents_do_not_compete(pair: Lab) -> None:
    inventory = pair.associate()
    update = pair.associate(Name="AWS-UpdateSSMAgent", Parameters=None)
    pair.settle()
    assert statuses(pair, "One") == {inventory: "Success", update: "Success"}


# What the node may do.


def with_actions(*actions: str) -> Template:
    policies = [{"PolicyName": "p", "PolicyDocument": permission(*actions)}]
    return {
        **template(Node=node()),
        "Resources": template(Node=node())["Resources"]
        | profile(ManagedPolicyArns=[], Policies=policies),
    }


REPORT = ("ssm:ListInstanceAssociations", "ssm:UpdateInstanceAssociationStatus")


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("ssm:UpdateInstanceInformation",), "Pending"),
        (("ssm:UpdateInstanceInformation", *REPORT), "Failed"),
        (("ssm:UpdateInstanceInformation", *REPORT, "ssm:PutInventory"), "Success"),
    ],
)
def test_the_role_must_allow_what_a_run_needs(
    lab: Lab, actions: tuple[str, ...], expected: str
) -> None:
    lab.deploy(with_actions(*actions))
    association_id = lab.associate()
    lab.settle()
    assert statuses(lab, "Node") == {association_id: expected}


def test_a_lost_node_leaves_its_run_pending(pair: Lab) -> None:
    one = pair.physical_id("One")
    pair.aws.silence_agent(one, account=pair.account)
    association_id = pair.associate()
    pair.settle()
    assert statuses(pair, "One") == {association_id: "Pending"}
    assert statuses(pair, "Two") == {association_id: "Success"}
    pair.aws.silence_agent(one, False, account=pair.account)
    pair.settle()
    assert statuses(pair, "One") == {association_id: "Success"}


def logging_template(lab: Lab, **role: Any) -> Template:
    bucket = resource("AWS::S3::Bucket", BucketName=f"logs-{lab.account}")
    document = template(Node=node(), Logs=bucket)
    document["Resources"] |= profile(**role)
    return document


def output(lab: Lab) -> dict[str, Any]:
    place = {"OutputS3BucketName": f"logs-{lab.account}", "OutputS3KeyPrefix": "inventory"}
    return {"S3Location": place}


def keys(lab: Lab) -> list[str]:
    answer = lab.client("s3").list_objects_v2(Bucket=f"logs-{lab.account}")
    return [entry["Key"] for entry in answer.get("Contents", [])]


def test_the_node_writes_its_log(lab: Lab) -> None:
    allowed = permission("s3:PutObject", on=f"arn:aws:s3:::logs-{lab.account}/inventory/*")
    policies = [{"PolicyName": "logs", "PolicyDocument": allowed}]
    lab.deploy(logging_template(lab, Policies=policies))
    association_id = lab.associate(OutputLocation=output(lab))
    lab.settle()
    instance_id = lab.physical_id("Node")
    (key,) = keys(lab)
    assert key.startswith(f"inventory/{instance_id}/{association_id}/20")
    status = lab.status_on(instance_id)[association_id]
    url = status["OutputUrl"]["S3OutputUrl"]["OutputUrl"]
    assert url == f"https://s3.us-east-1.amazonaws.com/logs-{lab.account}/{key}"


def test_without_the_permission_there_is_no_log_and_no_failure(lab: Lab) -> None:
    lab.deploy(logging_template(lab, ManagedPolicyArns=[CORE_POLICY]))
    association_id = lab.associate(OutputLocation=output(lab))
    lab.settle()
    assert keys(lab) == []
    assert statuses(lab, "Node") == {association_id: "Success"}
