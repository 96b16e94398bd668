"""No two inventory associations on one node.

Two explicit associations both fail on a node that both hit, and one for all nodes is skipped where
an explicit one runs. An account and Region holds one association for all nodes at most. Source:
"Troubleshooting problems with Systems Manager Inventory", Systems Manager User Guide.

Associations in different accounts or Regions never meet. Those of different Stages that leave their
environment to the deployment may go to different ones, so there it is a warning at most.
"""

from collections.abc import Iterator
from itertools import combinations

from oelab.checks.associations import Association, Kind
from oelab.checks.nodes import Node
from oelab.checks.rules import Rule
from oelab.checks.target_overlap import Meeting, find_meeting, listed
from oelab.findings import Finding, Severity

_SOURCE = 'Systems Manager User Guide, "Troubleshooting problems with Systems Manager Inventory"'


def overlaps(associations: list[Association], nodes: list[Node]) -> Iterator[Finding]:
    """What is wrong between the associations of one account and Region."""
    for one, other in combinations(associations, 2):
        if one.environment != other.environment:
            continue
        wildcards = [pair.kind is Kind.ALL_NODES for pair in (one, other)]
        if all(wildcards):
            yield _two_for_all_nodes(one, other)
        elif not any(wildcards):
            yield from _explicit(one, other, nodes)
    yield from _skipped(associations)


def _two_for_all_nodes(one: Association, other: Association) -> Finding:
    return Finding(
        rule=Rule.OVERLAP,
        severity=_severity(one, other, Severity.ERROR),
        subject=other.resource,
        value=str(other),
        reason="must not gather inventory from all nodes of an account and Region where "
        f"{one.path} does",
        remedy="keep one of them, or give the other tags or instances as its targets",
        source=_SOURCE,
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
                subject=one.resource,
                value=str(one),
                reason=f"is skipped on the nodes that are reached by {listed(explicit)}",
                remedy="acknowledge it if the explicit association is meant to win there, "
                "else keep one of them",
                source=_SOURCE,
            )


def _explicit(one: Association, other: Association, nodes: list[Node]) -> Iterator[Finding]:
    meeting = find_meeting(one, other, nodes)
    if meeting is None:
        return
    if one.quick_setup == other.quick_setup:
        yield _conflict(one, other, meeting)
    else:
        yield _beaten(*((one, other) if one.quick_setup else (other, one)), meeting)


def _conflict(one: Association, other: Association, meeting: Meeting) -> Finding:
    return Finding(
        rule=Rule.OVERLAP,
        severity=_severity(one, other, meeting.severity),
        subject=other.resource,
        value=f"{one} and {other}; {meeting.evidence}",
        reason=f"must not gather inventory from a node that {one.path} gathers from too, as both "
        "would fail there",
        remedy="keep one of them, or give them targets that no node can meet both of, such as "
        "different values of one tag",
        source=_SOURCE,
    )


def _beaten(winner: Association, loser: Association, meeting: Meeting) -> Finding:
    certain = meeting.severity is not Severity.UNKNOWN
    return Finding(
        rule=Rule.SKIPPED,
        severity=Severity.WARNING if certain else Severity.UNKNOWN,
        subject=loser.resource,
        value=f"{loser}; {meeting.evidence}",
        reason=f"is skipped where Quick Setup's {winner.path} ({winner}) gathers inventory",
        remedy="acknowledge it if Quick Setup is meant to win there, else keep one of them",
        source=_SOURCE,
    )


def _severity(one: Association, other: Association, severity: Severity) -> Severity:
    """An error only where both are sure to be created in one account and Region."""
    conditions = one.resource.condition, other.resource.condition
    exclusive = None not in conditions and conditions[0] != conditions[1]
    if severity is Severity.ERROR and (exclusive or _may_be_apart(one, other)):
        return Severity.WARNING
    return severity


def _may_be_apart(one: Association, other: Association) -> bool:
    """Whether two Stages leave to the deployment where they go, and may go to different places."""
    stages = one.resource.stack.folder, other.resource.stack.folder
    return stages[0] != stages[1] and not one.environment.known
