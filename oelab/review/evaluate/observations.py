"""What is wrong with one node, in each respect by itself."""

from collections.abc import Iterator
from datetime import timedelta

from oelab.review.evaluate.seen_node import SeenNode, ago, count
from oelab.review.models import Association, ComplianceSummary, Ending, Instance, Unread, known
from oelab.systems_manager.agent import (
    OLDEST_FOR_HOST_MANAGEMENT,
    OLDEST_FOR_INVENTORY,
    OLDEST_WITHOUT_EC2MESSAGES,
    is_older,
)
from oelab.systems_manager.reachability import reach_systems_manager
from oelab.systems_manager.schedule import interval, parse

Observation = tuple[str, str]
"""The rule that a node breaks, and what shows it, reading on from the name of the node."""

STALE_INTERVALS = 2
"""A run may start late and take some minutes, so that one interval by itself proves nothing."""

_COMPLIANCE_RULES = {
    "Association": "non-compliant-association",
    "Patch": "non-compliant-patch",
}


def compliance_rule(compliance_type: str) -> str:
    """The rule that is broken where this compliance type is not complied with."""
    return _COMPLIANCE_RULES.get(compliance_type, "non-compliant-custom")


def evaluate_connection(seen: SeenNode) -> Iterator[Observation]:
    """Why a running instance does not answer as a managed node; nothing if it does."""
    instance, node = seen.instance, seen.node
    is_managed_by_default = seen.snapshot.host_role != ""
    if instance is None:
        if node and not node.is_online:
            yield _lost(seen)
    elif not (instance.profile or is_managed_by_default) and (node is None or node.is_ec2):
        reason = "has no instance profile, and Default Host Management Configuration is off"
        yield "no-profile", reason
    elif node is None or not node.is_online:
        causes = [*_no_permission(seen, instance), *_no_way_out(seen, instance)]
        yield from causes or [_lost(seen) if node else _not_registered(seen, instance)]


def evaluate_agent(seen: SeenNode) -> Iterator[Observation]:
    """Whether the agent is too old for what is asked of it."""
    if seen.node is None:
        return
    oldest, purpose = OLDEST_FOR_INVENTORY, "inventory"
    if seen.instance and not seen.instance.profile:
        oldest, purpose = OLDEST_FOR_HOST_MANAGEMENT, "default host management"
    elif seen.has_restricted_role:
        oldest, purpose = OLDEST_WITHOUT_EC2MESSAGES, "a role without ec2messages"
    version = seen.node.agent_version
    if is_older(version, oldest):
        reason = f"has SSM Agent {version}, older than {oldest}, the oldest for {purpose}"
        yield "agent-too-old", reason


def evaluate_association(seen: SeenNode) -> Iterator[Observation]:
    """What keeps our association from running on a node, and what becomes of the others."""
    decision = seen.precedence
    if decision.conflicting:
        names = " and ".join(sorted(each.label for each in decision.conflicting))
        yield "association-conflict", f"is targeted by {names}, which both fail there"
    elif decision.running is None:
        yield "no-association", "is targeted by no inventory association"
    else:
        for each in decision.skipped:
            yield _skipped(seen, each, decision.running)
        yield from _run(seen, decision.running)


def evaluate_captures(seen: SeenNode) -> Iterator[Observation]:
    """What is missing of a node's inventory, or is old."""
    if not (seen.captures and seen.histories):
        return
    arrived = {name: moment for name, moment in seen.captures.items() if moment}
    if not arrived:
        yield "inventory-missing", "has sent no inventory"
        return
    if missing := [name for name in seen.captures if name not in arrived]:
        yield "type-not-collected", f"has inventory, but no {', '.join(missing)}"
    now = seen.snapshot.read_at
    every = interval(parse(seen.precedence.prevailing[0].schedule_expression))
    if not every:
        return
    stale = {name: at for name, at in arrived.items() if now - at > STALE_INTERVALS * every}
    if stale:
        minutes = int(every / timedelta(minutes=1))
        age = f"{ago(min(stale.values()), now)}, more than {STALE_INTERVALS} intervals"
        yield "inventory-stale", f"has {', '.join(stale)} captured {age} of {minutes} minutes"


def evaluate_compliance(summary: ComplianceSummary) -> Iterator[Observation]:
    """Whether a node does not comply with one compliance type."""
    if not summary.is_compliant:
        kind = summary.compliance_type
        items = count(summary.non_compliant_count, "item")
        severity = summary.overall_severity or "UNSPECIFIED"
        reason = f"has {items} of type {kind} that do not comply, worst severity {severity}"
        yield compliance_rule(kind), reason


def _no_permission(seen: SeenNode, instance: Instance) -> Iterator[Observation]:
    access = known(seen.snapshot.profiles, {}).get(instance.profile)
    if access is None:
        return
    if not access.role:
        reason = f"has the instance profile {instance.profile}, which is gone or has no role"
    elif not access.trusts_ec2:
        reason = f"has the role {access.role}, which EC2 may not assume"
    elif access.denied:
        denied = ", ".join(access.denied)
        reason = f"has the role {access.role}, which does not allow {denied}"
    else:
        return
    yield "no-permission", reason


def _no_way_out(seen: SeenNode, instance: Instance) -> Iterator[Observation]:
    networks = seen.snapshot.networks
    if isinstance(networks, Unread):
        return
    reached = reach_systems_manager(networks.network_of(instance))
    if reached.answer is False:
        groups = ", ".join(instance.security_groups) or "none"
        obstacles = [each for each, is_certain in reached.obstacles.items() if is_certain]
        where = f"subnet {instance.subnet_id}, security groups {groups}"
        reason = f"does not reach Systems Manager: {', and '.join(obstacles)} ({where})"
        yield "no-way-out", reason


def _not_registered(seen: SeenNode, instance: Instance) -> Observation:
    moment = instance.launch_time
    since = f", launched {ago(moment, seen.snapshot.read_at)}" if moment else ""
    reason = f"is {instance.state}{since}, and no agent has registered yet"
    return "not-registered", reason


def _lost(seen: SeenNode) -> Observation:
    moment = seen.node.last_ping_date_time if seen.node else None
    since = f"; it last did {ago(moment, seen.snapshot.read_at)}" if moment else ""
    return "connection-lost", f"has an agent that does not answer{since}"


def _skipped(seen: SeenNode, skipped: Association, running: Association) -> Observation:
    outcome = seen.outcome_of(skipped)
    is_skipped = outcome and outcome.ending is Ending.SKIPPED
    detail = f" ({outcome.detailed_status})" if outcome and is_skipped else ""
    is_ours = seen.expected.is_ours(skipped)
    rule = "association-overridden" if is_ours else "association-skipped"
    return rule, f"is skipped by {skipped.label}, because {running.label} prevails{detail}"


def _run(seen: SeenNode, running: Association) -> Iterator[Observation]:
    outcome = seen.outcome_of(running)
    if outcome is None or outcome.ending is Ending.UNDECIDED:
        reason = f"is waiting for {running.label}, whose run has not ended there yet"
        yield "association-pending", reason
    elif outcome.ending is not Ending.WELL:
        status, detail = outcome.status, outcome.detailed_status
        result = f"{status} ({detail})" if detail not in ("", status) else status
        yield "association-failed", f"has a run of {running.label} that ended as {result}"
