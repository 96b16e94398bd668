"""Inventory: what a run of AWS-GatherSoftwareInventory collects from a node.

Each type is collected where its parameter is exactly `Enabled` (files and registry: where their
text is not empty) and the platform has it, as in the agent. The records are made up from data
files, always the same for the same node; times are those of the run.
"""

import hashlib
import ipaddress
import json
from collections.abc import Callable
from typing import Any

from localaws.adapter import ec2, networking
from localaws.systems_manager import catalog
from localaws.systems_manager.state import Association, InventoryItem, Node, ScopeState

Content = list[dict[str, str]]
RETENTION_SECONDS = 30 * 86400
INSTANCE_INFORMATION = "AWS:InstanceInformation"
_INSTALLED = "2024-10-10T08:12:00Z"  # when the images were made


def collect(state: ScopeState, association: Association, node: Node, moment: float) -> None:
    """Store what the association's parameters ask for; types not asked for keep their old data."""
    parameters = association.settings.get("Parameters") or {}
    windows = platform(node)["PlatformType"] == "Windows"
    for parameter, (type_name, windows_only, gather) in _TYPES.items():
        value = (parameters.get(parameter) or [""])[0]
        wanted = value == "Enabled" or (parameter in _BY_TEXT and value.strip())
        if wanted and (windows or not windows_only):
            put(state, node.instance_id, type_name, gather(node, value), moment)


