"""Associations, their runs, and how these went on each node."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from oelab.review.models import (
    Association,
    Execution,
    NodeAssociation,
    NodeRow,
    Outcome,
    Unread,
    known,
)
from oelab.review.read.connection import Connection, require
from oelab.review.read.nodes import read_node_index
from oelab.review.snapshots import AssociationHistory, AssociationsSnapshot, NodeIndex, extend
from oelab.systems_manager.schedule import interval, parse

RUNS_LOOKED_AT = 10
"""How many runs to look at for an outcome on each node: a node that comes online causes a run of
its own, which covers no other node."""

# Runs further back than this say nothing about the present.
_INTERVALS_BACK = 3
_SHORTEST_BACK = timedelta(days=1)


def read_with_runs(aws: Connection, *, document: str, runs: int) -> AssociationsSnapshot:
    """The associations of one environment, of one document or of all (""), with so many runs."""
    associations = aws.start(read_associations, document)
    index = read_node_index(aws)
    return read_histories(aws, index, associations.result(), runs=runs)


def read_histories(
    aws: Connection,
    index: NodeIndex,
    associations: tuple[Association, ...] | Unread,
    *,
    runs: int = 0,
) -> AssociationsSnapshot:
    """The runs that it takes to know an outcome on each node that is online.

    With `runs` at least so many of the latest ones, an outcome on all nodes, and where output goes.
    """
    histories = []
    for each in known(associations, ()):
        reached = [node_id for node_id in index.nodes if index.is_targeted(node_id, each.targets)]
        logs = aws.start(_read_log_location, each.association_id) if runs else None
        executions = aws.start(_read_latest_executions, each, runs, index.read_at).result()
        wanted = [node_id for node_id in reached if runs or index.is_online(node_id)]
        history = AssociationHistory(
            association=each,
            reached=tuple(reached),
            log_location=logs.result() if logs else "",
            executions=executions,
            outcomes=aws.start(read_outcomes, executions, wanted, at_least=runs).result(),
        )
        histories.append(history)
    return extend(
        AssociationsSnapshot, index, associations=associations, histories=tuple(histories)
    )


def read_associations(aws: Connection, document: str = "") -> tuple[Association, ...]:
    """The associations, of one document or of all."""
    by_document = [{"key": "Name", "value": document}]
    request: dict[str, Any] = {"AssociationFilterList": by_document} if document else {}
    return tuple(aws.items("ssm:ListAssociations", "Associations", Association, **request))


def read_executions(
    aws: Connection, association: Association, *, now: datetime | None = None
) -> tuple[Execution, ...]:
    """The runs of an association, the newest first; none of one that is gone by now.

    With `now` only those that say something about the present.
    """
    request: dict[str, Any] = {"AssociationId": association.association_id}
    every = interval(parse(association.schedule_expression))
    if now and every:
        since = now - max(_INTERVALS_BACK * every, _SHORTEST_BACK)
        created = {"Key": "CreatedTime", "Value": f"{since:%Y-%m-%dT%H:%M:%SZ}"}
        request["Filters"] = [{**created, "Type": "GREATER_THAN"}]
    found = aws.items(
        "ssm:DescribeAssociationExecutions",
        "AssociationExecutions",
        Execution,
        absent=("AssociationDoesNotExist",),
        given={"association_id": association.association_id},
        **request,
    )
    # AWS does not say in which order it answers.
    return tuple(sorted(found, key=lambda execution: execution.created_time, reverse=True))


def read_outcomes(
    aws: Connection,
    executions: tuple[Execution, ...] | Unread,
    wanted: Collection[str],
    *,
    at_least: int = 0,
) -> Mapping[str, tuple[Outcome, ...]]:
    """How runs went, node by node, from the first one on until all `wanted` nodes are found.

    By the id of the run; looks at no more than `RUNS_LOOKED_AT` runs, unless `at_least` so many are
    asked for. A run that is gone by now has no outcomes.
    """
    missing = set(wanted)
    found: dict[str, tuple[Outcome, ...]] = {}
    for number, run in enumerate(require(executions)[: max(at_least, RUNS_LOOKED_AT)]):
        if number >= at_least and not missing:
            break
        outcomes = aws.items(
            "ssm:DescribeAssociationExecutionTargets",
            "AssociationExecutionTargets",
            Outcome,
            absent=("AssociationDoesNotExist", "AssociationExecutionDoesNotExist"),
            given={"association_id": run.association_id, "execution_id": run.execution_id},
            AssociationId=run.association_id,
            ExecutionId=run.execution_id,
        )
        found[run.execution_id] = tuple(outcomes)
        missing.difference_update(each.node_id for each in found[run.execution_id])
    return found


def read_node_associations(
    connections: Sequence[Connection], nodes: Sequence[NodeRow]
) -> list[tuple[NodeAssociation, ...] | Unread]:
    """What each of these nodes reports of its associations."""
    started = [
        aws.start(_read_node_associations, node)
        for node in nodes
        for aws in connections
        if aws.environment == node.environment and node.node_id
    ]
    return [each.result() for each in started]


def _read_node_associations(aws: Connection, node: NodeRow) -> tuple[NodeAssociation, ...]:
    found = aws.items(
        "ssm:DescribeInstanceAssociationsStatus",
        "InstanceAssociationStatusInfos",
        NodeAssociation,
        # What is no managed node has none.
        absent=("InvalidInstanceId",),
        given={"name": node.name},
        InstanceId=node.node_id,
    )
    return tuple(found)


def _read_latest_executions(
    aws: Connection, association: Association, count: int, now: datetime
) -> tuple[Execution, ...]:
    recent = read_executions(aws, association, now=now)
    return recent if len(recent) >= count else read_executions(aws, association)


def _read_log_location(aws: Connection, association_id: str) -> str:
    """Where an association keeps the output of its runs, or ""."""
    answer = aws.call("ssm:DescribeAssociation", AssociationId=association_id)
    output = answer.get("AssociationDescription", {}).get("OutputLocation", {})
    location = output.get("S3Location", {})
    parts = (location.get("OutputS3BucketName"), location.get("OutputS3KeyPrefix"))
    return "/".join(["s3:/", *filter(None, parts)]) if parts[0] else ""
