"""The calls about compliance."""

from typing import Any

from localaws.errors import AwsError, not_modelled
from localaws.systems_manager import compliance
from localaws.systems_manager.compliance import RESOURCE_TYPE
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import page
from localaws.systems_manager.state import ComplianceReport

Request = dict[str, Any]


def put_items(engine: Engine, request: Request) -> Request:
    """Replaces all items of the type on the node."""
    if request["ResourceType"] != RESOURCE_TYPE:
        raise AwsError("InvalidResourceType", f"The resource type must be {RESOURCE_TYPE}.")
    node = engine.node(request["ResourceId"], "InvalidResourceId")
    kind = request["ComplianceType"]
    if kind == compliance.ASSOCIATION:
        raise not_modelled("items that are put for associations")
    report = ComplianceReport(kind, request["ExecutionSummary"], request["Items"])
    engine.state().compliance.setdefault(node.node_id, {})[kind, ""] = report
    return {}


def list_items(engine: Engine, request: Request) -> Request:
    """The items of one node."""
    ids = request.get("ResourceIds", [])
    if len(ids) != 1:
        raise AwsError("ValidationException", "One resource ID must be given in a call")
    items = [
        {
            "ComplianceType": report.compliance_type,
            "ResourceType": RESOURCE_TYPE,
            "ResourceId": node_id,
            "ExecutionSummary": report.execution,
            **item,
        }
        for node_id, report in compliance.reports(engine.state())
        if node_id in ids
        for item in report.items
    ]
    found, token = page(items, request)
    return {"ComplianceItems": found, **token}


def list_resource_summaries(engine: Engine, request: Request) -> Request:
    found, token = page(compliance.resource_summaries(engine.state()), request)
    return {"ResourceComplianceSummaryItems": found, **token}
