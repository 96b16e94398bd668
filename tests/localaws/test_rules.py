"""The documented rules that need no server: schedules, targets, precedence, reachability, agent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localaws.errors import AwsError
from localaws.systems_manager import agent, schedule, targets
from localaws.systems_manager.inventory_rule import Contender, Decision, decide
from localaws.systems_manager.reachability import (
    DefaultRoute,
    Endpoint,
    Rule,
    reaches_systems_manager,
)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(29 minutes)",
        "rate(1 hours)",
        "rate(2 hour)",
        "rate(31 days)",
        "rate(30 seconds)",
        "rate(30 minutes )",
        "cron(0 2 * * * *)",
        "cron(0 2 ? * ? *)",
        "cron(60 2 ? * * *)",
        "cron(0 24 ? * * *)",
        "cron(0 2 ? JAN * *)",
        "cron(5 0 2 ? * SUN *)",
        "cron(0 2 ? * XYZ *)",
        "cron(0 2 5 * ? *)",
        "cron(0 2 L * ? *)",
        "cron(0 2 ? * MON-FRI *)",
        "cron(0 0/3 * * ? *)",
        "cron(0 0/4 ? * MON *)",
        "cron(0/10 * * * ? *)",
        "cron(0 2)",
        "at(2026-02-30T10:00:00)",
        "at(tomorrow)",
        "",
        "30 minutes",
    ],
)
def test_schedules_that_state_manager_refuses(expression: str) -> None:
    assert not schedule.accepts(expression)


# 2026-03-18 is a Wednesday, the third one of its month.
NOW = datetime(2026, 3, 18, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(30 minutes)", "2026-03-18T10:35:00"),
        ("rate(1 day)", "2026-03-19T09:05:00"),
        ("cron(0/30 * * * ? *)", "2026-03-18T10:30:00"),
        ("cron(0 */30 * * * ? *)", "2026-03-18T10:30:00"),
        ("cron(0 0/30 * 1/1 * ? *)", "2026-03-18T10:30:00"),
        ("cron(15 * * * ? *)", "2026-03-18T11:15:00"),
        ("cron(0 0/4 * * ? *)", "2026-03-18T12:00:00"),
        ("cron(15 10 ? * * *)", "2026-03-19T10:15:00"),
        ("cron(30 10 ? * * *)", "2026-03-18T10:30:00"),
        ("cron(0 2 ? * SUN *)", "2026-03-22T02:00:00"),
        ("cron(0 2 ? * 1 *)", "2026-03-22T02:00:00"),
        ("cron(0 0 2 ? * WED#3 *)", "2026-04-15T02:00:00"),
        ("cron(0 2 ? * TUE#5 *)", "2026-03-31T02:00:00"),
        ("cron(0 2 ? * 7L *)", "2026-03-28T02:00:00"),
        ("at(2026-03-18T12:00:00)", "2026-03-18T12:00:00"),
        ("at(2026-03-18T08:00:00)", None),
        ("rate(10 minutes)", None),
    ],
)
def test_the_next_run(expression: str, expected: str | None) -> None:
    start = datetime(2026, 2, 18, 9, 5, tzinfo=UTC)
    found = schedule.next_run(expression, NOW, start=start)
    assert found == (datetime.fromisoformat(f"{expected}+00:00") if expected else None)


def test_a_run_is_due_once() -> None:
    interval = timedelta(minutes=30)
    assert schedule.next_run("rate(30 minutes)", NOW, start=NOW) == NOW + interval
    assert schedule.next_run("rate(30 minutes)", NOW + interval, start=NOW) == NOW + 2 * interval


def test_an_offset_counts_from_the_day_that_the_cron_names() -> None:
    found = schedule.next_run("cron(0 2 ? * SUN *)", NOW, start=NOW, offset_days=4)
    assert found == datetime(2026, 3, 19, 2, tzinfo=UTC)


TAGS = {"Workload": "Test", "Environment": "OELabIPM"}


def target(key: str, *values: str) -> dict[str, Any]:
    return {"Key": key, "Values": list(values)}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], False),
        ([target("tag:Workload", "Test")], True),
        ([target("tag:Workload", "Test", "Prod")], True),
        ([target("tag:Workload", "Prod")], False),
        ([target("tag:Workload", "Test"), target("tag:Environment", "OELabIPM")], True),
        ([target("tag:Workload", "Test"), target("tag:Environment", "Other")], False),
        ([target("tag:workload", "Test")], False),
        ([target("tag:Workload")], True),
        ([target("tag:Workgroup")], False),
        ([target("InstanceIds", "*")], True),
        ([target("instanceids", "i-1", "i-2")], True),
        ([target("InstanceIds", "i-2")], False),
        ([target("resource-groups:Name", "fleet")], True),
        ([target("resource-groups:Name", "others")], False),
    ],
)
def test_targets_of_a_node(wanted: list[dict[str, Any]], expected: bool) -> None:
    assert targets.matches(wanted, "i-1", TAGS, {"fleet"}) is expected


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [target("Colour", "red")],
        [target("tag:", "Test")],
        [target("InstanceIds")],
        [target("InstanceIds", "*", "i-1")],
        [target("resource-groups:Name", "one", "other")],
        [target("resource-groups:Name", "one"), target("resource-groups:Name", "other")],
    ],
)
def test_targets_that_are_refused(wrong: list[dict[str, Any]]) -> None:
    with pytest.raises(AwsError) as caught:
        targets.check(wrong)
    assert caught.value.code == "InvalidTarget"


QUICK_SETUP = Contender(association_id="q", name="AWS-QuickSetup-SSM-CollectInventory-abc12")
EXPLICIT = Contender(association_id="e", name="Inventory")
SECOND = Contender(association_id="s")
ALL_NODES = Contender(association_id="a", is_for_all_nodes=True)


@pytest.mark.parametrize(
    ("contenders", "expected"),
    [
        ([], {}),
        ([ALL_NODES], {"a": Decision.RUNS}),
        ([ALL_NODES, EXPLICIT], {"a": Decision.SKIPPED, "e": Decision.RUNS}),
        ([EXPLICIT, QUICK_SETUP], {"e": Decision.SKIPPED, "q": Decision.RUNS}),
        ([EXPLICIT, SECOND], {"e": Decision.FAILS, "s": Decision.FAILS}),
        (
            [ALL_NODES, EXPLICIT, SECOND],
            {"a": Decision.SKIPPED, "e": Decision.FAILS, "s": Decision.FAILS},
        ),
    ],
)
def test_one_inventory_association_runs_on_a_node(
    contenders: list[Contender], expected: dict[str, Decision]
) -> None:
    assert decide(contenders) == expected


ANYWHERE = Rule(cidrs=("0.0.0.0/0",))
INSIDE = Rule(cidrs=("10.0.0.0/8",))
FROM_NODE = (Rule(security_groups=("sg-node",)),)
SSM = Endpoint(service="ssm", ingress=FROM_NODE)
MESSAGES = Endpoint(service="ssmmessages", ingress=FROM_NODE)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"egress": []}, False),
        ({"egress": [Rule(protocol="-1", ports=None, cidrs=("0.0.0.0/0",))]}, True),
        ({"egress": [Rule(ports=(80, 80), cidrs=("0.0.0.0/0",))]}, False),
        ({"egress": [Rule(protocol="udp", cidrs=("0.0.0.0/0",))]}, False),
        ({"egress": [Rule(ports=(80, 80), cidrs=("0.0.0.0/0",)), ANYWHERE]}, True),
        ({"egress": [INSIDE]}, False),
        ({"egress": [Rule(prefix_lists=("pl-1",))]}, None),
        ({"has_public_address": False}, False),
        ({"default_route": DefaultRoute.NONE}, False),
        ({"default_route": DefaultRoute.NAT_GATEWAY, "has_public_address": False}, True),
        ({"default_route": DefaultRoute.PRIVATE_NAT_GATEWAY}, False),
        ({"default_route": DefaultRoute.OTHER, "egress": [INSIDE]}, None),
        ({"default_route": DefaultRoute.OTHER, "egress": []}, False),
    ],
)
def test_the_way_over_the_internet(values: dict[str, Any], expected: bool | None) -> None:
    public: dict[str, Any] = {
        "egress": [ANYWHERE],
        "default_route": DefaultRoute.INTERNET_GATEWAY,
        "has_public_address": True,
    }
    assert reaches_systems_manager(**{**public, **values}) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"egress": [Rule(security_groups=("sg-endpoint",))]}, False),
        ({"egress": [Rule(cidrs=("10.9.0.0/16",))]}, False),
        ({"endpoints": [SSM]}, False),
        (
            {"endpoints": [SSM, Endpoint(service="ssmmessages", ingress=(INSIDE,))]},
            True,
        ),
        ({"endpoints": [SSM, Endpoint(service="ssmmessages")]}, False),
        (
            {
                "endpoints": [
                    SSM,
                    Endpoint(service="ssmmessages", ingress=FROM_NODE, has_private_dns=False),
                ]
            },
            False,
        ),
    ],
)
def test_the_way_to_interface_endpoints(values: dict[str, Any], expected: bool) -> None:
    private: dict[str, Any] = {
        "egress": [INSIDE],
        "endpoints": [SSM, MESSAGES],
        "address": "10.0.0.4",
        "security_groups": ["sg-node"],
    }
    assert reaches_systems_manager(**{**private, **values}) is expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("al2023-ami-2023.6.20241010.0-kernel-6.1-x86_64", True),
        ("al2023-ami-minimal-2023.6.20241010.0-kernel-6.1-x86_64", False),
        ("/aws/service/ami-amazon-linux-latest/amzn2-ami-minimal-hvm-x86_64-ebs", False),
        ("/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id", True),
        ("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20241004", True),
        ("/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base", True),
        ("RHEL-9.4.0_HVM-20240605-x86_64", False),
        ("/aws/service/debian/release/12/latest/amd64", False),
        ("golden-image", None),
    ],
)
def test_images_with_the_agent(image: str, expected: bool | None) -> None:
    assert agent.is_preinstalled(image) is expected
