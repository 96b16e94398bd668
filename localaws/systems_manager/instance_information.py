"""DescribeInstanceInformation: the managed nodes that run."""

from typing import Any

from localaws.systems_manager import catalog
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import page
from localaws.systems_manager.state import (
    LATEST_AGENT_VERSION,
    PENDING,
    ExecutionTarget,
    Node,
    aggregate,
)

Request = dict[str, Any]
DEFAULT_PAGE_SIZE = 10


def describe(engine: Engine, request: Request) -> Request:
    nodes = [node for _, node in sorted(engine.state().nodes.items()) if node.is_listed]
    found, token = page(nodes, request, DEFAULT_PAGE_SIZE)
    return {"InstanceInformationList": [_entry(engine, node) for node in found], **token}


def _entry(engine: Engine, node: Node) -> Request:
    return {
        "InstanceId": node.node_id,
        "PingStatus": "Online" if node.is_online else "ConnectionLost",
        "LastPingDateTime": node.last_ping,
        "AgentVersion": node.agent_version,
        "IsLatestVersion": node.agent_version == LATEST_AGENT_VERSION,
        **catalog.platform(node),
        "ResourceType": "EC2Instance",
        "IPAddress": node.instance["PrivateIpAddress"],
        "ComputerName": node.instance["PrivateDnsName"],
        **_overview([target for _, target in engine.state().targets_on(node.node_id)]),
    }


def _overview(targets: list[ExecutionTarget]) -> Request:
    """How all associations of the node together are doing; nothing where none has ended."""
    ended = [target.date for target in targets if target.status != PENDING]
    if not ended:
        return {}
    status, counts = aggregate(targets)
    overview = {"DetailedStatus": status, "InstanceAssociationStatusAggregatedCount": counts}
    return {"AssociationOverview": overview, "LastAssociationExecutionDate": max(ended)}
