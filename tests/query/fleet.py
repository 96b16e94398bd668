"""A made-up fleet as its data syncs have written it, and the answers that plain Python gives."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]
Package = dict[str, str]

ACCOUNTS = ("111122223333", "444455556666")
REGIONS = ("us-east-1", "eu-west-1")
PLATFORMS = (
    ("Linux", "Amazon Linux", "2023"),
    ("Linux", "Ubuntu", "24.04"),
    ("Windows", "Microsoft Windows Server 2022", "10.0.20348"),
)
PACKAGES = ("openssl", "curl-minimal", "it's", "kernel")
# With an epoch, a tilde, no release, and one that is no version to a platform with numbers.
VERSIONS = (
    {"Version": "3.0.8", "Release": "1.amzn2023", "Epoch": "1"},
    {"Version": "3.0.14", "Release": "2", "Epoch": "0"},
    {"Version": "3.0.14~rc1"},
    {"Version": "3.2.0", "Release": "1", "Epoch": ""},
    {"Version": "unknown"},
)
STATUSES = ("Active", "Active", "Active", "Stopped", "ConnectionLost", "Terminated", "Terminated")
PATCHES = (("ALAS-1", "Security", "CRITICAL"), ("ALAS-2", "Bugfix", "LOW"), ("KB5", "Security", ""))
STATES = ("Installed", "Missing", "Missing", "Failed", "InstalledPendingReboot")


@dataclass(frozen=True)
class FleetNode:
    """A node, and what its objects hold by inventory type; none for an object that is missing."""

    account: str
    region: str
    node_id: str
    status: str
    platform: tuple[str, str, str]
    agent: str
    computer: str
    objects: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        return self.status != "Terminated"

    @property
    def place(self) -> Row:
        return self.account, self.region, self.node_id

    @property
    def packages(self) -> list[Package]:
        return self.objects.get("AWS:Application", [])

    @property
    def workload(self) -> str | None:
        tags = self.objects.get("AWS:Tag", [])
        return next((tag["Value"] for tag in tags if tag["Key"] == "Workload"), None)

    @property
    def newest_capture(self) -> str:
        return max(
            each["captureTime"] for entries in self.objects.values() for each in entries if entries
        )


def key(node: FleetNode, inventory_type: str) -> str:
    place = f"accountid={node.account}/region={node.region}"
    return f"{inventory_type}/{place}/resourcetype=ManagedInstanceInventory/{node.node_id}.json"


def make_fleet(count: int, seed: int, now: datetime | None = None) -> list[FleetNode]:
    """A fleet of so many nodes; one id is in two accounts."""
    chance = random.Random(seed)  # noqa: S311 - nothing is secret
    now = now or datetime.now(UTC)
    nodes = [_node(chance, f"i-{number:017x}", now) for number in range(1, count)]
    first = nodes[0]
    other = ACCOUNTS[1 - ACCOUNTS.index(first.account)]
    twin = _node(chance, first.node_id, now, account=other, status="Active")
    return [*nodes, twin]


def _node(
    chance: random.Random, node_id: str, now: datetime, account: str = "", status: str = ""
) -> FleetNode:
    node = FleetNode(
        account=account or chance.choice(ACCOUNTS),
        region=chance.choice(REGIONS),
        node_id=node_id,
        status=status or chance.choice(STATUSES),
        platform=chance.choice(PLATFORMS),
        agent=chance.choice(("3.3.0.0", "3.3.987.0", "2.0.700.0")),
        computer=f"host-{node_id[-4:]}",
    )
    age = timedelta(days=chance.choice((0, 1, 5, 40)), seconds=chance.randrange(80_000))
    entries: dict[str, list[dict[str, str]]] = {
        "AWS:InstanceInformation": [_information(node)],
        "AWS:Application": list(_applications(chance)),
        "AWS:ComplianceItem": list(_items(chance)),
        "AWS:ComplianceSummary": list(_summaries(chance)),
        "AWS:Tag": list(_tags(chance)),
    }
    for inventory_type, content in entries.items():
        # Some objects are missing, and some are empty.
        if inventory_type == "AWS:InstanceInformation" or chance.random() > 0.1:
            older = timedelta(days=chance.choice((0, 0, 30)))
            captured = f"{now - age - older:%Y-%m-%dT%H:%M:%SZ}"
            node.objects[inventory_type] = [
                {
                    **each,
                    "resourceId": node_id,
                    "captureTime": captured,
                    "schemaVersion": "1.0",
                }
                for each in content
            ]
    return node


def _information(node: FleetNode) -> dict[str, str]:
    kind, name, version = node.platform
    return {
        "AgentType": "amazon-ssm-agent",
        "AgentVersion": node.agent,
        "ComputerName": node.computer,
        "InstanceId": node.node_id,
        "InstanceStatus": node.status,
        "PlatformType": kind,
        "PlatformName": name,
        "PlatformVersion": version,
        "ResourceType": "EC2Instance",
    }


def _applications(chance: random.Random) -> Iterator[dict[str, str]]:
    if chance.random() < 0.1:
        return
    for name in PACKAGES:
        # Several versions of a package on one node, and one twice for two architectures.
        for version in chance.sample(VERSIONS, chance.randrange(3)):
            for architecture in ("x86_64", "i686")[: chance.choice((1, 1, 2))]:
                yield {"Name": name, **version, "Architecture": architecture}


def _items(chance: random.Random) -> Iterator[dict[str, str]]:
    for patch, classification, severity in PATCHES:
        state = chance.choice(STATES)
        yield {
            "ComplianceType": "Patch",
            "Id": patch,
            "Title": f"{patch} of {classification}",
            "Classification": classification,
            "Severity": severity,
            "Status": "COMPLIANT" if state == "Installed" else "NON_COMPLIANT",
            "PatchState": state,
        }
    yield {"ComplianceType": "Association", "Id": "a", "Status": "COMPLIANT", "Title": ""}


def _summaries(chance: random.Random) -> Iterator[dict[str, str]]:
    for kind in ("Association", "Patch", "Custom:Backup"):
        # Two of one type, as of two baselines.
        for _ in range(chance.randrange(3)):
            status = chance.choice(("COMPLIANT", "NON_COMPLIANT"))
            yield {"ComplianceType": kind, "Status": status}


def _tags(chance: random.Random) -> Iterator[dict[str, str]]:
    if workload := chance.choice(("Test", "Prod", "")):
        yield {"Key": "Workload", "Value": workload}
        yield {"Key": "Owner", "Value": "me"}


def objects(fleet: Iterable[FleetNode]) -> dict[str, bytes]:
    """The objects of the fleet by key, with those that say nothing about a node."""
    found = {
        key(node, inventory_type): content(entries)
        for node in fleet
        for inventory_type, entries in node.objects.items()
    }
    for account in ACCOUNTS:
        found[f"AWS:InstanceInformation/accountid={account}/test.json"] = b"This is a test file."
    node = next(iter(fleet))
    found[key(node, "Custom:Backup")] = b'{"Vault": "a"}'
    found[key(node, "AWS:Network").replace(node.node_id, "i-0e")] = b""
    return found


def content(entries: Iterable[Mapping[str, str]]) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in entries).encode()


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


# --- the answers ---------------------------------------------------------------------------------


def full_version(package: Package) -> str:
    epoch, release = package.get("Epoch", ""), package.get("Release", "")
    before = f"{epoch}:" if epoch not in ("", "0") else ""
    return f"{before}{package['Version']}{f'-{release}' if release else ''}"


def _installed(fleet: Iterable[FleetNode], name: str) -> Iterator[tuple[FleetNode, Package]]:
    for node in fleet:
        for package in node.packages if node.is_there else []:
            if package["Name"] == name:
                yield node, package


def _counted(found: Iterable[tuple[Row, Row]]) -> dict[Row, int]:
    """How many nodes there are of each kind, each once."""
    nodes: dict[Row, set[Row]] = defaultdict(set)
    for kind, place in found:
        nodes[kind].add(place)
    return {kind: len(places) for kind, places in nodes.items()}


def software_by_version(fleet: list[FleetNode], package: str) -> list[Row]:
    counted = _counted(
        ((p["Name"], p["Version"], p.get("Release", ""), p["Architecture"]), node.place)
        for node, p in _installed(fleet, package)
    )
    rows = [(*kind, nodes) for kind, nodes in counted.items()]
    return sorted(rows, key=lambda row: (-row[4], *row[1:4]))


def package_versions(fleet: list[FleetNode], package: str) -> list[Row]:
    counted = _counted(
        (
            (
                *node.platform[:2],
                p["Version"],
                p.get("Release", ""),
                p.get("Epoch", ""),
                full_version(p),
            ),
            node.place,
        )
        for node, p in _installed(fleet, package)
    )
    return sorted((*kind, nodes) for kind, nodes in counted.items())


# What of VERSIONS is below 3.0.14, by the rules of each platform; a text is no number.
_BELOW_3_0_14 = {
    "Amazon Linux": ("3.0.8", "3.0.14~rc1", "unknown"),
    "Ubuntu": ("3.0.8", "3.0.14~rc1"),
    "Microsoft Windows Server 2022": (),
}


def nodes_with_version_below_3_0_14(fleet: list[FleetNode], package: str) -> list[Row]:
    rows = {
        (
            *node.place,
            node.computer,
            *node.platform[:2],
            full_version(p),
            p["Architecture"],
        )
        for node, p in _installed(fleet, package)
        if p["Version"] in _BELOW_3_0_14[node.platform[1]]
    }
    return sorted(rows, key=lambda row: (*row[:3], *row[6:]))


def nodes_without_package(fleet: list[FleetNode], package: str) -> list[Row]:
    have = {node.place for node, _ in _installed(fleet, package)}
    return sorted(
        (*node.place, node.computer, *node.platform[1:])
        for node in fleet
        if node.is_there and node.place not in have
    )


def agent_versions(fleet: list[FleetNode]) -> list[Row]:
    there = [node for node in fleet if node.is_there]
    counted = Counter((node.agent, node.platform[1]) for node in there)
    rows = [
        ("amazon-ssm-agent", agent, platform, nodes, nodes / len(there))
        for (agent, platform), nodes in counted.items()
    ]
    return sorted(rows, key=lambda row: (-row[3], *row[:3]))


def _entries(
    fleet: Iterable[FleetNode], inventory_type: str
) -> Iterator[tuple[FleetNode, dict[str, str]]]:
    for node in fleet:
        for entry in node.objects.get(inventory_type, []) if node.is_there else []:
            yield node, entry


def missing_patches(fleet: list[FleetNode]) -> list[Row]:
    counted = _counted(
        ((item["Id"], item["Title"], item["Classification"], item["Severity"]), node.place)
        for node, item in _entries(fleet, "AWS:ComplianceItem")
        if item.get("PatchState") == "Missing"
    )
    rows = [(*kind, nodes) for kind, nodes in counted.items()]
    return sorted(rows, key=lambda row: (-row[4], *row[:4]))


def stale_nodes(fleet: list[FleetNode], days: str) -> list[Row]:
    first_day = f"{datetime.now(UTC) - timedelta(days=int(days)):%Y-%m-%d}"
    return sorted(
        (*node.place, node.computer, node.platform[1], node.status, node.newest_capture)
        for node in fleet
        if node.is_there and node.newest_capture < first_day
    )


def compliance_by_type(fleet: list[FleetNode]) -> list[Row]:
    worst: dict[str, dict[Row, bool]] = defaultdict(dict)
    for node, summary in _entries(fleet, "AWS:ComplianceSummary"):
        of_type = worst[summary["ComplianceType"]]
        complies = summary["Status"] == "COMPLIANT"
        of_type[node.place] = of_type.get(node.place, True) and complies
    return sorted(
        (kind, len(nodes), sum(nodes.values()), len(nodes) - sum(nodes.values()))
        for kind, nodes in worst.items()
    )


def drift(fleet: list[FleetNode], one: str, other: str) -> list[Row]:
    counts: list[dict[Row, int]] = []
    for workload in (one, other):
        nodes = [node for node in fleet if node.workload == workload]
        counts.append(
            _counted(
                ((p["Name"], p["Architecture"], full_version(p)), node.place)
                for name in PACKAGES
                for node, p in _installed(nodes, name)
            )
        )
    kinds = {*counts[0], *counts[1]}
    rows = [(*kind, counts[0].get(kind, 0), counts[1].get(kind, 0)) for kind in kinds]
    return sorted(row for row in rows if 0 in row[3:])


@dataclass(frozen=True)
class Asked:
    """A question with its parameters, and the function that answers it in Python."""

    question: str
    parameters: dict[str, str]
    answer: Callable[..., list[Row]]

    def expected(self, fleet: list[FleetNode]) -> list[Row]:
        values = [value for name, value in self.parameters.items() if name != "version"]
        return self.answer(fleet, *values)

    def __str__(self) -> str:
        return " ".join([self.question, *self.parameters.values()])


_ASKED = [
    Asked("software_by_version", {"package": "openssl"}, software_by_version),
    Asked("software_by_version", {"package": "it's"}, software_by_version),
    Asked("software_by_version", {"package": "none"}, software_by_version),
    Asked("package_versions", {"package": "kernel"}, package_versions),
    Asked(
        "nodes_with_version",
        {"package": "openssl", "version": "<3.0.14"},
        nodes_with_version_below_3_0_14,
    ),
    Asked("nodes_without_package", {"package": "kernel"}, nodes_without_package),
    Asked("agent_versions", {}, agent_versions),
    Asked("missing_patches", {}, missing_patches),
    Asked("stale_nodes", {"days": "4"}, stale_nodes),
    Asked("stale_nodes", {"days": "0"}, stale_nodes),
    Asked("compliance_by_type", {}, compliance_by_type),
    Asked("drift", {"one": "Test", "other": "Prod"}, drift),
]
ASKED = {str(asked): asked for asked in _ASKED}
"""Every question at least once, with its parameters in the name."""
