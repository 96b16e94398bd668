"""A row of `oelab status`: the verdict on one node, and what could not be read of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from oelab import tags as lab_tags
from oelab.findings import Finding, Severity
from oelab.report import Column
from oelab.review.evaluate import node_findings as observe
from oelab.review.evaluate.rules import OK, UNREAD, finding, rank
from oelab.review.evaluate.seen_node import SeenNode
from oelab.review.models import unread_of
from oelab.review.records import NodeRow

_NOT_RUNNING = ("stopping", "stopped")


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeStatus(NodeRow):
    """One expected node, and what is known of it."""

    workload: str = ""
    """The workload that its tag names."""
    verdict: Annotated[str, Column("Verdict", needed=True)]
    """`ok`, `unread`, or the rule of its most serious finding."""
    inventory_captured: Annotated[datetime | None, Column("Inventory")] = None
    """When the latest of its expected inventory was captured."""
    association: str = ""
    """The inventory association that prevails on it."""
    association_status: Annotated[str, Column("Association")] = ""
    """How the latest run of this association ended there."""
    instance_state: str = ""
    """The state of the EC2 instance."""
    instance_profile: Annotated[str, Column("Profile")] = ""
    """The instance profile."""
    agent_version: Annotated[str, Column("Agent")] = ""
    """The version of its SSM Agent."""
    ping_status: Annotated[str, Column("Ping")] = ""
    """Whether the agent answers."""
    is_compliant: Annotated[bool | None, Column("Compliant")] = None
    """Whether all of its compliance types comply; null without compliance data."""
    platform: Annotated[str, Column("Platform")] = ""
    """The name and the version of its operating system."""
    unread: tuple[str, ...] = ()
    """The calls that its verdict lacks."""


def evaluate_node(seen: SeenNode) -> tuple[NodeStatus, tuple[Finding, ...]]:
    """The verdict on one node, and its findings with the most serious first."""
    aspects = [*_aspects(seen)]
    subject, instance, node = seen.subject, seen.instance, seen.node
    found = [each for findings, _ in aspects for each in findings]
    found.sort(key=lambda each: rank(each.rule))
    unread = [part.call for _, rests_on in aspects for part in unread_of(rests_on)]
    prevailing = next(iter(seen.precedence.prevailing), None)
    outcome = seen.outcome_of(prevailing) if prevailing else None
    moments = [moment for moment in seen.captures.values() if moment]
    compliant = [each.is_compliant for each in seen.compliance]
    status = NodeStatus(
        environment=subject.environment,
        node_id=subject.node_id,
        name=subject.name,
        workload=instance.tags.get(lab_tags.WORKLOAD, "") if instance else "",
        verdict=verdict_of(found, unread),
        inventory_captured=max(moments, default=None),
        association=prevailing.label if prevailing else "",
        association_status=outcome.status if outcome else "",
        instance_state=instance.state if instance else "",
        instance_profile=seen.profile,
        agent_version=node.agent_version if node else "",
        ping_status=node.ping_status if node else "",
        is_compliant=all(compliant) if compliant else None,
        platform=f"{node.platform_name} {node.platform_version}".strip() if node else "",
        unread=tuple(dict.fromkeys(unread)),
    )
    return status, tuple(found)


def verdict_of(findings: Iterable[Finding], unread: Iterable[object]) -> str:
    """`ok`, `unread`, or the rule of the first finding that is no note."""
    wrong = (each.rule for each in findings if each.severity is not Severity.NOTE)
    return next(wrong, UNREAD if [*unread] else OK)


def _aspects(seen: SeenNode) -> Iterator[tuple[Iterable[Finding], Iterable[object]]]:
    """What is found in each respect, and the parts of the snapshot that this rests on.

    What explains all the rest ends it.
    """
    snapshot, instance = seen.snapshot, seen.instance
    if instance and instance.state in _NOT_RUNNING:
        yield [finding("stopped", seen.subject, state=instance.state)], ()
        return
    if not snapshot.knows_nodes:
        yield (), [snapshot.read_nodes]
        return
    broken = [*observe.evaluate_connection(seen)]
    host_role = () if seen.profile else (snapshot.host_role,)
    diagnosis = (snapshot.profiles, snapshot.networks) if broken else ()
    yield broken, (*host_role, *diagnosis)
    yield observe.evaluate_agent(seen), ()
    if broken:
        return
    runs = [part for x in seen.possible_histories for part in (x.executions, x.outcomes)]
    associations = (snapshot.associations, *runs)
    if not any(unread_of(associations)):
        yield observe.evaluate_association(seen), ()
    captures = [snapshot.captures.get(each, {}) for each in seen.expected_types]
    yield observe.evaluate_captures(seen), (*associations, *captures)
    subject = seen.subject
    compliance = (x for each in seen.compliance for x in observe.evaluate_compliance(subject, each))
    yield compliance, [snapshot.compliance]
