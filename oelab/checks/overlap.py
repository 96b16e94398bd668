"""Whether two inventory associations can run on one node.

Two explicit associations both fail on a node that both reach, one for all nodes is skipped where an
explicit one runs, and both give way to one of Quick Setup. An account and Region holds one
association for all nodes at most. Source: "Troubleshooting problems with Systems Manager
Inventory", Systems Manager User Guide.

Associations in different accounts or Regions never share a node. Those of different Stages that
leave their environment to the deployment may go to different ones, so there it is a warning at
most.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from oelab.checks.associations import AssociationDefinition
from oelab.checks.nodes import NodeDefinition
from oelab.checks.rules import violation
from oelab.checks.values import are_exclusive, conditions_of
from oelab.findings import Finding, Severity
from oelab.systems_manager.precedence import Priority
from oelab.systems_manager.targets import Likelihood, NodeIdentity, find_overlap, listed

_SEVERITIES = {
    Likelihood.CERTAIN: Severity.ERROR,
    Likelihood.LIKELY: Severity.WARNING,
    Likelihood.UNLIKELY: Severity.UNKNOWN,
}


def overlaps(
    associations: list[AssociationDefinition], nodes: list[NodeDefinition]
) -> Iterator[Finding]:
    """What is wrong between the associations of one account and Region."""
    winners: dict[AssociationDefinition, list[str]] = defaultdict(list)
    for one, other in combinations(associations, 2):
        if one.environment != other.environment or are_exclusive(one.resource, other.resource):
            continue
        there = [node.identity for node in nodes if node.environment == one.environment]
        loser, winner = sorted((one, other), key=lambda each: each.priority)
        if loser.priority == winner.priority:
            yield from _conflict(one, other, there)
        elif loser.priority is not Priority.ALL_NODES:
            yield from _skipped_for_quick_setup(loser, winner, there)
        elif not _may_be_apart(one, other):
            winners[loser].append(f"{winner.resource} ({winner})")
    for loser, names in winners.items():
        where = f"on the nodes that are reached by {listed(names)}"
        yield _skipped(loser, Severity.WARNING, str(loser), where)


def _conflict(
    one: AssociationDefinition, other: AssociationDefinition, nodes: list[NodeIdentity]
) -> Iterator[Finding]:
    if overlap := find_overlap(one.targets, other.targets, nodes):
        severity = _SEVERITIES[overlap.likelihood]
        conditions = conditions_of(one.resource), conditions_of(other.resource)
        may_exclude = all(conditions) and conditions[0] != conditions[1]
        if severity is Severity.ERROR and (may_exclude or _may_be_apart(one, other)):
            severity = Severity.WARNING
        value = f"{one}; {other}; {overlap.evidence}"
        rule, resource = "InventoryOverlap", other.resource
        yield violation(rule, resource, value, severity=severity, other=one.resource)


def _skipped_for_quick_setup(
    loser: AssociationDefinition, winner: AssociationDefinition, nodes: list[NodeIdentity]
) -> Iterator[Finding]:
    if overlap := find_overlap(loser.targets, winner.targets, nodes):
        is_likely = overlap.likelihood >= Likelihood.LIKELY
        severity = Severity.WARNING if is_likely else Severity.UNKNOWN
        where = f"where Quick Setup's {winner.resource} ({winner}) gathers inventory"
        yield _skipped(loser, severity, f"{loser}; {overlap.evidence}", where)


def _skipped(loser: AssociationDefinition, severity: Severity, value: str, where: str) -> Finding:
    return violation("InventorySkipped", loser.resource, value, severity=severity, where=where)


def _may_be_apart(one: AssociationDefinition, other: AssociationDefinition) -> bool:
    """Whether two Stages leave to the deployment where they go, and may go to different places."""
    stages = one.resource.stack.folder, other.resource.stack.folder
    return stages[0] != stages[1] and not one.environment.known
