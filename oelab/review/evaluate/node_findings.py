"""What is wrong with one node: agent, network, role, associations, inventory, compliance."""

from collections.abc import Iterator
from datetime import timedelta

from oelab.findings import Finding
from oelab.review.evaluate.rules import finding
from oelab.review.evaluate.seen_node import SeenNode, ago, count
from oelab.review.models import Association, Instance, Subject, Unread, known
from oelab.review.records import ComplianceSummary, Ending
from oelab.review.snapshots import VpcNetworks
from oelab.systems_manager import agent
from oelab.systems_manager.reachability import Reachability, reach_systems_manager
from oelab.systems_manager.schedule import interval, parse
from oelab.systems_manager.targets import describe

STALE_INTERVALS = 2
"""A run may start late and take some minutes, so that one interval by itself proves nothing."""

_COMPLIANCE_RULES = {"Association": "non-compliant-association", "Patch": "non-compliant-patch"}


def evaluate_connection(seen: SeenNode) -> Iterator[Finding]:
    """Why a running instance does not answer as a managed node; nothing if it does."""
    instance, node = seen.instance, seen.node
    is_managed_by_default = seen.snapshot.host_role != ""
    if instance is None:
        if node and not node.is_online:
            yield _lost(seen)
    elif not (instance.profile or is_managed_by_default) and (node is None or node.is_ec2):
        yield finding("no-profile", seen.subject)
    elif node is None or not node.is_online:
        causes = [*_no_permission(seen, instance), *_no_way_out(seen, instance)]
        yield from causes or [_lost(seen) if node else _not_registered(seen, instance)]


def evaluate_agent(seen: SeenNode) -> Iterator[Finding]:
    """Whether the agent is too old for what is asked of it."""
    if seen.node is None:
        return
    oldest, purpose = agent.OLDEST_FOR_INVENTORY, "inventory"
    if seen.instance and not seen.instance.profile:
        oldest, purpose = agent.OLDEST_FOR_HOST_MANAGEMENT, "default host management"
    elif seen.has_restricted_role:
        oldest, purpose = agent.OLDEST_WITHOUT_EC2MESSAGES, "a role without ec2messages"
    if agent.is_older(seen.node.agent_version, oldest):
        yield finding("agent-too-old", seen.subject, node=seen.node, oldest=oldest, purpose=purpose)


def evaluate_association(seen: SeenNode) -> Iterator[Finding]:
    """What keeps our association from running on a node, and what becomes of the others."""
    decision = seen.precedence
    if decision.conflicting:
        names = " and ".join(sorted(each.label for each in decision.conflicting))
        yield finding("association-conflict", seen.subject, associations=names)
    elif decision.running is None:
        settings = seen.expected.associations
        targets = " or ".join(describe(each.targets) or "none" for each in settings)
        yield finding("no-association", seen.subject, targets=targets)
    else:
        for each in decision.skipped:
            yield _skipped(seen, each, decision.running)
        yield from _run(seen, decision.running)


def evaluate_captures(seen: SeenNode) -> Iterator[Finding]:
    """What is missing of a node's inventory, or is old."""
    if not (seen.captures and seen.histories):
        return
    arrived = {name: moment for name, moment in seen.captures.items() if moment}
    if not arrived:
        yield finding("inventory-missing", seen.subject, of="")
        return
    if missing := [name for name in seen.captures if name not in arrived]:
        yield finding("type-not-collected", seen.subject, types=", ".join(missing))
    now = seen.snapshot.read_at
    every = interval(parse(seen.precedence.prevailing[0].schedule_expression))
    stale = {x: at for x, at in arrived.items() if every and now - at > STALE_INTERVALS * every}
    if every and stale:
        types, oldest = ", ".join(stale), ago(min(stale.values()), now)
        intervals = f"{STALE_INTERVALS} intervals of {int(every / timedelta(minutes=1))} minutes"
        yield finding("inventory-stale", seen.subject, types=types, ago=oldest, limit=intervals)


def compliance_rule(compliance_type: str) -> str:
    """The rule that is broken where this compliance type is not complied with."""
    return _COMPLIANCE_RULES.get(compliance_type, "non-compliant-custom")


