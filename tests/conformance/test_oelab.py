"""What oelab knows of Systems Manager, against AWS's documentation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oelab.constraints.ssm import schedule_expression, schedule_offset
from oelab.systems_manager import agent
from oelab.systems_manager.inventory_types import collected_types
from oelab.systems_manager.precedence import Priority, precedence, priority_of
from oelab.systems_manager.reachability import (
    UNKNOWN_GROUP,
    AclEntry,
    InterfaceEndpoint,
    NodeNetwork,
    Obstacle,
    RouteTarget,
    SecurityGroup,
    SecurityGroupRule,
    reach_s3,
    reach_systems_manager,
)
from oelab.systems_manager.schedule import interval, next_run, parse
from oelab.systems_manager.targets import (
    NodeIdentity,
    Opaque,
    ResourceGroup,
    Tags,
    Targets,
    Value,
    find_overlap,
    matches,
    targets_of,
)
from oelab.systems_manager.tristate import Answer
from tests.conformance.rows import Row, rows

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LAST_RUN = NOW - timedelta(minutes=10)
ANSWERS: dict[Answer, str] = {True: "yes", False: "no", None: "unknown"}


# --- schedules ---------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("schedule"))
def test_schedule(row: Row) -> None:
    expression, outcome = row["input"], row["outcome"]
    schedule = parse(expression)
    found = list(schedule_expression("schedule", expression))
    assert (schedule is not None) == (not found) == outcome["accepted"]
    assert all(row.get("misfit", "") in finding.reason for finding in found)
    assert next_run(schedule, last_run=LAST_RUN, now=NOW) == outcome.get("next_run")
    if minutes := outcome.get("interval_minutes"):
        assert interval(schedule) == timedelta(minutes=minutes)


@pytest.mark.parametrize("row", rows("schedule", "offset"))
def test_offset(row: Row) -> None:
    expression, days = row["input"]["expression"], row["input"]["days"]
    assert (not [*schedule_offset("x", days, expression)]) == row["outcome"]["accepted"]
    if expected := row["outcome"].get("next_run"):
        schedule = parse(expression)
        assert next_run(schedule, last_run=LAST_RUN, now=NOW, offset_days=days) == expected


def test_what_never_ran_or_is_unknown_has_no_next_run() -> None:
    assert next_run(parse("rate(1 day)"), last_run=None, now=NOW) is None
    assert next_run(parse("cron(0 0/3 * * ? *)"), last_run=LAST_RUN, now=NOW) is None
    assert interval(parse("at(2026-07-07T15:55:00)")) is None


def test_a_rate_that_is_overdue_is_due_now() -> None:
    assert next_run(parse("rate(1 day)"), last_run=NOW - timedelta(days=2), now=NOW) == NOW


# --- targets -----------------------------------------------------------------------------------


def value(text: str) -> Value:
    return Opaque("stack", text) if text.startswith("?") else text


def targets(given: dict[str, list[str]], group: dict[str, list[str]] | None = None) -> Targets:
    found = targets_of((key, tuple(map(value, values))) for key, values in given.items())
    if isinstance(found, ResourceGroup) and group:
        return ResourceGroup(found.name, Tags({key: tuple(group[key]) for key in group}))
    return found


def node(given: dict[str, Any]) -> NodeIdentity:
    return NodeIdentity(
        id=given["id"],
        tags=given.get("tags", {}),
        has_more_tags=given.get("has_more_tags", False),
    )


@pytest.mark.parametrize("row", rows("targets"))
def test_targets(row: Row) -> None:
    given = row["input"]
    answer = matches(targets(given["targets"], given.get("group")), node(given["node"]))
    assert ANSWERS[answer] == row["outcome"]


@pytest.mark.parametrize("row", rows("targets", "overlap"))
def test_overlap(row: Row) -> None:
    nodes = [node(each) for each in row["input"].get("nodes", [])]
    pair = targets(row["input"]["one"]), targets(row["input"]["other"])
    for one, other in (pair, reversed(pair)):
        found = find_overlap(one, other, nodes)
        assert (found.likelihood.name.lower() if found else "never") == row["outcome"]


# --- precedence --------------------------------------------------------------------------------


class Named:
    def __init__(self, name: str, given: dict[str, list[str]]) -> None:
        self.name = name
        self.priority: Priority = priority_of(name, targets(given))


@pytest.mark.parametrize("row", rows("precedence"))
def test_precedence(row: Row) -> None:
    decision = precedence([Named(name, given) for name, given in row["input"].items()])
    found = {
        **{each.name: "runs" for each in [decision.running] if each},
        **{each.name: "fails" for each in decision.conflicting},
        **{each.name: "skipped" for each in decision.skipped},
    }
    assert found == row["outcome"]


# --- reachability ------------------------------------------------------------------------------


def security_rules(given: list[dict[str, Any]]) -> tuple[SecurityGroupRule, ...]:
    return tuple(
        SecurityGroupRule(
            protocol=known(each.get("protocol", "tcp")),
            ports=tuple(ports) if (ports := known(each.get("ports", [443, 443]))) else None,
            cidr=value(each["cidr"]) if "cidr" in each else None,
            group=each.get("group"),
        )
        for each in given
    )


def known(given: Any) -> Any:
    return None if given == "?" else given


def endpoints(given: list[dict[str, Any]]) -> tuple[InterfaceEndpoint, ...]:
    return tuple(
        InterfaceEndpoint(
            service=known(service),
            groups=(endpoint_group(each),),
            addresses=("10.0.0.0/16",),
            has_private_dns=each.get("private_dns", True),
        )
        for each in given
        for service in each.get("services", ["ssm", "ssmmessages"])
    )


def endpoint_group(given: dict[str, Any]) -> SecurityGroup:
    if given.get("group") == "?":
        return UNKNOWN_GROUP
    return SecurityGroup(id="sg-endpoint", egress=(), ingress=security_rules(given["ingress"]))


def acl(given: list[dict[str, Any]]) -> tuple[AclEntry, ...]:
    return tuple(
        AclEntry(
            number=each["number"],
            is_egress=each.get("egress", False),
            allows=each["allows"],
            about=security_rules([each])[0],
        )
        for each in given
    )


def network(given: dict[str, Any], **more: Any) -> NodeNetwork:
    found = given.get("endpoints", [])
    egress = security_rules(given["egress"])
    return NodeNetwork(
        groups=(SecurityGroup(id="sg-node", egress=egress, ingress=()),),
        addresses=tuple(given.get("addresses", ["10.0.0.4"])),
        routes=tuple(map(RouteTarget, given["routes"])),
        has_public_address=known(given.get("public_address", False)),
        acl=acl(given["acl"]) if "acl" in given else None,
        endpoints=None if found == "?" else endpoints(found),
        has_s3_gateway=given.get("s3_gateway", False),
        **more,
    )


@pytest.mark.parametrize("row", [*rows("reachability"), *rows("reachability", "acl")])
def test_reachability(row: Row) -> None:
    reached = reach_systems_manager(network(row["input"]))
    assert ANSWERS[reached.answer] == row["outcome"]
    assert bool(reached.obstacles) == (reached.answer is not True)
    certain = [obstacle for obstacle, is_certain in reached.obstacles.items() if is_certain]
    assert certain == [Obstacle[name] for name in row.get("obstacles", [])]


@pytest.mark.parametrize("row", rows("reachability", "proxy"))
def test_reachability_with_a_proxy(row: Row) -> None:
    reached = reach_systems_manager(network(row["input"], may_use_proxy=True))
    assert ANSWERS[reached.answer] == row["outcome"]
    assert not any(reached.obstacles.values())


@pytest.mark.parametrize("row", rows("reachability", "s3"))
def test_reachability_of_s3(row: Row) -> None:
    assert ANSWERS[reach_s3(network(row["input"]))] == row["outcome"]


# --- the agent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("agent", "image"))
def test_agent_in_the_image(row: Row) -> None:
    assert ANSWERS[agent.has_agent(row["input"])] == row["outcome"]


@pytest.mark.parametrize("row", rows("agent", "imdsv2"))
def test_imdsv2(row: Row) -> None:
    assert agent.requires_imdsv2(row["input"]) is row["outcome"]


@pytest.mark.parametrize("row", rows("agent", "version"))
def test_agent_version(row: Row) -> None:
    oldest = getattr(agent, row["input"]["oldest"])
    assert agent.is_older(row["input"]["version"], oldest) == (row["outcome"] == "too old")


# --- inventory types ---------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("inventory_types"))
def test_inventory_types(row: Row) -> None:
    given = row["input"]
    parameters = {name: [text] for name, text in given["parameters"].items()}
    found = collected_types(parameters, windows=given["platform"] == "Windows")
    assert {each.name for each in found} == set(row["outcome"])
    assert {each.name for each in found if each.is_never_empty} == set(row["never_empty"])
