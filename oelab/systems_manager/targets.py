"""Which nodes an association applies to, and whether two associations can share a node.

Source: "Understanding targets and rate controls in State Manager associations" in the Systems
Manager user guide, and the data type Target in the API reference.

The values come from templates and from AWS. A value is a text, an `Opaque` expression that only the
deployment knows, or anything hashable that stands for one resource of an app.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import product
from typing import NamedTuple

from oelab.systems_manager.tristate import Answer, all_of, any_of

INSTANCE_IDS = "InstanceIds"
TAG_PREFIX = "tag:"
RESOURCE_GROUP = "resource-groups:Name"
PARAMETER_VALUES = "ParameterValues"
WILDCARD = "*"
KINDS_OF_KEYS = (INSTANCE_IDS, TAG_PREFIX, RESOURCE_GROUP)
"""How the keys begin that State Manager documents; it takes them in any case of letters."""

_LISTED = 5


@dataclass(frozen=True)
class Opaque:
    """An expression whose text only the deployment knows.

    Equal expressions of one `scope` (a stack) have the same value.
    """

    scope: str
    expression: str

    def __str__(self) -> str:
        return self.expression


Value = Hashable
Criterion = tuple[Value, tuple[Value, ...]]
"""The key of a target and its values."""


@dataclass(frozen=True)
class AllNodes:
    """Every managed node of the account and Region."""


@dataclass(frozen=True)
class Nodes:
    """Nodes by id; none where there are no ids."""

    ids: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Tags:
    """Nodes that carry every one of the keys, each with one of its values; no values mean any."""

    values: Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class ResourceGroup:
    """The nodes of a resource group; `query` is None where the tags of its query are unknown."""

    name: Value
    query: Tags | None = None


@dataclass(frozen=True)
class OtherResources:
    """What an automation runs on other than nodes: values of a parameter, or target maps."""

    given: tuple[Criterion, ...] = ()


@dataclass(frozen=True)
class UnknownTargets:
    """Targets that only the deployment knows, or of a form that is not documented."""

    given: tuple[Criterion, ...] = ()


Targets = AllNodes | Nodes | Tags | ResourceGroup | OtherResources | UnknownTargets


@dataclass(frozen=True)
class NodeIdentity:
    """The id, the tags and the resource groups of a node.

    `has_more_tags` where `tags` may not be all of them; `groups` says of each resource group whose
    members are known whether the node is one of them.
    """

    id: Value
    tags: Mapping[str, Value] = field(default_factory=dict)
    has_more_tags: bool = False
    groups: Mapping[Value, bool] = field(default_factory=dict)


class Likelihood(IntEnum):
    """How likely it is that two associations share a node."""

    UNLIKELY = 1
    """The nodes that are known are apart, or nothing suggests that they share one."""
    LIKELY = 2
    CERTAIN = 3


class Overlap(NamedTuple):
    """That two associations can share a node, and what shows it."""

    likelihood: Likelihood
    evidence: str


def targets_of(criteria: Iterable[Criterion]) -> Targets:
    """The targets that keys and their values name.

    AWS takes the keys in any case, as its own pages write `instanceids` as well as `InstanceIds`;
    the key of a tag counts as it is spelt. State Manager does not mix kinds of targets, so a
    mixture is unknown.
    """
    given = tuple(criteria)
    found: list[Targets] = []
    tags: dict[str, tuple[Value, ...]] = {}
    ids: list[Value] = []
    for key, values in given:
        text = key if isinstance(key, str) else ""
        folded = text.casefold()
        if folded == INSTANCE_IDS.casefold():
            ids += values
        elif folded.startswith(TAG_PREFIX):
            tags[text[len(TAG_PREFIX) :]] = values
        elif folded == RESOURCE_GROUP.casefold() and len(values) == 1:
            found.append(ResourceGroup(values[0]))
        elif folded == PARAMETER_VALUES.casefold():
            found.append(OtherResources(given))
        else:
            found.append(UnknownTargets(given))
    if tags:
        found.append(Tags(tags))
    if ids or not found:
        found.append(AllNodes() if WILDCARD in ids else Nodes(tuple(ids)))
    return found[0] if len(found) == 1 else UnknownTargets(given)


def criteria_of(targets: Targets) -> tuple[Criterion, ...]:
    """The keys and values of targets, as State Manager spells them."""
    match targets:
        case AllNodes():
            return ((INSTANCE_IDS, (WILDCARD,)),)
        case Nodes():
            return ((INSTANCE_IDS, targets.ids),) if targets.ids else ()
        case Tags():
            tags = targets.values.items()
            return tuple((f"{TAG_PREFIX}{key}", tuple(values)) for key, values in tags)
        case ResourceGroup():
            return ((RESOURCE_GROUP, (targets.name,)),)
        case OtherResources() | UnknownTargets():
            return targets.given


def required_tags(targets: Targets) -> Tags | None:
    """The tags that decide whether a node is a target; None where something else does."""
    if isinstance(targets, ResourceGroup):
        return targets.query
    return targets if isinstance(targets, Tags) else None


def describe(targets: Targets) -> str:
    """Targets as text for a message, such as `tag:Environment=Test|Prod`; "" for none."""
    return " and ".join(
        f"{key}={'|'.join(map(str, values))}" for key, values in criteria_of(targets)
    )


def equal(one: Value, other: Value) -> Answer:
    """Whether two values are the same."""
    if one == other:
        return True
    return None if isinstance(one, Opaque) or isinstance(other, Opaque) else False


def matches(targets: Targets, node: NodeIdentity) -> Answer:
    """Whether an association with these targets applies to a node of its account and Region."""
    match targets:
        case AllNodes():
            return True
        case Nodes():
            return _any_equal(targets.ids, (node.id,))
        case Tags():
            return all_of(_carries(node, key, values) for key, values in targets.values.items())
        case ResourceGroup():
            known = node.groups.get(targets.name)
            return matches(targets.query, node) if targets.query else known
        case OtherResources():
            return False
        case UnknownTargets():
            return None


def find_overlap(one: Targets, other: Targets, nodes: Sequence[NodeIdentity]) -> Overlap | None:
    """How likely two associations of one account and Region share a node; None for certainly not.

    Certain is one of the nodes that are known to which both apply, and targets of which one asks
    for nothing that the other does not ask for too. Where each asks for a tag that the other does
    not, a node with both is likely, unless there are nodes for each and none for both.
    """
    one, other = required_tags(one) or one, required_tags(other) or other
    can_share = _can_share(one, other)
    if can_share is False:
        return None
    answers = [(matches(one, node), matches(other, node)) for node in nodes]
    by_both = [all_of(pair) for pair in answers]
    if any(by_both):
        shared = [str(node.id) for node, answer in zip(nodes, by_both, strict=True) if answer]
        return Overlap(Likelihood.CERTAIN, f"both reach {listed(shared)}")
    if can_share:
        return Overlap(Likelihood.CERTAIN, _what_they_share(one, other))
    are_apart = any_of(by_both) is False
    ids = {node.id for node in nodes}
    are_known = any(isinstance(x, Nodes) and ids.issuperset(x.ids) for x in (one, other))
    if are_apart and are_known:
        return None
    if isinstance(one, Tags) and isinstance(other, Tags):
        each_has_one = bool(answers) and all(map(any, zip(*answers, strict=True)))
        return Overlap(
            Likelihood.UNLIKELY if are_apart and each_has_one else Likelihood.LIKELY,
            "a node with the tags of both would be reached by both",
        )
    if isinstance(one, Nodes | Tags) and isinstance(other, Nodes | Tags):
        return Overlap(Likelihood.UNLIKELY, "which instances have these ids is not known")
    return Overlap(Likelihood.LIKELY, "the members of the target are not known")


def listed(names: list[str]) -> str:
    """Names for a message, the first few of many."""
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _carries(node: NodeIdentity, key: str, values: Sequence[Value]) -> Answer:
    if key not in node.tags:
        return None if node.has_more_tags else False
    return _share_a_value((node.tags[key],), values)


def _can_share(one: Targets, other: Targets) -> Answer:
    """Whether the targets by themselves let a node be reached by both."""
    pair = one, other
    if any(isinstance(each, OtherResources) or each == Nodes() for each in pair):
        return False
    match pair:
        case (AllNodes(), AllNodes() | Nodes() | Tags()) | (Nodes() | Tags(), AllNodes()):
            return True
        case Tags(mine), Tags(theirs):
            common = mine.keys() & theirs.keys()
            shares = all_of(_share_a_value(mine[key], theirs[key]) for key in common)
            is_contained = common in (mine.keys(), theirs.keys())
            return None if shares and not is_contained else shares
        case Nodes(mine), Nodes(theirs):
            return _any_equal(mine, theirs)
        case ResourceGroup(mine), ResourceGroup(theirs) if mine == theirs:
            return True
    return None


def _share_a_value(one: Sequence[Value], other: Sequence[Value]) -> Answer:
    return True if not one or not other else _any_equal(one, other)


def _any_equal(one: Iterable[Value], other: Iterable[Value]) -> Answer:
    return any_of(equal(*pair) for pair in product(one, other))


def _what_they_share(one: Targets, other: Targets) -> str:
    if isinstance(one, Tags) and isinstance(other, Tags):
        keys = sorted(one.values.keys() & other.values.keys())
        return f"they share a value of {', '.join(f'{TAG_PREFIX}{key}' for key in keys)}"
    return "they share a target"
