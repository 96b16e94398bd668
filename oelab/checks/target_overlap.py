"""Whether two explicit inventory associations can hit one node.

Certain is a node of the app that both hit, and targets where one asks for nothing that the other
does not ask for too: the same key with a shared value, the same id, the same group. Where each
asks for a tag that the other does not, only a node with both could be hit: a warning, and known to
be nothing where the app has nodes for each and none for both.
"""

from dataclasses import dataclass

from oelab.checks.associations import Association, Kind
from oelab.checks.nodes import INSTANCE, Node
from oelab.findings import Severity
from oelab.systems_manager.tristate import Answer, all_of, any_of
from oelab.template.expression import Expression
from oelab.template.values import Value, equal, value_of

_NAMED = 5


@dataclass(frozen=True)
class Meeting:
    """That two associations can hit one node, how sure that is, and what shows it."""

    severity: Severity
    evidence: str


def find_meeting(one: Association, other: Association, nodes: list[Node]) -> Meeting | None:
    """How two explicit associations of one account and Region meet, None where they do not."""
    there = [node for node in nodes if node.environment == one.environment]
    answers = [all_of((one.hits(node), other.hits(node))) for node in there]
    shared = [node.path for node, answer in zip(there, answers, strict=True) if answer]
    if shared:
        return Meeting(Severity.ERROR, f"both reach {listed(shared)}")
    meet = _targets_meet(one, other)
    if meet is True:
        return Meeting(Severity.ERROR, _common(one, other))
    if meet is False or (any_of(answers) is False and _names_nodes_alone(one, other)):
        return None
    if Kind.OPAQUE in (one.kind, other.kind):
        return Meeting(Severity.WARNING, "the members of the target are not known to the app")
    if one.kind is other.kind is Kind.TAGS:
        apart = any_of(answers) is False and all(
            any(association.hits(node) for node in there) for association in (one, other)
        )
        evidence = "a node with the tags of both would be reached by both"
        return Meeting(Severity.UNKNOWN if apart else Severity.WARNING, evidence)
    return Meeting(Severity.UNKNOWN, "which instances have these ids is not known to the app")


def listed(names: list[str]) -> str:
    """Names for a message, the first few of many."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _targets_meet(one: Association, other: Association) -> Answer:
    """Whether the targets alone let a node be hit by both, None where they do not tell."""
    if any(pair.kind is Kind.INSTANCES and not pair.instances for pair in (one, other)):
        return False
    if one.kind is other.kind is Kind.TAGS:
        common = one.tags.keys() & other.tags.keys()
        shares = all_of(_share_a_value(one.tags[key], other.tags[key]) for key in common)
        contained = one.tags.keys() <= other.tags.keys() or other.tags.keys() <= one.tags.keys()
        return None if shares and not contained else shares
    if one.kind is other.kind is Kind.INSTANCES:
        return any_of(
            _same_instance(first, second) for first in one.instances for second in other.instances
        )
    if one.kind is other.kind is Kind.OPAQUE and one.group and one.group == other.group:
        return True
    return None


def _same_instance(one: Expression, other: Expression) -> Answer:
    known = one.resource(INSTANCE), other.resource(INSTANCE)
    if None not in known:
        return known[0] == known[1]
    return equal(value_of(one), value_of(other))


def _names_nodes_alone(*associations: Association) -> bool:
    """Whether one of them is for instances of the app and no others."""
    return any(
        association.kind is Kind.INSTANCES
        and all(instance.resource(INSTANCE) for instance in association.instances)
        for association in associations
    )


def _share_a_value(one: tuple[Value, ...], other: tuple[Value, ...]) -> Answer:
    if not one or not other:
        return True
    return any_of(equal(first, second) for first in one for second in other)


def _common(one: Association, other: Association) -> str:
    if one.kind is Kind.TAGS:
        keys = sorted(one.tags.keys() & other.tags.keys())
        return f"they share a value of {', '.join(f'tag:{key}' for key in keys)}"
    return "they share a target"
