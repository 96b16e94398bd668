"""Which calls of Systems Manager are modelled, what answers each, and the members of requests.

A call or a member that is missing here is refused, rather than answered as if it were not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError, not_modelled
from localaws.systems_manager import (
    association_api,
    compliance_api,
    data_sync_api,
    instance_information,
    inventory_api,
    request_model,
)
from localaws.systems_manager.associations import SETTINGS
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import PAGE_MEMBERS


@dataclass(frozen=True)
class Call:
    """A call; paged ones also take the members of a page."""

    answer: Callable[[Engine, dict[str, Any]], dict[str, Any]]
    members: frozenset[str]


def _call(answer: Callable[[Engine, dict[str, Any]], dict[str, Any]], *members: str) -> Call:
    return Call(answer, frozenset(members))


def _paged(answer: Callable[[Engine, dict[str, Any]], dict[str, Any]], *members: str) -> Call:
    return Call(answer, PAGE_MEMBERS.union(members))


CALLS = {
    "CreateAssociation": _call(association_api.create, *SETTINGS, "Tags"),
    "UpdateAssociation": _call(association_api.update, *SETTINGS, "AssociationId"),
    "DeleteAssociation": _call(association_api.delete, "AssociationId"),
    "DescribeAssociation": _call(association_api.describe, "AssociationId"),
    "ListAssociations": _paged(association_api.list_all, "AssociationFilterList"),
    "DescribeAssociationExecutions": _paged(
        association_api.describe_executions, "AssociationId", "Filters"
    ),
    "DescribeAssociationExecutionTargets": _paged(
        association_api.describe_execution_targets, "AssociationId", "ExecutionId"
    ),
    "GetAutomationExecution": _call(
        association_api.get_automation_execution, "AutomationExecutionId"
    ),
    "DescribeInstanceAssociationsStatus": _paged(association_api.describe_statuses, "InstanceId"),
    "DescribeInstanceInformation": _paged(instance_information.describe),
    "GetInventory": _paged(inventory_api.get_inventory, "ResultAttributes"),
    "ListInventoryEntries": _paged(inventory_api.list_entries, "InstanceId", "TypeName"),
    "GetInventorySchema": _paged(inventory_api.get_schema),
    "PutInventory": _call(inventory_api.put_inventory, "InstanceId", "Items"),
    "ListComplianceItems": _paged(compliance_api.list_items, "ResourceIds", "ResourceTypes"),
    "ListResourceComplianceSummaries": _paged(compliance_api.list_resource_summaries),
    "PutComplianceItems": _call(
        compliance_api.put_items,
        "ResourceId",
        "ResourceType",
        "ComplianceType",
        "ExecutionSummary",
        "Items",
    ),
    "CreateResourceDataSync": _call(data_sync_api.create, "SyncName", "SyncType", "S3Destination"),
    "DeleteResourceDataSync": _call(data_sync_api.delete, "SyncName"),
    "ListResourceDataSync": _paged(data_sync_api.list_all, "SyncType"),
}


def perform(engine: Engine, name: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a call. Raises AwsError."""
    call = CALLS[name]
    unknown = sorted(request.keys() - call.members)
    if unknown:
        raise not_modelled(f"{', '.join(unknown)} of {name}")
    request_model.check(name, request)
    return call.answer(engine, request)


def delete(engine: Engine, name: str, request: dict[str, Any], *, gone: str) -> None:
    """Delete by a call; its error for what does not exist is what a deletion wants."""
    try:
        perform(engine, name, request)
    except AwsError as error:
        if error.code != gone:
            raise
