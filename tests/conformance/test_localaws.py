"""What the local AWS does as Systems Manager, against AWS's documentation.

It knows everything, so rows about what a template or an answer cannot tell are not for it.
"""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from localaws.adapter import resource_groups
from localaws.errors import AwsError
from localaws.systems_manager import inventory, inventory_rule, reachability, schedule, targets
from localaws.systems_manager.state import Association, Node, ScopeState
from tests.conformance.rows import Row, rows, table

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LAST_RUN = NOW - timedelta(minutes=10)


def decided(name: str) -> list[Any]:
    """The rows whose outcome is known where everything is."""
    decided_rows = (row for row in table(name) if row["outcome"] != "unknown")
    return [pytest.param(row, id=row["branch"]) for row in decided_rows]


# --- schedules ---------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("schedule"))
def test_schedule(row: Row) -> None:
    try:
        parsed = schedule.parse(row["input"])
    except AwsError:
        assert not row["outcome"]["accepted"]
        return
    assert row["outcome"]["accepted"]
    if expected := row["outcome"].get("next_run"):
        start, after = LAST_RUN.timestamp(), NOW.timestamp()
        due = expected.timestamp()
        assert parsed.last_due(start, after, due) == due
        assert parsed.last_due(start, after, due - 1) is None


# --- targets and precedence --------------------------------------------------------------------


def association(name: str, given: dict[str, list[str]]) -> Association:
    conditions = [{"Key": key, "Values": values} for key, values in given.items()]
    settings = {"AssociationName": name, "Targets": conditions}
    return Association(
        association_id=name,
        document="AWS-GatherSoftwareInventory",
        settings=settings,
        created=0,
        updated=0,
    )


@pytest.mark.parametrize("row", decided("targets"))
def test_targets(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    given = row["input"]
    filters = [{"Key": key, "Values": values} for key, values in given.get("group", {}).items()]
    query = {"Query": json.dumps({"TagFilters": filters})}
    monkeypatch.setattr(resource_groups, "find", lambda _: ([], query))
    node = Node(given["node"]["id"], tags=given["node"].get("tags", {}))
    answer = targets.applies_to(association("a", given["targets"]), node)
    assert ("yes" if answer else "no") == row["outcome"]


@pytest.mark.parametrize("row", rows("precedence"))
def test_precedence(row: Row) -> None:
    present = [association(name, given) for name, given in row["input"].items()]
    verdicts = {each.association_id: inventory_rule.judge(each, present) for each in present}
    found = {
        name: "fails" if verdict.conflict else "skipped" if verdict.overridden else "runs"
        for name, verdict in verdicts.items()
    }
    assert found == row["outcome"]


# --- reachability ------------------------------------------------------------------------------

INSTANCE = {
    "SecurityGroups": [{"GroupId": "sg-node"}],
    "SubnetId": "subnet-1",
    "VpcId": "vpc-1",
    "PrivateIpAddress": "10.0.0.4",
}
TO = {"internet gateway": {"GatewayId": "igw-1"}, "NAT gateway": {"NatGatewayId": "nat-1"}}


def permissions(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "IpProtocol": each.get("protocol", "tcp"),
            "FromPort": each.get("ports", [443, 443])[0],
            "ToPort": each.get("ports", [443, 443])[1],
            "IpRanges": [{"CidrIp": each["cidr"]}] if "." in each.get("cidr", "") else [],
            "UserIdGroupPairs": [{"GroupId": each["group"]}] if "group" in each else [],
        }
        for each in given
    ]


def network(given: dict[str, Any]) -> SimpleNamespace:
    """What EC2 holds, for an instance in subnet-1 and a NAT gateway in subnet-2."""
    endpoints = given.get("endpoints", [])
    ingress = permissions([rule for each in endpoints for rule in each["ingress"]])
    groups = {
        "sg-node": {"GroupId": "sg-node", "IpPermissionsEgress": permissions(given["egress"])},
        "sg-endpoint": {"GroupId": "sg-endpoint", "IpPermissions": ingress},
    }
    tables = {
        "subnet-1": map(TO.__getitem__, given["routes"]),
        "subnet-2": [{"GatewayId": "igw-1"}],
    }
    nat = {"State": "available", "ConnectivityType": "public", "SubnetId": "subnet-2"}
    return SimpleNamespace(
        security_group=groups.get,
        vpc=lambda _: {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True},
        internet_gateways=lambda: {"igw-1": {"Attachments": [{"VpcId": "vpc-1"}]}},
        nat_gateways=lambda: {"nat-1": nat | {"VpcId": "vpc-1"}},
        route_tables=lambda: [
            {
                "VpcId": "vpc-1",
                "Associations": [{"SubnetId": subnet}],
                "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", **each} for each in routes],
            }
            for subnet, routes in tables.items()
        ],
        vpc_endpoints=lambda: [
            {
                "VpcId": "vpc-1",
                "VpcEndpointType": "Interface",
                "State": "available",
                "SubnetIds": ["subnet-1"],
                "ServiceName": f"com.amazonaws.us-east-1.{service}",
                "PrivateDnsEnabled": each.get("private_dns", True),
                "SecurityGroupIds": ["sg-endpoint"],
            }
            for each in endpoints
            for service in each.get("services", ["ssm", "ssmmessages"])
        ],
    )


@pytest.mark.parametrize("row", decided("reachability"))
def test_reachability(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    given = row["input"]
    if given.get("endpoints") == "?":
        given = given | {"endpoints": []}
    monkeypatch.setattr(reachability, "networking", network(given))
    monkeypatch.setattr(reachability, "scope", SimpleNamespace(region=lambda: "us-east-1"))
    address = {"PublicIpAddress": "203.0.113.1"} if given.get("public_address") else {}
    answer = reachability.has_way_out({**INSTANCE, **address})
    assert ("yes" if answer else "no") == row["outcome"]


# --- inventory types ---------------------------------------------------------------------------

SYSTEMS = {"Linux": "amazon-linux-2023", "Windows": "windows-2022"}


@pytest.mark.parametrize("row", rows("inventory_types"))
def test_inventory_types(row: Row) -> None:
    given = row["input"]
    state = ScopeState("111111111111", "us-east-1")
    node = Node("i-1", operating_system=SYSTEMS[given["platform"]])
    inventoried = association("a", {})
    inventoried.settings["Parameters"] = {key: [text] for key, text in given["parameters"].items()}
    inventory.collect(state, inventoried, node, 0)
    assert set(state.inventory.get("i-1", {})) == set(row["outcome"])
