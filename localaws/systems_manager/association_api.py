"""The calls about associations and their runs."""

from datetime import datetime
from typing import Any

from localaws.errors import AwsError, not_modelled
from localaws.systems_manager import associations
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import page
from localaws.systems_manager.state import (
    Association,
    Execution,
    ExecutionTarget,
    aggregate,
)

Request = dict[str, Any]


def create(engine: Engine, request: Request) -> Request:
    return {"AssociationDescription": _description(associations.create(engine, request))}


def update(engine: Engine, request: Request) -> Request:
    return {"AssociationDescription": _description(associations.update(engine, request))}


def delete(engine: Engine, request: Request) -> Request:
    associations.delete(engine, request.get("AssociationId", ""))
    return {}


def describe(engine: Engine, request: Request) -> Request:
    association = associations.find(engine, request.get("AssociationId", ""))
    return {"AssociationDescription": _description(association)}


def list_all(engine: Engine, request: Request) -> Request:
    found = list(engine.state().associations.values())
    for condition in request.get("AssociationFilterList", []):
        if condition["key"] != "Name":
            raise not_modelled(f"the filter {condition['key']}")
        found = [association for association in found if association.document == condition["value"]]
    listed, token = page(found, request)
    # A listed association has fewer members than a description; clients drop the others.
    return {"Associations": [_description(association) for association in listed], **token}


def describe_executions(engine: Engine, request: Request) -> Request:
    """From the newest on; with the filter, those created later than a moment."""
    association = associations.find(engine, request["AssociationId"])
    executions = list(reversed(association.executions))
    for condition in request.get("Filters", []):
        if (condition["Key"], condition["Type"]) != ("CreatedTime", "GREATER_THAN"):
            raise not_modelled(f"the filter {condition['Key']} {condition['Type']}")
        since = datetime.fromisoformat(condition["Value"]).timestamp()
        executions = [execution for execution in executions if execution.created > since]
    found, token = page(executions, request)
    answers = [_execution(association, execution) for execution in found]
    return {"AssociationExecutions": answers, **token}


def describe_execution_targets(engine: Engine, request: Request) -> Request:
    association = associations.find(engine, request["AssociationId"])
    for execution in association.executions:
        if execution.execution_id == request["ExecutionId"]:
            found, token = page(sorted(execution.targets.items()), request)
            answers = [_target(association, node_id, target) for node_id, target in found]
            return {"AssociationExecutionTargets": answers, **token}
    raise AwsError("AssociationExecutionDoesNotExist", "The specified execution doesn't exist.")


def describe_statuses(engine: Engine, request: Request) -> Request:
    """DescribeInstanceAssociationsStatus of one managed node."""
    node = engine.node(request["InstanceId"])
    entries = [
        _status(association, node.node_id, target)
        for association, target in engine.state().targets_on(node.node_id)
    ]
    found, token = page(entries, request)
    return {"InstanceAssociationStatusInfos": found, **token}


def get_automation_execution(engine: Engine, request: Request) -> Request:
    """A run of a runbook that an association started, by the id that its target names."""
    for association in engine.state().associations.values():
        for execution in association.executions:
            for target in execution.targets.values():
                if target.automation_id == request["AutomationExecutionId"]:
                    return {"AutomationExecution": _automation(association, target)}
    raise AwsError("AutomationExecutionNotFoundException", "There is no automation of this ID.")


def _description(association: Association) -> Request:
    status, counts = aggregate(association.latest.values())
    answer: Request = {
        **association.settings,
        "AssociationId": association.association_id,
        "AssociationVersion": str(association.version),
        "Date": association.created,
        "LastUpdateAssociationDate": association.updated,
        "Overview": {"Status": status, "DetailedStatus": status if counts else "Creating"},
    }
    if counts:
        answer["Overview"]["AssociationStatusAggregatedCount"] = counts
    ended = [execution for execution in association.executions if not execution.is_open]
    if ended:
        answer["LastExecutionDate"] = ended[-1].ends_at
    return answer


def _execution(association: Association, execution: Execution) -> Request:
    status, counts = aggregate(execution.targets.values())
    listed = ", ".join(f"{name}={count}" for name, count in sorted(counts.items()))
    return {
        "AssociationId": association.association_id,
        "AssociationVersion": execution.association_version,
        "ExecutionId": execution.execution_id,
        "Status": status,
        "DetailedStatus": status,
        "CreatedTime": execution.created,
        "ResourceCountByStatus": "{" + listed + "}",
    }


def _automation(association: Association, target: ExecutionTarget) -> Request:
    answer = {
        "AutomationExecutionId": target.automation_id,
        "DocumentName": association.document,
        "AutomationExecutionStatus": target.status,
        "ExecutionEndTime": target.date,
        "AssociationId": association.association_id,
    }
    return {**answer, "FailureMessage": target.failure} if target.failure else answer


def _target(association: Association, node_id: str, target: ExecutionTarget) -> Request:
    answer: Request = {
        "ResourceId": node_id,
        "ResourceType": "ManagedInstance",
        "LastExecutionDate": target.date,
        "AssociationId": association.association_id,
        "AssociationVersion": target.association_version,
        "ExecutionId": target.execution_id,
        "Status": target.status,
        "DetailedStatus": target.detailed_status,
    }
    if target.automation_id:
        answer["ResourceType"] = "AWS::EC2::Instance"
        answer["OutputSource"] = {
            "OutputSourceId": target.automation_id,
            "OutputSourceType": "Automation",
        }
    return answer


def _status(association: Association, node_id: str, target: ExecutionTarget) -> Request:
    entry: Request = {
        "AssociationId": association.association_id,
        "AssociationVersion": target.association_version,
        "Name": association.document,
        "InstanceId": node_id,
        "ExecutionDate": target.date,
        "Status": target.status,
        "DetailedStatus": target.detailed_status,
    }
    if association.name:
        entry["AssociationName"] = association.name
    if target.summary:
        entry["ExecutionSummary"] = target.summary
    if target.output_url:
        entry["OutputUrl"] = {"S3OutputUrl": {"OutputUrl": target.output_url}}
    return entry
