"""The calls about compliance."""

import re
from collections.abc import Iterator
from typing import Any

from localaws.errors import AwsError
from localaws.systems_manager import compliance
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import PageSize, page
from localaws.systems_manager.state import ComplianceReport

Request = dict[str, Any]
_SIZE = PageSize()
_TYPE = re.compile(r"^([A-Za-z0-9_\-]\w+|Custom:[a-zA-Z0-9_\-]\w+)$")
_RESOURCE_TYPE = "ManagedInstance"
MAX_ITEMS = 10_000
MAX_CUSTOM_TYPES = 10


def put_items(engine: Engine, request: Request) -> Request:
    """Replaces all items of the type on the node, or with PARTIAL those with the same id."""
    _check_put(engine, request)
    state, node_id, kind = engine.state(), request["ResourceId"], request["ComplianceType"]
    items = [_item(entry) for entry in request["Items"]]
    reports = state.compliance.setdefault(node_id, {})
    partial = request.get("UploadType") == "PARTIAL"
    if kind == compliance.ASSOCIATION:
        for item in items:
            reports[kind, item["Id"]] = ComplianceReport(kind, request["ExecutionSummary"], [item])
        return {}
    previous = reports.get((kind, ""))
    if partial and previous:
        ids = {item["Id"] for item in items}
        items = [item for item in previous.items if item["Id"] not in ids] + items
    reports[kind, ""] = ComplianceReport(kind, request["ExecutionSummary"], items)
    return {}


def _check_put(engine: Engine, request: Request) -> None:
    state, kind = engine.state(), request["ComplianceType"]
    if request["ResourceType"] != _RESOURCE_TYPE:
        raise AwsError("InvalidResourceType", "The resource type must be ManagedInstance.")
    node = state.nodes.get(request["ResourceId"])
    if node is None or node.registered_at is None:
        raise AwsError("InvalidResourceId", "The resource ID isn't valid.")
    if not _TYPE.match(kind):
        raise AwsError("ValidationException", f"ComplianceType is malformed: {kind}")
    if len(request["Items"]) > MAX_ITEMS:
        raise AwsError("ValidationException", f"At most {MAX_ITEMS} items are allowed.")
    custom = {t for reports in state.compliance.values() for t, _ in reports if t[:7] == "Custom:"}
    if kind.startswith("Custom:") and len(custom | {kind}) > MAX_CUSTOM_TYPES:
        raise AwsError(
            "ComplianceTypeCountLimitExceededException",
            f"At most {MAX_CUSTOM_TYPES} custom compliance types are allowed.",
        )
    if kind == compliance.ASSOCIATION or request.get("UploadType") == "PARTIAL":
        _check_manual(engine, request)


def _check_manual(engine: Engine, request: Request) -> None:
    """PARTIAL, and items of type Association, are for associations in the MANUAL mode."""
    for entry in request["Items"]:
        association = engine.state().associations.get(entry.get("Id", ""))
        if association is None or association.settings.get("SyncCompliance") != "MANUAL":
            raise AwsError(
                "ValidationException",
                "UploadType PARTIAL and ComplianceType Association are only for associations "
                "whose SyncCompliance is MANUAL",
            )


def _item(entry: Request) -> Request:
    return {
        "Id": entry.get("Id", ""),
        "Title": entry.get("Title", ""),
        "Severity": entry["Severity"],
        "Status": entry["Status"],
        "Details": entry.get("Details") or {},
    }


def _reports(engine: Engine) -> Iterator[tuple[str, ComplianceReport]]:
    """By node; a terminated one is no resource any more."""
    state = engine.state()
    for node_id in sorted(state.compliance):
        if state.nodes[node_id].ec2_state != "terminated":
            for key in sorted(state.compliance[node_id]):
                yield node_id, state.compliance[node_id][key]


