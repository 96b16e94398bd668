"""The calls about associations and their runs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from localaws.errors import AwsError
from localaws.systems_manager import documents, runs, targets
from localaws.systems_manager.associations import OPTIONAL
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import PageSize, page
from localaws.systems_manager.state import Association, Execution, Outcome

Request = dict[str, Any]
_EFFECTIVE_SIZE = PageSize(largest=5, default=5)
_SIZE = PageSize()
_LISTED = (
    "AssociationId",
    "AssociationVersion",
    "Name",
    "DocumentVersion",
    "Targets",
    "LastExecutionDate",
    "Overview",
    "ScheduleExpression",
    "AssociationName",
    "ScheduleOffset",
    "Duration",
    "InstanceId",
)


def create(engine: Engine, request: Request) -> Request:
    return {"AssociationDescription": _description(engine.associations.create(request))}


def update(engine: Engine, request: Request) -> Request:
    association = engine.associations.update(request)
    answer = _description(association)
    answer["Overview"] = {"Status": runs.PENDING, "DetailedStatus": "Creating"}
    return {"AssociationDescription": answer}


def delete(engine: Engine, request: Request) -> Request:
    engine.associations.delete(request)
    return {}


def describe(engine: Engine, request: Request) -> Request:
    return {"AssociationDescription": _description(engine.associations.find(request))}


def start_once(engine: Engine, request: Request) -> Request:
    engine.associations.start_once(request)
    return {}


def list_all(engine: Engine, request: Request) -> Request:
    found = list(engine.state().associations.values())
    for entry in request.get("AssociationFilterList") or []:
        matches = _LIST_FILTERS.get(entry["key"])
        if matches is None:
            raise AwsError("ValidationException", f"Unknown filter key {entry['key']}")
        found = [association for association in found if matches(association, entry["value"])]
    associations, token = page(found, request, _SIZE)
    return {"Associations": [_listed(association) for association in associations], **token}


def list_versions(engine: Engine, request: Request) -> Request:
    association = engine.associations.find(request)
    versions, token = page(association.versions, request, _SIZE)
    return {"AssociationVersions": versions, **token}


def describe_executions(engine: Engine, request: Request) -> Request:
    association = engine.associations.find(request)
    entries = [_execution(association, e) for e in reversed(association.executions)]
    for entry in request.get("Filters") or []:
        entries = [e for e in entries if _passes(e.get(entry["Key"]), entry)]
    found, token = page(entries, request, _SIZE)
    return {"AssociationExecutions": found, **token}


def describe_execution_targets(engine: Engine, request: Request) -> Request:
    association = engine.associations.find(request)
    wanted = request.get("ExecutionId")
    execution = next((e for e in association.executions if e.execution_id == wanted), None)
    if execution is None:
        raise AwsError("AssociationExecutionDoesNotExist", "The specified execution doesn't exist.")
    entries = [
        {
            "AssociationId": association.association_id,
            "AssociationVersion": execution.association_version,
            "ExecutionId": execution.execution_id,
            "ResourceId": node_id,
            "ResourceType": "ManagedInstance",
            "Status": outcome.status,
            "DetailedStatus": outcome.detailed_status,
            "LastExecutionDate": outcome.date,
        }
        for node_id, outcome in sorted(execution.outcomes.items())
    ]
    for entry in request.get("Filters") or []:
        entries = [e for e in entries if e.get(entry["Key"]) == entry["Value"]]
    found, token = page(entries, request, _SIZE)
    return {"AssociationExecutionTargets": found, **token}


def describe_statuses(engine: Engine, request: Request) -> Request:
    """DescribeInstanceAssociationsStatus of one managed node."""
    node_id = _managed(engine, request["InstanceId"])
    entries = [
        _status(association, node_id, association.outcomes[node_id])
        for association in engine.state().associations.values()
        if node_id in association.outcomes
    ]
    found, token = page(entries, request, _SIZE)
    return {"InstanceAssociationStatusInfos": found, **token}


def describe_effective(engine: Engine, request: Request) -> Request:
    node_id = _managed(engine, request["InstanceId"])
    node = engine.node(node_id)
    entries = [
        {
            "AssociationId": association.association_id,
            "InstanceId": node_id,
            "Content": documents.content(association.document),
            "AssociationVersion": str(association.version),
        }
        for association in engine.state().associations.values()
        if targets.applies_to(association, node)
    ]
    found, token = page(entries, request, _EFFECTIVE_SIZE)
    return {"Associations": found, **token}


def _managed(engine: Engine, instance_id: str) -> str:
    node = engine.state().nodes.get(instance_id)
    if node is None or node.registered_at is None or node.ec2_state == "terminated":
        raise AwsError("InvalidInstanceId", f"The node {instance_id} is not a managed node.")
    return instance_id


def _description(association: Association) -> Request:
    answer: Request = {
        "AssociationId": association.association_id,
        "AssociationVersion": str(association.version),
        "Name": association.document,
        "Date": association.created,
        "LastUpdateAssociationDate": association.updated,
        "DocumentVersion": "$DEFAULT",
        "ApplyOnlyAtCronInterval": False,
        "Overview": runs.overview(association),
    }
    answer |= {
        name: association.settings[name] for name in OPTIONAL if name in association.settings
    }
    return answer | _dates(association)


def _dates(association: Association) -> Request:
    dates: Request = {}
    if association.last_execution is not None:
        dates["LastExecutionDate"] = association.last_execution
    if association.last_success is not None:
        dates["LastSuccessfulExecutionDate"] = association.last_success
    return dates


def _listed(association: Association) -> Request:
    described = _description(association)
    return {name: described[name] for name in _LISTED if name in described}


def _execution(association: Association, execution: Execution) -> Request:
    counts: dict[str, int] = {}
    for outcome in execution.outcomes.values():
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    order = (runs.FAILED, runs.PENDING, runs.SUCCESS, runs.SKIPPED)
    status = next(status for status in order if status in counts)
    entry: Request = {
        "AssociationId": association.association_id,
        "AssociationVersion": execution.association_version,
        "ExecutionId": execution.execution_id,
        "Status": status,
        "DetailedStatus": status,
        "CreatedTime": execution.created,
        # A text, for example {Success=2}.
        "ResourceCountByStatus": (
            "{" + ", ".join(f"{name}={number}" for name, number in sorted(counts.items())) + "}"
        ),
    }
    if not execution.is_open:
        entry["LastExecutionDate"] = execution.finish_at
    return entry


def _status(association: Association, node_id: str, outcome: Outcome) -> Request:
    entry: Request = {
        "AssociationId": association.association_id,
        "Name": association.document,
        "DocumentVersion": "$DEFAULT",
        "AssociationVersion": outcome.association_version,
        "InstanceId": node_id,
        "ExecutionDate": outcome.date,
        "Status": outcome.status,
        "DetailedStatus": outcome.detailed_status,
    }
    if "AssociationName" in association.settings:
        entry["AssociationName"] = association.settings["AssociationName"]
    if outcome.summary:
        entry["ExecutionSummary"] = outcome.summary
    if outcome.output_url:
        entry["OutputUrl"] = {"S3OutputUrl": {"OutputUrl": outcome.output_url}}
    return entry


def _passes(value: Any, entry: Request) -> bool:
    kind = entry.get("Type", "EQUAL")
    if entry["Key"] == "CreatedTime":
        wanted = _moment(entry["Value"])
        outcomes: dict[str, bool] = {
            "EQUAL": value == wanted,
            "LESS_THAN": value < wanted,
            "GREATER_THAN": value > wanted,
        }
        return outcomes[kind]
    return bool(value == entry["Value"])


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise AwsError("ValidationException", f"CreatedTime is no time: {text}") from error


_LIST_FILTERS: dict[str, Callable[[Association, str], bool]] = {
    # Only associations of the deprecated kind: that is what the API documents.
    "InstanceId": lambda a, value: a.legacy_instance_id == value,
    "Name": lambda a, value: a.document == value,
    "AssociationId": lambda a, value: a.association_id == value,
    "AssociationName": lambda a, value: a.settings.get("AssociationName") == value,
    "AssociationStatusName": lambda a, value: runs.overview(a)["Status"] == value,
    "LastExecutedBefore": lambda a, value: (a.last_execution or 0) < _moment(value),
    "LastExecutedAfter": lambda a, value: (a.last_execution or 0) > _moment(value),
    "ResourceGroupName": lambda a, value: any(
        targets.kind_of(target) == targets.RESOURCE_GROUP and value in target["Values"]
        for target in a.targets
    ),
}
