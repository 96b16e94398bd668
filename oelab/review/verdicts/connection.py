"""Whether an instance is a managed node that answers, and why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from oelab.findings import Rule
from oelab.review.fleet_snapshot import Diagnosis
from oelab.review.models import Instance, Node, Unread
from oelab.review.verdicts.remedies import Observation
from oelab.systems_manager.agent import (
    OLDEST_FOR_HOST_MANAGEMENT,
    OLDEST_FOR_INVENTORY,
    OLDEST_WITHOUT_EC2MESSAGES,
    is_older,
)
from oelab.systems_manager.reachability import reach_systems_manager


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One instance and the managed node it is, as far as it is one."""

    instance: Instance | None
    node: Node | None


def connection(seen: Seen, diagnosis: Diagnosis, now: datetime) -> Iterator[Observation]:
    """Why a running instance does not answer as a managed node; nothing if it does."""
    instance, node = seen.instance, seen.node
    if instance is None:
        if node and not node.online:
            yield _lost(node, now)
        return
    if instance.profile == "" and diagnosis.host_role == "" and (node is None or node.is_ec2):
        reason = "the instance has no instance profile, and default host management is off"
        yield Rule.NO_PROFILE, reason
    elif node is None or not node.online:
        yield from _why(instance, node, diagnosis, now)


def agent(seen: Seen, *, restricted: bool) -> Iterator[Observation]:
    """Whether the agent is too old for what is asked of it; `restricted` tells of its role."""
    node = seen.node
    if node is None:
        return
    oldest, purpose = OLDEST_FOR_INVENTORY, "inventory"
    if seen.instance and not seen.instance.profile:
        oldest, purpose = OLDEST_FOR_HOST_MANAGEMENT, "default host management"
    elif restricted:
        oldest, purpose = OLDEST_WITHOUT_EC2MESSAGES, "a role without ec2messages"
    if is_older(node.agent_version, oldest):
        yield (
            Rule.AGENT_TOO_OLD,
            f"SSM Agent {node.agent_version} is older than {oldest}, the oldest for {purpose}",
        )


def _why(
    instance: Instance, node: Node | None, diagnosis: Diagnosis, now: datetime
) -> Iterator[Observation]:
    found = [*_permission(instance, diagnosis), *_way_out(instance, diagnosis)]
    yield from found
    if found:
        return
    if node:
        yield _lost(node, now)
        return
    since = f", launched {ago(instance.launched, now)}" if instance.launched else ""
    reason = f"the instance is {instance.state}{since}, and no agent has registered yet"
    yield Rule.NOT_REGISTERED, reason


def _permission(instance: Instance, diagnosis: Diagnosis) -> Iterator[Observation]:
    if isinstance(diagnosis.profiles, Unread) or not instance.profile:
        return
    access = diagnosis.profiles.get(instance.profile)
    if access is None:
        return
    if not access.role:
        reason = f"the instance profile {instance.profile} is gone, or has no role"
    elif not access.trusts_ec2:
        reason = f"EC2 may not assume the role {access.role}"
    elif access.denied:
        reason = f"the role {access.role} does not allow {', '.join(access.denied)}"
    else:
        return
    yield Rule.NO_PERMISSION, reason


def _way_out(instance: Instance, diagnosis: Diagnosis) -> Iterator[Observation]:
    if isinstance(diagnosis.network, Unread):
        return
    reached = reach_systems_manager(diagnosis.network.network_of(instance))
    if reached.answer is False:
        groups = ", ".join(instance.security_groups) or "none"
        where = f"subnet {instance.subnet_id}, security groups {groups}"
        certain = [each for each, is_certain in reached.obstacles.items() if is_certain]
        yield Rule.NO_WAY_OUT, f"{', and '.join(certain)} ({where})"


def _lost(node: Node, now: datetime) -> Observation:
    since = f"; it last did {ago(node.last_ping, now)}" if node.last_ping else ""
    return Rule.CONNECTION_LOST, f"the agent does not answer{since}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: "3 hours ago"."""
    seconds = max(0, int((now - moment) / timedelta(seconds=1)))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if count := seconds // length:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
