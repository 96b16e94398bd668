"""What a node reports of each inventory type: `data/*.toml` by operating system, and its tags.

The records are made up, and the same node always has the same ones.
"""

import hashlib
import ipaddress
import re
import tomllib
from functools import cache
from typing import Any

from localaws import images
from localaws.adapter import networking
from localaws.systems_manager.state import Node

Records = list[dict[str, str]]
WORKLOAD_TAG = "Workload"
# The workload that gets updates first; every other one is a patch level behind.
CURRENT_WORKLOAD = "Test"
# When the images were made.
_INSTALLED_TIME = "2024-10-10T08:12:00Z"
_PACKAGE = re.compile(
    r"((?P<epoch>\d+):)?(?P<version>[^\s-]+)(-(?P<release>\S+))?( (?P<arch>\S+))?"
)


def platform(node: Node) -> dict[str, str]:
    """PlatformType, PlatformName and PlatformVersion."""
    found: dict[str, str] = _data(node)["platform"]
    return found


def records(node: Node, type_name: str) -> Records:
    if type_name == "AWS:Application" and "packages" in _data(node):
        return _packages(node)
    if type_name == "AWS:AWSComponent":
        return [_agent(node)]
    if type_name == "AWS:Network":
        return [_network(node)]
    found: Records = _data(node).get(type_name, [])
    return found


def _data(node: Node) -> dict[str, Any]:
    return _file(images.image_of(node.instance["ImageId"])["os"])


@cache
def _file(operating_system: str) -> dict[str, Any]:
    with (images.DATA / f"{operating_system}.toml").open("rb") as file:
        return tomllib.load(file)


def _packages(node: Node) -> Records:
    """The packages of a Linux node, by name."""
    data = _data(node)
    is_current = node.tags.get(WORKLOAD_TAG) == CURRENT_WORKLOAD
    changed = data["only-in-current-workload" if is_current else "patch-level-behind"]
    versions = {**data["packages"], **changed}
    return [
        {**data["every-package"], **_package(name, versions[name], node)}
        for name in sorted(versions)
    ]


def _package(name: str, text: str, node: Node) -> dict[str, str]:
    match = _PACKAGE.fullmatch(text)
    assert match, f"{name} = {text!r} is not a version"
    version, release = match["version"], match["release"]
    record = {
        "Name": name,
        "Version": version,
        "Architecture": match["arch"] or node.instance["Architecture"],
        "InstalledTime": _INSTALLED_TIME,
    }
    if release:
        record["Release"] = release
        record["PackageId"] = f"{name}-{version}-{release}.src.rpm"
    if match["epoch"]:
        record["Epoch"] = match["epoch"]
    return record


def _agent(node: Node) -> dict[str, str]:
    return {
        "Name": "amazon-ssm-agent",
        "ApplicationType": "AWSComponent",
        "Publisher": "Amazon.com",
        "Version": node.agent_version,
        "InstalledTime": _INSTALLED_TIME,
        "Architecture": node.instance["Architecture"],
        "URL": "http://docs.aws.amazon.com/ssm/latest/APIReference/Welcome.html",
    }


def _network(node: Node) -> dict[str, str]:
    """The primary interface; the subnet's second address is its gateway, the third its resolver."""
    subnet = networking.subnet(node.instance["SubnetId"]) or {}
    network = ipaddress.IPv4Network(subnet["CidrBlock"])
    digest = hashlib.sha256(node.node_id.encode()).digest()
    return {
        "Name": _data(node)["network"]["interface"],
        "SubnetMask": str(network.netmask),
        "Gateway": str(network[1]),
        "DHCPServer": str(network[1]),
        "DNSServer": str(network[2]),
        "MacAddress": ":".join(f"{byte:02x}" for byte in (0x0A, *digest[:5])),
        "IPV4": node.instance["PrivateIpAddress"],
        "IPV6": "",
    }
