"""Associations, their runs, and how these went on each node."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, Unread, known
from oelab.review.read.answers import from_answer
from oelab.review.read.connection import Connection, require
from oelab.review.read.iam import read_log_access
from oelab.review.read.nodes import read_fleet_nodes
from oelab.review.records import AssociationDetails, Execution, NodeAssociation, NodeRow, Outcome
from oelab.review.snapshots import AssociationHistory, FleetSnapshot
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.schedule import interval, parse

RUNS_LOOKED_AT = 10
"""How many runs to look at for an outcome on each node: a node that comes online causes a run of
its own, which covers no other node."""

# Runs further back than this say nothing about the present.
_INTERVALS_BACK = 3
_SHORTEST_BACK = timedelta(days=1)


def read_with_runs(
    aws: Connection, expected: ExpectedFleet, *, document: str, runs: int
) -> FleetSnapshot:
    """The associations of one environment, of one document or of all (""), with so many runs."""
    associations = aws.start(read_associations, document)
    return read_histories(aws, read_fleet_nodes(aws, expected, associations), runs=runs)


def read_without_runs(aws: Connection, expected: ExpectedFleet) -> FleetSnapshot:
    """The associations of one environment that gather inventory, and what they collect."""
    associations = aws.start(read_associations, INVENTORY_DOCUMENT)
    fleet = read_fleet_nodes(aws, expected, associations)
    listed = known(fleet.associations, ())
    details = [aws.start(read_details, each.association_id) for each in listed]
    histories = (
        AssociationHistory(association=each, details=part.result())
        for each, part in zip(listed, details, strict=True)
    )
    return replace(fleet, histories=tuple(histories))


def read_histories(aws: Connection, fleet: FleetSnapshot, *, runs: int = 0) -> FleetSnapshot:
    """A fleet with the runs that it takes to know an outcome on each node that is online.

    With `runs` at least so many of the latest ones, an outcome on all nodes, and where output goes
    and whether it can.
    """
    histories = []
    for each in known(fleet.associations, ()):
        answers = {x: fleet.is_targeted(x, each.targets) for x in fleet.nodes}
        reached = [node_id for node_id, answer in answers.items() if answer]
        details = aws.start(read_details, each.association_id) if runs else None
        executions = aws.start(_read_latest_executions, each, runs, fleet.read_at).result()
        # Whether unknown targets reach a node shows in where it has run.
        possible = [node_id for node_id, answer in answers.items() if answer is not False]
        wanted = [node_id for node_id in possible if runs or fleet.is_online(node_id)]
        history = AssociationHistory(
            association=each,
            reached=tuple(reached),
            executions=executions,
            outcomes=aws.start(read_outcomes, executions, wanted, at_least=runs).result(),
        )
        if details:
            history = replace(history, details=details.result())
            profiles = {fleet.instances[x].profile for x in reached if x in fleet.instances}
            access = aws.start(read_log_access, history.details, profiles).result()
            history = replace(history, log_access=access)
        histories.append(history)
    return replace(fleet, histories=tuple(histories))


def read_associations(aws: Connection, document: str = "") -> tuple[Association, ...]:
    """The associations, of one document or of all."""
    by_document = [{"key": "Name", "value": document}]
    request: dict[str, Any] = {"AssociationFilterList": by_document} if document else {}
    return aws.items("ssm:ListAssociations", "Associations", Association, **request)


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
        found[run.execution_id] = aws.items(
            "ssm:DescribeAssociationExecutionTargets",
            "AssociationExecutionTargets",
            Outcome,
            given={"association_id": run.association_id, "execution_id": run.execution_id},
            AssociationId=run.association_id,
            ExecutionId=run.execution_id,
        )
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
    return aws.items(
        "ssm:DescribeInstanceAssociationsStatus",
        "InstanceAssociationStatusInfos",
        NodeAssociation,
        given={"name": node.name},
        InstanceId=node.node_id,
    )


def _read_latest_executions(
    aws: Connection, association: Association, count: int, now: datetime
) -> tuple[Execution, ...]:
    recent = read_executions(aws, association, now=now)
    return recent if len(recent) >= count else read_executions(aws, association)


def read_details(aws: Connection, association_id: str) -> AssociationDetails:
    """The parameters of an association, what it runs on, and where it keeps output."""
    action, key = "ssm:DescribeAssociation", "AssociationDescription"
    return from_answer(
        AssociationDetails, aws.call(action, key, AssociationId=association_id) or {}
    )
