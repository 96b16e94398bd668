"""Rules of the local AWS that need no server and that the conformance tables do not have."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localaws.errors import AwsError
from localaws.systems_manager import agent, schedule, targets
from localaws.systems_manager.reachability import DefaultRoute, Rule, reaches_systems_manager

NOW = datetime(2026, 3, 18, 10, 20, 30, tzinfo=UTC)


def test_a_run_is_due_once() -> None:
    interval = timedelta(minutes=30)
    assert schedule.next_run("rate(30 minutes)", NOW, start=NOW) == NOW + interval
    assert schedule.next_run("rate(30 minutes)", NOW + interval, start=NOW) == NOW + 2 * interval


def target(key: str, *values: str) -> dict[str, Any]:
    return {"Key": key, "Values": list(values)}


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


ANYWHERE = Rule(cidrs=("0.0.0.0/0",))
INSIDE = Rule(cidrs=("10.0.0.0/8",))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"egress": [Rule(prefix_lists=("pl-1",))]}, None),
        ({"default_route": DefaultRoute.PRIVATE_NAT_GATEWAY}, False),
        ({"default_route": DefaultRoute.OTHER, "egress": [INSIDE]}, None),
        ({"default_route": DefaultRoute.OTHER, "egress": []}, False),
    ],
)
def test_ways_that_are_not_followed_to_their_end(
    values: dict[str, Any], expected: bool | None
) -> None:
    public: dict[str, Any] = {
        "egress": [ANYWHERE],
        "default_route": DefaultRoute.INTERNET_GATEWAY,
        "has_public_address": True,
    }
    assert reaches_systems_manager(**{**public, **values}) is expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("al2023-ami-2023.6.20241010.0-kernel-6.1-x86_64", True),
        ("al2023-ami-minimal-2023.6.20241010.0-kernel-6.1-x86_64", False),
        ("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20241004", True),
        ("RHEL-9.4.0_HVM-20240605-x86_64", False),
        ("golden-image", None),
    ],
)
def test_images_with_the_agent_by_name(image: str, expected: bool | None) -> None:
    assert agent.is_preinstalled(image) is expected
