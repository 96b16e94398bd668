"""What the local AWS does as Systems Manager, against AWS's documentation.

It knows everything, so rows about what a template or an answer cannot show are not for it.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from localaws.systems_manager import (
    agent,
    catalog,
    inventory,
    inventory_rule,
    reachability,
    schedule,
    targets,
)
from tests.conformance.rows import Row, rows, table

if TYPE_CHECKING:
    from localaws.systems_manager.state import Association, Node, RegionState

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LAST_RUN = NOW - timedelta(minutes=10)


def decided(name: str, kind: str = "row") -> list[Any]:
    """The rows whose outcome is known where everything is."""
    decided_rows = (row for row in table(name, kind) if row["outcome"] != "unknown")
    return [pytest.param(row, id=row["branch"]) for row in decided_rows]


@pytest.mark.parametrize("row", rows("schedule"))
def test_schedule(row: Row) -> None:
    assert schedule.accepts(row["input"]) == row["outcome"]["accepted"]
    assert schedule.next_run(row["input"], NOW, start=LAST_RUN) == row["outcome"].get("next_run")


@pytest.mark.parametrize("row", rows("schedule", "offset"))
def test_offset(row: Row) -> None:
    if expected := row["outcome"].get("next_run"):
        expression, days = row["input"]["expression"], row["input"]["days"]
        found = schedule.next_run(expression, NOW, start=LAST_RUN, offset_days=days)
        assert found == expected


def conditions(given: dict[str, list[str]]) -> list[targets.Target]:
    return [{"Key": key, "Values": values} for key, values in given.items()]


@pytest.mark.parametrize("row", decided("targets"))
def test_targets(row: Row) -> None:
    given, group = row["input"], row["input"].get("group", {})
    tags = given["node"].get("tags", {})
    is_member = bool(group) and all(tags.get(key) in values for key, values in group.items())
    answer = targets.matches(
        conditions(given["targets"]), given["node"]["id"], tags, ["lab"] if is_member else []
    )
    assert ("yes" if answer else "no") == row["outcome"]


@pytest.mark.parametrize("row", rows("targets", "kind"))
def test_each_kind_of_targets_is_taken(row: Row) -> None:
    targets.check(row["rendered"])


@pytest.mark.parametrize("row", rows("precedence"))
def test_precedence(row: Row) -> None:
    contenders = [
        inventory_rule.Contender(
            association_id=name,
            name=name,
            is_for_all_nodes=targets.is_for_all_nodes(conditions(given)),
        )
        for name, given in row["input"].items()
    ]
    assert inventory_rule.decide(contenders) == row["outcome"]


def security_rules(given: list[dict[str, Any]]) -> tuple[reachability.Rule, ...]:
    return tuple(
        reachability.Rule(
            protocol=each.get("protocol", "tcp"),
            ports=tuple(each.get("ports", [443, 443])),
            cidrs=(each["cidr"],) if "." in each.get("cidr", "") else (),
            security_groups=(each["group"],) if "group" in each else (),
        )
        for each in given
    )


ROUTES = {
    "": reachability.DefaultRoute.NONE,
    "internet gateway": reachability.DefaultRoute.INTERNET_GATEWAY,
    # A gateway that does not work counts as none.
    "detached internet gateway": reachability.DefaultRoute.NONE,
    "NAT gateway": reachability.DefaultRoute.NAT_GATEWAY,
    "isolated NAT gateway": reachability.DefaultRoute.PRIVATE_NAT_GATEWAY,
}


@pytest.mark.parametrize("row", decided("reachability"))
def test_reachability(row: Row) -> None:
    given = row["input"]
    endpoints = given.get("endpoints", [])
    answer = reachability.reaches_systems_manager(
        egress=security_rules(given["egress"]),
        default_route=ROUTES[(given["routes"] or [""])[0]],
        has_public_address=given.get("public_address", False),
        endpoints=[
            reachability.Endpoint(
                service=service,
                has_private_dns=each.get("private_dns", True),
                ingress=security_rules(each["ingress"]),
                security_groups=("sg-endpoint",),
            )
            for each in (endpoints if endpoints != "?" else [])
            for service in each.get("services", ["ssm", "ssmmessages"])
        ],
        address="10.0.0.4",
        security_groups=("sg-node",),
    )
    assert ("yes" if answer else "no") == row["outcome"]


@pytest.mark.parametrize("row", decided("agent", "image"))
def test_agent_in_the_image(row: Row) -> None:
    assert ("yes" if agent.is_preinstalled(row["input"]) else "no") == row["outcome"]


@pytest.mark.parametrize("row", rows("inventory_types"))
def test_inventory_types(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    given = row["input"]
    platform = {"PlatformType": given["platform"]}
    monkeypatch.setattr(catalog, "platform", lambda _: platform)
    monkeypatch.setattr(catalog, "records", lambda *_: [])
    parameters = {name: [text] for name, text in given["parameters"].items()}
    association = cast("Association", SimpleNamespace(settings={"Parameters": parameters}))
    state = cast("RegionState", SimpleNamespace(inventory={}))
    inventory.collect(state, association, cast("Node", SimpleNamespace(node_id="i-1")), 0)
    assert set(state.inventory.get("i-1", {})) == set(row["outcome"])
