"""Systems Manager's HTTP side: which call goes where."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from localaws.adapter import Response
from localaws.adapter.ssm import ServiceHandler
from localaws.errors import AwsError
from localaws.systems_manager import (
    association_api,
    compliance_api,
    documents,
    instance_information,
    inventory_api,
)
from localaws.systems_manager.engine import Engine

Call = Callable[[Engine, dict[str, Any]], dict[str, Any]]


def _describe_document(_engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    return {"Document": documents.describe(request["Name"])}


def _get_document(_engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    name = request["Name"]
    described = documents.describe(name)
    return {
        "Name": name,
        "DocumentVersion": described["DocumentVersion"],
        "Status": "Active",
        "Content": documents.content(name),
        "DocumentType": "Command",
        "DocumentFormat": "JSON",
    }


def _list_data_syncs(_engine: Engine, _request: dict[str, Any]) -> dict[str, Any]:
    return {"ResourceDataSyncItems": []}


CALLS: dict[str, Call] = {
    "CreateAssociation": association_api.create,
    "UpdateAssociation": association_api.update,
    "DeleteAssociation": association_api.delete,
    "DescribeAssociation": association_api.describe,
    "ListAssociations": association_api.list_all,
    "ListAssociationVersions": association_api.list_versions,
    "StartAssociationsOnce": association_api.start_once,
    "DescribeAssociationExecutions": association_api.describe_executions,
    "DescribeAssociationExecutionTargets": association_api.describe_execution_targets,
    "DescribeInstanceAssociationsStatus": association_api.describe_statuses,
    "DescribeEffectiveInstanceAssociations": association_api.describe_effective,
    "DescribeInstanceInformation": instance_information.describe,
    "GetInventory": inventory_api.get_inventory,
    "ListInventoryEntries": inventory_api.list_entries,
    "GetInventorySchema": inventory_api.get_schema,
    "PutInventory": inventory_api.put_inventory,
    "ListComplianceItems": compliance_api.list_items,
    "ListComplianceSummaries": compliance_api.list_summaries,
    "ListResourceComplianceSummaries": compliance_api.list_resource_summaries,
    "PutComplianceItems": compliance_api.put_items,
    "DescribeDocument": _describe_document,
    "GetDocument": _get_document,
    "ListResourceDataSync": _list_data_syncs,
}


class Dispatcher:
    """Answers the calls above and leaves all others (parameters, settings) to MiniStack."""

    def __init__(self, engine: Engine, settle: Callable[[], Awaitable[None]]) -> None:
        self._engine = engine
        self._settle = settle

    def wrap(self, fallback: ServiceHandler) -> ServiceHandler:
        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> Response:
            action = headers.get("x-amz-target", "").rpartition(".")[2]
            call = CALLS.get(action)
            if call is None:
                return await fallback(method, path, headers, body, query)
            await self._settle()
            return self._answer(call, body)

        return handle

    def _answer(self, call: Call, body: bytes) -> Response:
        try:
            return _response(200, call(self._engine, json.loads(body or b"{}")))
        except AwsError as error:
            return _response(error.status, {"__type": error.code, "message": error.message})
        except KeyError as error:
            # A member that boto3 requires; only another client can leave it out.
            missing = f"{error.args[0]} is required"
            return _response(400, {"__type": "ValidationException", "message": missing})


def _response(status: int, document: dict[str, Any]) -> Response:
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    return status, headers, json.dumps(document).encode()