def list_items(engine: Engine, request: Request) -> Request:
    ids = request.get("ResourceIds") or []
    if len(ids) > 1:
        raise AwsError("ValidationException", "Only one resource ID can be given in a call")
    types = request.get("ResourceTypes") or [_RESOURCE_TYPE]
    items = [
        {
            "ComplianceType": report.compliance_type,
            "ResourceType": _RESOURCE_TYPE,
            "ResourceId": node_id,
            "ExecutionSummary": report.execution,
            **item,
        }
        for node_id, report in _reports(engine)
        if (not ids or node_id in ids) and _RESOURCE_TYPE in types
        for item in report.items
    ]
    found, token = page(_filtered(items, request), request, _SIZE)
    return {"ComplianceItems": found, **token}


def list_resource_summaries(engine: Engine, request: Request) -> Request:
    summaries = _filtered(_resource_summaries(engine), request)
    found, token = page(summaries, request, _SIZE)
    return {"ResourceComplianceSummaryItems": found, **token}


def list_summaries(engine: Engine, request: Request) -> Request:
    """For each type: how many nodes comply and how many do not, by their worst severity."""
    by_type: dict[str, list[Request]] = {}
    for summary in _filtered(_resource_summaries(engine), request):
        by_type.setdefault(summary["ComplianceType"], []).append(summary)
    entries = []
    for kind, summaries in sorted(by_type.items()):
        good, bad = _split(
            [{"Status": s["Status"], "Severity": s["OverallSeverity"]} for s in summaries]
        )
        entries.append(
            {
                "ComplianceType": kind,
                "CompliantSummary": _counted("CompliantCount", good),
                "NonCompliantSummary": _counted("NonCompliantCount", bad),
            }
        )
    found, token = page(entries, request, _SIZE)
    return {"ComplianceSummaryItems": found, **token}


def _resource_summaries(engine: Engine) -> list[Request]:
    collected: dict[tuple[str, str], list[ComplianceReport]] = {}
    for node_id, report in _reports(engine):
        collected.setdefault((node_id, report.compliance_type), []).append(report)
    summaries = []
    for (node_id, kind), reports in collected.items():
        items = [item for report in reports for item in report.items]
        good, bad = _split(items)
        latest = max(reports, key=lambda report: _seconds(report.execution["ExecutionTime"]))
        summaries.append(
            {
                "ComplianceType": kind,
                "ResourceType": _RESOURCE_TYPE,
                "ResourceId": node_id,
                "Status": compliance.NON_COMPLIANT if bad else compliance.COMPLIANT,
                "OverallSeverity": compliance.worst([item["Severity"] for item in bad]),
                "ExecutionSummary": latest.execution,
                "CompliantSummary": _counted("CompliantCount", good),
                "NonCompliantSummary": _counted("NonCompliantCount", bad),
            }
        )
    return summaries


def _seconds(moment: object) -> float:
    return float(moment) if isinstance(moment, int | float) else 0.0


def _split(items: list[Request]) -> tuple[list[Request], list[Request]]:
    good = [item for item in items if item["Status"] == compliance.COMPLIANT]
    return good, [item for item in items if item["Status"] != compliance.COMPLIANT]


def _counted(name: str, items: list[Request]) -> Request:
    return {name: len(items), "SeveritySummary": compliance.count(items)}


def _filtered(entries: list[Request], request: Request) -> list[Request]:
    for condition in request.get("Filters") or []:
        entries = [entry for entry in entries if _passes(entry, condition)]
    return entries


def _passes(entry: Request, condition: Request) -> bool:
    key = condition["Key"]
    value = str(
        entry.get("OverallSeverity" if key == "Severity" and "Severity" not in entry else key, "")
    )
    values, kind = condition["Values"], condition.get("Type", "EQUAL")
    results = {
        "EQUAL": value in values,
        "NOT_EQUAL": value not in values,
        "BEGIN_WITH": any(value.startswith(v) for v in values),
        "LESS_THAN": any(value < v for v in values),
        "GREATER_THAN": any(value > v for v in values),
    }
    if kind not in results:
        raise AwsError("InvalidFilter", f"Unknown filter type {kind}")
    return results[kind]
