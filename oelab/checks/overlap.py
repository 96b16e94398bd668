"""No two inventory associations on one node.

Two explicit associations both fail on a node that both hit, and one for all nodes is skipped where
an explicit one runs. An account and Region holds one association for all nodes at most. Source:
"Troubleshooting problems with Systems Manager Inventory", Systems Manager User Guide.

Certain is an overlap on a node of the app, and one that needs nothing more of a node than one of
the two asks for already: the same key with a shared value. Where each asks for a tag that the
other does not, only a node with both could be hit: a warning, and not even that where the app has
nodes for each and none for both. Associations in different accounts or Regions never meet; those
of different Stages that leave their environment to the deployment may go to different ones, so
there it is a warning too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from oelab.checks.app import App
from oelab.checks.associations import Association, Kind
from oelab.checks.findings import Finding, Rule, Severity
from oelab.checks.logic import Answer, all_of, any_of
from oelab.checks.nodes import Node
from oelab.checks.values import Value, equal, value_of
from oelab.rules import Fault

_SOURCE = 'Systems Manager User Guide, "Troubleshooting problems with Systems Manager Inventory"'
_NAMED = 5


def overlaps(app: App, associations: list[Association], nodes: list[Node]) -> Iterator[Finding]:
    """What is wrong between the associations of one account and Region."""
    for one, other in combinations(associations, 2):
        if one.environment != other.environment:
            continue
        wildcards = [pair.kind is Kind.ALL_NODES for pair in (one, other)]
        if all(wildcards):
            yield _two_for_all_nodes(one, other)
        elif not any(wildcards):
            yield from _explicit(app, one, other, nodes)
    yield from _skipped(associations)


def _two_for_all_nodes(one: Association, other: Association) -> Finding:
    return Finding(
        rule=Rule.OVERLAP,
        severity=_severity(one, other, Severity.ERROR),
        resource=other.resource,
        fault=Fault(
            where=f"{one.path} and {other.path}",
            value=str(other),
            rule="must not both gather inventory from all nodes of one account and Region",
            remedy="keep one of them, or give the other tags or instances as its targets",
            source=_SOURCE,
        ),
    )


def _skipped(associations: list[Association]) -> Iterator[Finding]:
    """Each association for all nodes that has explicit ones beside it, once."""
    for one in associations:
        explicit = [
            f"{other.path} ({other})"
            for other in associations
            if other.kind is not Kind.ALL_NODES
            and other.environment == one.environment
            and not _may_be_apart(one, other)
        ]
        if one.kind is Kind.ALL_NODES and explicit:
            yield Finding(
                rule=Rule.SKIPPED,
                severity=Severity.WARNING,
                resource=one.resource,
                fault=Fault(
                    where=one.path,
                    value=str(one),
                    rule=f"is skipped on the nodes that are reached by {_listed(explicit)}",
                    remedy="acknowledge it if the explicit association is meant to win there, "
                    "else keep one of them",
                    source=_SOURCE,
                ),
            )


def _explicit(
    app: App, one: Association, other: Association, nodes: list[Node]
) -> Iterator[Finding]:
    overlap = _find(app, one, other, nodes)
    if overlap is None:
        return
    if one.quick_setup != other.quick_setup:
        winner, loser = (one, other) if one.quick_setup else (other, one)
        rule = f"is skipped where Quick Setup's {winner.path} ({winner}) gathers inventory"
        where, resource, severity = loser.path, loser.resource, Severity.WARNING
        rule_id, value = Rule.SKIPPED, f"{loser}; {overlap.evidence}"
    else:
        rule = "must not both gather inventory from one node, where both would fail"
        where, resource, severity = f"{one.path} and {other.path}", other.resource, overlap.severity
        rule_id, value = Rule.OVERLAP, f"{one} and {other}; {overlap.evidence}"
    yield Finding(
        rule=rule_id,
        severity=_severity(one, other, severity),
        resource=resource,
        fault=Fault(
            where=where,
            value=value,
            rule=rule,
            remedy="keep one of them, or give them targets that no node can meet both of, such as "
            "different values of one tag",
            source=_SOURCE,
        ),
    )


@dataclass(frozen=True)
class _Overlap:
    severity: Severity
    evidence: str


def _find(app: App, one: Association, other: Association, nodes: list[Node]) -> _Overlap | None:
    nodes = [node for node in nodes if node.environment == one.environment]
    answers = [all_of((one.hits(app, node), other.hits(app, node))) for node in nodes]
    shared = [node.path for node, answer in zip(nodes, answers, strict=True) if answer]
    if shared:
        return _Overlap(Severity.ERROR, f"both reach {_listed(shared)}")
    meet = _targets_meet(app, one, other)
    if meet is False:
        return None
    if meet is True:
        return _Overlap(Severity.ERROR, _why(one, other))
    if Kind.OPAQUE in (one.kind, other.kind):
        return _Overlap(Severity.WARNING, "the members of the target are not known to the app")
    if one.kind is other.kind is Kind.TAGS:
        return _by_different_keys(app, one, other, nodes)
    return _Overlap(Severity.UNKNOWN, "which instances have these ids is not known to the app")


def _by_different_keys(
    app: App, one: Association, other: Association, nodes: list[Node]
) -> _Overlap:
    evidence = "a node with the tags of both would be reached by both"
    apart = all(
        any(association.hits(app, node) for node in nodes) for association in (one, other)
    ) and all(all_of((one.hits(app, node), other.hits(app, node))) is False for node in nodes)
    return _Overlap(Severity.UNKNOWN if apart else Severity.WARNING, evidence)


def _targets_meet(app: App, one: Association, other: Association) -> Answer:
    """Whether the targets alone let a node be hit by both, None where they do not tell."""
    if one.kind is other.kind is Kind.TAGS:
        common = one.tags.keys() & other.tags.keys()
        shares = all_of(_share_a_value(one.tags[key], other.tags[key]) for key in common)
        contained = one.tags.keys() <= other.tags.keys() or other.tags.keys() <= one.tags.keys()
        return None if shares and not contained else shares
    if one.kind is other.kind is Kind.INSTANCES:
        ids = [[value_of(app, id_) for id_ in pair.instances] for pair in (one, other)]
        return any_of(equal(first, second) for first in ids[0] for second in ids[1])
    if one.kind is other.kind is Kind.OPAQUE and one.group and one.group == other.group:
        return True
    return None


def _share_a_value(one: tuple[Value, ...], other: tuple[Value, ...]) -> Answer:
    if not one or not other:
        return True
    return any_of(equal(first, second) for first in one for second in other)


def _why(one: Association, other: Association) -> str:
    if one.kind is Kind.TAGS:
        keys = sorted(one.tags.keys() & other.tags.keys())
        return f"they share a value of {', '.join(f'tag:{key}' for key in keys)}"
    return "they share a target"


def _severity(one: Association, other: Association, severity: Severity) -> Severity:
    """An error only where both are sure to be created in one account and Region."""
    conditions = one.resource.condition, other.resource.condition
    exclusive = None not in conditions and conditions[0] != conditions[1]
    if severity is Severity.ERROR and (exclusive or _may_be_apart(one, other)):
        return Severity.WARNING
    return severity


def _may_be_apart(one: Association, other: Association) -> bool:
    """Whether two Stages leave to the deployment where they go, and may go to different places."""
    stages = one.resource.stack.stage, other.resource.stack.stage
    return stages[0] != stages[1] and not one.environment.known


def _listed(paths: list[str]) -> str:
    named, more = paths[:_NAMED], len(paths) - _NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
