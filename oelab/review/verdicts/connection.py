"""Whether an instance is a managed node that answers, and why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from oelab.review.fleet_snapshot import Diagnosis
from oelab.review.models import Instance, Node, Unread
from oelab.review.verdicts.causes import Cause, Finding
from oelab.review.verdicts.way_out import blocked

# Oldest agents, by what they are needed for. Source: Systems Manager user guide, the pages on
# inventory, on ec2messages and on Default Host Management Configuration.
_OLDEST = "2.0.790.0"
_OLDEST_WITHOUT_EC2MESSAGES = "3.3.40.0"
_OLDEST_WITHOUT_PROFILE = "3.2.582.0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One instance and the managed node it is, as far as it is one."""

    instance: Instance | None
    node: Node | None


def connection(seen: Seen, diagnosis: Diagnosis, now: datetime) -> Iterator[Finding]:
    """Why a running instance does not answer as a managed node; nothing if it does."""
    instance, node = seen.instance, seen.node
    if instance is None:
        if node and not node.online:
            yield _lost(node, now)
        return
    if instance.profile == "" and diagnosis.host_role == "" and (node is None or node.is_ec2):
        yield Finding(
            cause=Cause.NO_PROFILE,
            reason="the instance has no instance profile, and default host management is off",
        )
    elif node is None or not node.online:
        yield from _why(instance, node, diagnosis, now)


def agent(seen: Seen, *, restricted: bool) -> Iterator[Finding]:
    """Whether the agent is too old for what is asked of it; `restricted` tells of its role."""
    node = seen.node
    if node is None:
        return
    oldest, purpose = _OLDEST, "inventory"
    if seen.instance and not seen.instance.profile:
        oldest, purpose = _OLDEST_WITHOUT_PROFILE, "default host management"
    elif restricted:
        oldest, purpose = _OLDEST_WITHOUT_EC2MESSAGES, "a role without ec2messages"
    if _numbers(node.agent_version) < _numbers(oldest):
        yield Finding(
            cause=Cause.AGENT_TOO_OLD,
            reason=f"SSM Agent {node.agent_version} is older than {oldest}, the oldest for "
            f"{purpose}",
        )


def _why(
    instance: Instance, node: Node | None, diagnosis: Diagnosis, now: datetime
) -> Iterator[Finding]:
    found = [*_permission(instance, diagnosis), *_way_out(instance, diagnosis)]
    yield from found
    if found:
        return
    if node:
        yield _lost(node, now)
        return
    since = f", launched {ago(instance.launched, now)}" if instance.launched else ""
    yield Finding(
        cause=Cause.NOT_REGISTERED,
        reason=f"the instance is {instance.state}{since}, and no agent has registered yet",
    )


def _permission(instance: Instance, diagnosis: Diagnosis) -> Iterator[Finding]:
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
    yield Finding(cause=Cause.NO_PERMISSION, reason=reason)


def _way_out(instance: Instance, diagnosis: Diagnosis) -> Iterator[Finding]:
    if isinstance(diagnosis.network, Unread):
        return
    if reason := blocked(instance, diagnosis.network):
        yield Finding(cause=Cause.NO_WAY_OUT, reason=reason)


def _lost(node: Node, now: datetime) -> Finding:
    since = f"; it last did {ago(node.last_ping, now)}" if node.last_ping else ""
    return Finding(cause=Cause.CONNECTION_LOST, reason=f"the agent does not answer{since}")


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: "3 hours ago"."""
    seconds = max(0, int((now - moment) / timedelta(seconds=1)))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if count := seconds // length:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
