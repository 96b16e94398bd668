"""The calls about compliance."""

from collections.abc import Iterator
from typing import Any

from localaws.errors import AwsError, not_modelled
from localaws.systems_manager import compliance
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import page
from localaws.systems_manager.state import ComplianceReport

Request = dict[str, Any]
RESOURCE_TYPE = "ManagedInstance"
# From the worst on.
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED")


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
        for node_id, report in _reports(engine)
        if node_id in ids
        for item in report.items
    ]
    found, token = page(items, request)
    return {"ComplianceItems": found, **token}


def list_resource_summaries(engine: Engine, request: Request) -> Request:
    found, token = page(_resource_summaries(engine), request)
    return {"ResourceComplianceSummaryItems": found, **token}


def list_summaries(engine: Engine, request: Request) -> Request:
    """For each type: how many nodes comply and how many do not, by their worst severity."""
    nodes_by_type: dict[str, list[Request]] = {}
    for summary in _resource_summaries(engine):
        nodes_by_type.setdefault(summary["ComplianceType"], []).append(
            {"Status": summary["Status"], "Severity": summary["OverallSeverity"]}
        )
    entries = [
        {"ComplianceType": kind, **_counts(nodes)} for kind, nodes in sorted(nodes_by_type.items())
    ]
    found, token = page(entries, request)
    return {"ComplianceSummaryItems": found, **token}


def _reports(engine: Engine) -> Iterator[tuple[str, ComplianceReport]]:
    """By node; a terminated one is not a resource any more."""
    state = engine.state()
    for node_id, reports in sorted(state.compliance.items()):
        if not state.nodes[node_id].is_terminated:
            for _, report in sorted(reports.items()):
                yield node_id, report


def _resource_summaries(engine: Engine) -> list[Request]:
    """One for each node and type."""
    items: dict[tuple[str, str], list[Request]] = {}
    executions: dict[tuple[str, str], Request] = {}
    for node_id, report in _reports(engine):
        key = (node_id, report.compliance_type)
        items.setdefault(key, []).extend(report.items)
        executions[key] = report.execution
    return [
        {
            "ComplianceType": kind,
            "ResourceType": RESOURCE_TYPE,
            "ResourceId": node_id,
            "Status": compliance.NON_COMPLIANT if _split(found)[1] else compliance.COMPLIANT,
            "OverallSeverity": _worst(_split(found)[1]),
            "ExecutionSummary": executions[node_id, kind],
            **_counts(found),
        }
        for (node_id, kind), found in items.items()
    ]


def _split(items: list[Request]) -> tuple[list[Request], list[Request]]:
    """Those that comply, and those that do not."""
    good = [item for item in items if item["Status"] == compliance.COMPLIANT]
    return good, [item for item in items if item["Status"] != compliance.COMPLIANT]


def _worst(items: list[Request]) -> str:
    found = {item["Severity"] for item in items}
    return next((severity for severity in SEVERITIES if severity in found), SEVERITIES[-1])


def _counts(items: list[Request]) -> Request:
    good, bad = _split(items)
    return {
        "CompliantSummary": {"CompliantCount": len(good), "SeveritySummary": _by_severity(good)},
        "NonCompliantSummary": {
            "NonCompliantCount": len(bad),
            "SeveritySummary": _by_severity(bad),
        },
    }


def _by_severity(items: list[Request]) -> Request:
    given = [item["Severity"] for item in items]
    return {f"{level.capitalize()}Count": given.count(level) for level in SEVERITIES}