def put(
    state: ScopeState,
    instance_id: str,
    type_name: str,
    content: Content,
    moment: float,
    schema_version: str = "",
) -> None:
    """Replace the node's data of this type."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    state.inventory.setdefault(instance_id, {})[type_name] = InventoryItem(
        type_name=type_name,
        schema_version=schema_version or _SCHEMA_VERSIONS.get(type_name, "1.0"),
        captured=moment,
        content_hash=digest,
        content=content,
    )


def drop_expired(state: ScopeState, now: float) -> None:
    """Inventory is kept for 30 days after its last update, of terminated nodes too."""
    for items in state.inventory.values():
        for type_name in [t for t, i in items.items() if now - i.captured > RETENTION_SECONDS]:
            del items[type_name]


def platform(node: Node) -> dict[str, str]:
    """PlatformType, PlatformName and PlatformVersion."""
    found: dict[str, str] = catalog.data(node.operating_system)["platform"]
    return found


def of_node(state: ScopeState, node: Node) -> dict[str, InventoryItem]:
    """All types of a node, with AWS:InstanceInformation, which registering alone brings."""
    items = dict(state.inventory.get(node.instance_id, {}))
    if node.registered_at is not None:
        items[INSTANCE_INFORMATION] = _instance_information(node)
    return items


def _instance_information(node: Node) -> InventoryItem:
    content = [
        {
            "AgentType": "amazon-ssm-agent",
            "AgentVersion": node.agent_version,
            "ComputerName": node.computer_name,
            "InstanceId": node.instance_id,
            "InstanceStatus": node.instance_status,
            "IpAddress": node.private_ip,
            **platform(node),
            "ResourceType": "EC2Instance",
        }
    ]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return InventoryItem(INSTANCE_INFORMATION, "1.0", node.last_ping, digest, content)


def _applications(node: Node, _value: str) -> Content:
    common = catalog.data(node.operating_system)["application"]
    if platform(node)["PlatformType"] == "Windows":
        entries = catalog.data(node.operating_system)["application-list"]
        return [{**common, "InstalledTime": _INSTALLED, **entry} for entry in entries]
    return [_application(package, common) for package in catalog.packages(node)]


def _application(package: catalog.Package, common: dict[str, str]) -> dict[str, str]:
    record = {
        **common,
        "Name": package.name,
        "Version": package.version,
        "Architecture": package.architecture,
        "InstalledTime": _INSTALLED,
    }
    if package.release:
        record["Release"] = package.release
        record["PackageId"] = f"{package.name}-{package.version}-{package.release}.src.rpm"
    if package.epoch:
        record["Epoch"] = package.epoch
    return record


def _aws_components(node: Node, _value: str) -> Content:
    return [
        {
            "Name": "amazon-ssm-agent",
            "ApplicationType": "AWSComponent",
            "Publisher": "Amazon.com",
            "Version": node.agent_version,
            "InstalledTime": _INSTALLED,
            "Architecture": node.architecture,
            "URL": "http://docs.aws.amazon.com/ssm/latest/APIReference/Welcome.html",
        }
    ]


def _network(node: Node, _value: str) -> Content:
    record = ec2.instances().get(node.instance_id, {})
    subnet = networking.subnet(record.get("SubnetId", "")) or {"CidrBlock": "10.0.0.0/24"}
    network = ipaddress.IPv4Network(subnet["CidrBlock"])
    digest = hashlib.sha256(node.instance_id.encode()).digest()
    mac = ":".join(f"{byte:02x}" for byte in (0x0A, *digest[:5]))
    return [
        {
            "Name": catalog.data(node.operating_system)["network"]["interface"],
            "SubnetMask": str(network.netmask),
            "Gateway": str(network[1]),
            "DHCPServer": str(network[1]),
            "DNSServer": str(network[2]),
            "MacAddress": mac,
            "IPV4": node.private_ip,
            "IPV6": "",
        }
    ]


def _details(node: Node, _value: str) -> Content:
    found: dict[str, str] = catalog.data(node.operating_system)["instance-detailed-information"]
    return [dict(found)]


def _from_data(section: str) -> Callable[[Node, str], Content]:
    def gather(node: Node, _value: str) -> Content:
        entries: Content = catalog.data(node.operating_system).get(section, [])
        return [dict(entry) for entry in entries]

    return gather


def _nothing(_node: Node, _value: str) -> Content:
    return []


def _files(_node: Node, value: str) -> Content:
    """One file for each path and pattern asked for."""
    return [
        {
            "Name": str(pattern).replace("*", "example"),
            "Size": "1024",
            "InstalledDir": str(entry.get("Path", "")),
            "ModificationTime": _INSTALLED,
            "LastAccessTime": _INSTALLED,
        }
        for entry in _json_list(value)
        for pattern in entry.get("Pattern", [])
    ]


def _registry(_node: Node, value: str) -> Content:
    return [
        {
            "KeyPath": str(entry.get("Path", "")),
            "ValueName": name,
            "ValueType": "REG_SZ",
            "Value": "",
        }
        for entry in _json_list(value)
        for name in entry.get("ValueNames", ["(Default)"])
    ]


def _json_list(value: str) -> list[dict[str, Any]]:
    """The agent skips a text that it cannot read."""
    try:
        entries = json.loads(value)
    except json.JSONDecodeError:
        return []
    return (
        [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )


_SCHEMA_VERSIONS = {"AWS:Application": "1.1"}
_BY_TEXT = ("files", "windowsRegistry")
# By parameter of the document: the type, whether only Windows has it, and how it is made up.
_TYPES: dict[str, tuple[str, bool, Callable[[Node, str], Content]]] = {
    "applications": ("AWS:Application", False, _applications),
    "awsComponents": ("AWS:AWSComponent", False, _aws_components),
    "networkConfig": ("AWS:Network", False, _network),
    "instanceDetailedInformation": ("AWS:InstanceDetailedInformation", False, _details),
    "billingInfo": ("AWS:BillingInfo", False, _nothing),
    "services": ("AWS:Service", True, _from_data("service")),
    "windowsRoles": ("AWS:WindowsRole", True, _from_data("windows-role")),
    "windowsUpdates": ("AWS:WindowsUpdate", True, _from_data("windows-update")),
    "files": ("AWS:File", False, _files),
    "windowsRegistry": ("AWS:WindowsRegistry", True, _registry),
}