def evaluate_compliance(subject: Subject, summary: ComplianceSummary) -> Iterator[Finding]:
    """Whether a node does not comply with one compliance type."""
    if not summary.is_compliant:
        kind = summary.compliance_type
        bad = f"{count(summary.non_compliant_count, 'item')} of type {kind} that do not comply"
        severity = summary.overall_severity or "UNSPECIFIED"
        items = f"has {bad}, worst severity {severity}"
        if not summary.non_compliant_count:
            items = f"has the status {summary.status or 'unknown'} for type {kind}"
        yield finding(compliance_rule(kind), subject, items=items)


def _no_permission(seen: SeenNode, instance: Instance) -> Iterator[Finding]:
    access = known(seen.snapshot.profiles, {}).get(instance.profile)
    if access is None:
        return
    if not access.role:
        case = "no-role"
    elif not access.trusts_ec2:
        case = "no-trust"
    elif access.denied:
        case = "denied-by-organization" if access.is_denied_by_organization else "not-allowed"
    else:
        return
    profile, actions = instance.profile, ", ".join(access.denied)
    subject, role = seen.subject, access.role
    yield finding("no-permission", subject, case=case, profile=profile, role=role, actions=actions)


def _no_way_out(seen: SeenNode, instance: Instance) -> Iterator[Finding]:
    networks = seen.snapshot.networks
    if isinstance(networks, Unread):
        return
    reached = reach_systems_manager(networks.network_of(instance))
    if reached.answer is False and not _is_contradicted(seen, instance, networks, reached):
        certain = [each for each, is_certain in reached.obstacles.items() if is_certain]
        obstacles, groups = ", and ".join(certain), ", ".join(instance.security_groups) or "none"
        subnet = instance.subnet_id
        yield finding("no-way-out", seen.subject, obstacles=obstacles, subnet=subnet, groups=groups)


def _is_contradicted(
    seen: SeenNode, instance: Instance, networks: VpcNetworks, reached: Reachability
) -> bool:
    """Whether a node is online that would have the same obstacles in the same place.

    There is a way then that the networks do not show, such as a proxy.
    """
    place = instance.subnet_id, frozenset(instance.security_groups)
    return any(
        (other.subnet_id, frozenset(other.security_groups)) == place
        and reach_systems_manager(networks.network_of(other)) == reached
        for other in seen.snapshot.instances.values()
        if seen.snapshot.is_online(other.instance_id)
    )


def _not_registered(seen: SeenNode, instance: Instance) -> Finding:
    moment = instance.launch_time
    since = f", launched {ago(moment, seen.snapshot.read_at)}" if moment else ""
    return finding("not-registered", seen.subject, state=instance.state, since=since)


def _lost(seen: SeenNode) -> Finding:
    moment = seen.node.last_ping_date_time if seen.node else None
    since = f"; it last did {ago(moment, seen.snapshot.read_at)}" if moment else ""
    return finding("connection-lost", seen.subject, since=since)


def _skipped(seen: SeenNode, skipped: Association, running: Association) -> Finding:
    outcome = seen.outcome_of(skipped)
    is_skipped = outcome and outcome.ending is Ending.SKIPPED
    detail = f" ({outcome.detailed_status})" if outcome and is_skipped else ""
    is_ours = seen.expected.is_ours(skipped)
    rule = "association-overridden" if is_ours else "association-skipped"
    return finding(rule, seen.subject, detail=detail, skipped=skipped, running=running)


def _run(seen: SeenNode, running: Association) -> Iterator[Finding]:
    outcome = seen.outcome_of(running)
    if outcome is None or outcome.ending is Ending.UNDECIDED:
        pending = f"is waiting for {running.label}, whose run has not ended there yet"
        yield finding("association-pending", seen.subject, pending=pending)
    elif outcome.ending is not Ending.WELL:
        status, detail = outcome.status, outcome.detailed_status
        result = f"{status} ({detail})" if detail not in ("", status) else status
        failed = f"has a run of {running.label} that ended as {result}"
        yield finding("association-failed", seen.subject, failed=failed)
