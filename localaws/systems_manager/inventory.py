"""Inventory: what a run of AWS-GatherSoftwareInventory collects from a node.

Each type is collected where its parameter asks for it and the platform has it, as in the agent;
types not asked for keep their former data. No node has files or registry keys that match.
"""

import json
from functools import cache
from typing import Any

from localaws.images import DATA
from localaws.systems_manager import catalog
from localaws.systems_manager.state import Association, InventoryItem, Node, RegionState

INSTANCE_INFORMATION = "AWS:InstanceInformation"
# By parameter of the document: the type, and whether only Windows has it.
_TYPES = {
    "applications": ("AWS:Application", False),
    "awsComponents": ("AWS:AWSComponent", False),
    "billingInfo": ("AWS:BillingInfo", False),
    "files": ("AWS:File", False),
    "instanceDetailedInformation": ("AWS:InstanceDetailedInformation", False),
    "networkConfig": ("AWS:Network", False),
    "services": ("AWS:Service", True),
    "windowsRegistry": ("AWS:WindowsRegistry", True),
    "windowsRoles": ("AWS:WindowsRole", True),
    "windowsUpdates": ("AWS:WindowsUpdate", True),
}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Version and attributes of each type, by its name."""
    text = (DATA / "inventory-schema.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def collect(state: RegionState, association: Association, node: Node, moment: float) -> None:
    """Store what the association's parameters ask for, at their first value."""
    is_windows = catalog.platform(node)["PlatformType"] == "Windows"
    parameters = association.settings.get("Parameters", {})
    for parameter, (type_name, is_windows_only) in _TYPES.items():
        is_wanted = parameters.get(parameter, [""])[0] not in ("", "Disabled")
        if is_wanted and (is_windows or not is_windows_only):
            version = schemas()[type_name]["version"]
            item = InventoryItem(type_name, version, moment, catalog.records(node, type_name))
            put(state, node, item)


def put(state: RegionState, node: Node, item: InventoryItem) -> None:
    """Replace the node's data of this type."""
    state.inventory.setdefault(node.node_id, {})[item.type_name] = item


def of_node(state: RegionState, node: Node) -> dict[str, InventoryItem]:
    """All types of a node, with AWS:InstanceInformation, which its registration brings."""
    return {**state.inventory.get(node.node_id, {}), INSTANCE_INFORMATION: _information(node)}


def _information(node: Node) -> InventoryItem:
    content = {
        "AgentType": "amazon-ssm-agent",
        "AgentVersion": node.agent_version,
        "ComputerName": node.instance["PrivateDnsName"],
        "InstanceId": node.node_id,
        "InstanceStatus": _status(node),
        "IpAddress": node.instance["PrivateIpAddress"],
        **catalog.platform(node),
        "ResourceType": "EC2Instance",
    }
    return InventoryItem(INSTANCE_INFORMATION, "1.0", node.last_ping, [content])


def _status(node: Node) -> str:
    if node.ec2_state == "running":
        return "Active" if node.is_online else "ConnectionLost"
    return "Terminated" if node.is_terminated else "Stopped"
