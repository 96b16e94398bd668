"""DescribeInstanceInformation: the managed nodes that run."""

from typing import Any

from localaws.errors import AwsError
from localaws.systems_manager import inventory, runs
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import PageSize, page
from localaws.systems_manager.state import DEFAULT_AGENT_VERSION, Node, Outcome

Request = dict[str, Any]
_SIZE = PageSize(smallest=5, largest=50, default=10)
_PLAIN_KEYS = {
    "InstanceIds": "InstanceId",
    "AgentVersion": "AgentVersion",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "ResourceType": "ResourceType",
    "AssociationStatus": "AssociationStatus",
    "ActivationIds": "ActivationId",
    "IamRole": "IamRole",
    "SourceIds": "SourceId",
    "SourceTypes": "SourceType",
}


def describe(engine: Engine, request: Request) -> dict[str, Any]:
    nodes = [node for node in engine.state().nodes.values() if node.listed]
    filters = _filters(request)
    entries = [
        entry
        for node in sorted(nodes, key=lambda node: node.instance_id)
        for entry in [_entry(engine, node)]
        if all(_matches(node, entry, key, values) for key, values in filters)
    ]
    found, token = page(entries, request, _SIZE)
    return {"InstanceInformationList": found, **token}


def _filters(request: Request) -> list[tuple[str, list[str]]]:
    old, new = request.get("InstanceInformationFilterList"), request.get("Filters")
    if old and new:
        raise AwsError(
            "ValidationException", "Use Filters or InstanceInformationFilterList, not both"
        )
    filters = [(f["Key"], f["Values"]) for f in new or []]
    filters += [(f["key"], f["valueSet"]) for f in old or []]
    by_tag = [key for key, _ in filters if _is_tag_key(key)]
    if by_tag and len(filters) > 1:
        raise AwsError("ValidationException", "A tag filter can't be combined with other filters")
    unknown = [key for key, _ in filters if not _is_tag_key(key) and key not in _PLAIN_KEYS]
    if unknown:
        raise AwsError("InvalidInstanceInformationFilterValue", f"Unknown filter key {unknown[0]}")
    return filters


def _is_tag_key(key: str) -> bool:
    return key == "tag-key" or key.startswith("tag:")


def _matches(node: Node, entry: Request, key: str, values: list[str]) -> bool:
    if key == "tag-key":
        return any(value in node.tags for value in values)
    if key.startswith("tag:"):
        return node.tags.get(key.removeprefix("tag:")) in values
    return str(entry.get(_PLAIN_KEYS[key], "")) in values


def _entry(engine: Engine, node: Node) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "InstanceId": node.instance_id,
        "PingStatus": node.ping_status,
        "LastPingDateTime": node.last_ping,
        "AgentVersion": node.agent_version,
        "IsLatestVersion": node.agent_version == DEFAULT_AGENT_VERSION,
        **inventory.platform(node),
        "ResourceType": "EC2Instance",
        "IPAddress": node.private_ip,
        "ComputerName": node.computer_name,
        "SourceId": node.instance_id,
        "SourceType": "AWS::EC2::Instance",
    }
    outcomes = [
        association.outcomes[node.instance_id]
        for association in engine.state().associations.values()
        if node.instance_id in association.outcomes
    ]
    return entry | _associations(outcomes)


def _associations(outcomes: list[Outcome]) -> dict[str, Any]:
    if not outcomes:
        return {}
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    order = (runs.FAILED, runs.PENDING, runs.SUCCESS, runs.SKIPPED)
    status = next(status for status in order if status in counts)
    found: dict[str, Any] = {
        "AssociationStatus": status,
        "AssociationOverview": {
            "DetailedStatus": status,
            "InstanceAssociationStatusAggregatedCount": counts,
        },
    }
    ended = [outcome.date for outcome in outcomes if outcome.status != runs.PENDING]
    if ended:
        found["LastAssociationExecutionDate"] = max(ended)
    succeeded = [outcome.date for outcome in outcomes if outcome.status == runs.SUCCESS]
    if succeeded:
        found["LastSuccessfulAssociationExecutionDate"] = max(succeeded)
    return found
