"""What a change of a template does to its resources."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from oelab.diff.effects import effect_of, may_change
from oelab.diff.stack_update import StackUpdate, properties
from oelab.diff.vocabulary import Effect, Replacement
from oelab.template.intrinsics import calls, function_of, reads

KEPT = ("Retain", "RetainExceptOnCreate")
"""The values of a DeletionPolicy or UpdateReplacePolicy by which a resource stays."""


@dataclass(frozen=True)
class PropertyChange:
    """A property or attribute that changes, and whether the resource is replaced for it.

    `before` and `after` are the evaluated values. `because_of` is the resource whose change may
    change the value, where the templates say the same before and after.
    """

    name: str
    replacement: Replacement = Replacement.NO
    before: Any = None
    after: Any = None
    because_of: str = ""


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """What happens to one resource, and why."""

    logical_id: str
    type: str
    effect: Effect
    properties: tuple[PropertyChange, ...] = ()


class _Reading(NamedTuple):
    """A property of a resource that reads an attribute of another resource.

    `replacement` is whether an update of the property replaces the resource.
    """

    logical_id: str
    name: str
    attribute: str
    replacement: Replacement


def compare_resources(update: StackUpdate) -> tuple[ResourceChange, ...]:
    """The resources that differ between two versions of a stack, by logical id.

    A resource that is replaced has a new id, and one that is changed in place may have other
    attributes, so the properties of others that read them change too. Where such a property is
    create-only, the replacement goes on from there.
    """
    changed = {i: found for i in update.replacements if (found := _own_changes(update, i))}
    readings = _readings(update)
    waiting = [*changed]
    while waiting:
        source = waiting.pop()
        for logical_id, name, attribute, replacement in readings.get(source, []):
            certainty = _certainty(update, source, changed[source], attribute)
            effect = min(replacement, certainty)
            changes = changed.get(logical_id, {})
            earlier = changes.get(name)
            if certainty is Replacement.NO or (earlier and earlier.replacement >= effect):
                continue
            change = replace(earlier or PropertyChange(name), replacement=effect, because_of=source)
            changed[logical_id] = changes | {name: change}
            waiting.append(logical_id)
    effects = {i: _effect(update, i, changes) for i, changes in changed.items()}
    return tuple(
        ResourceChange(
            logical_id=logical_id,
            type=(update.after.get(logical_id) or update.before[logical_id])["Type"],
            effect=effect,
            properties=tuple(change for _, change in sorted(changed.get(logical_id, {}).items())),
        )
        for logical_id, effect in (*sorted(effects.items()), *_added_and_removed(update))
    )


def _added_and_removed(update: StackUpdate) -> Iterator[tuple[str, Effect]]:
    for logical_id in sorted(update.after.keys() - update.before.keys()):
        yield logical_id, Effect.ADDED
    for logical_id in sorted(update.before.keys() - update.after.keys()):
        # What a nested stack creates goes or stays with it.
        removed = [each for each in _with_owners(logical_id) if each not in update.after]
        # CloudFormation goes by the template that is deployed, which is the one before.
        is_kept = any(update.before[each].get("DeletionPolicy") in KEPT for each in removed)
        yield logical_id, Effect.LEFT_BEHIND if is_kept else Effect.DELETED


def _with_owners(logical_id: str) -> Iterator[str]:
    """A resource, and the nested stacks that it is in."""
    while logical_id:
        yield logical_id
        logical_id = logical_id.rpartition("/")[0]


def _effect(update: StackUpdate, logical_id: str, changes: Mapping[str, PropertyChange]) -> Effect:
    """What happens to a resource with these changes."""
    before, after = (side[logical_id].get("Condition") for side in (update.before, update.after))
    effect = _update_effect(update, logical_id, changes)
    return effect if after in (None, before) else max(effect, Effect.MAY_BE_REMOVED)


def _update_effect(
    update: StackUpdate, logical_id: str, changes: Mapping[str, PropertyChange]
) -> Effect:
    """What happens to a resource with these changes if it exists before and after them."""
    resource_type = update.after[logical_id]["Type"]
    return effect_of(resource_type, {name: each.replacement for name, each in changes.items()})


def _own_changes(update: StackUpdate, logical_id: str) -> dict[str, PropertyChange]:
    """What the templates themselves say differently of a resource, by name."""
    sides = (update.before[logical_id], update.after[logical_id])
    found: dict[str, PropertyChange] = {}
    for name in sorted({name for side in sides for name in properties(side)}):
        before, after = (properties(side).get(name) for side in sides)
        if before != after:
            replacement = _replacement(update, logical_id, name, before, after)
            found[name] = PropertyChange(name, replacement, before, after)
    # DependsOn is an order of work: CloudFormation does nothing to a resource for it.
    for name in sorted({*sides[0], *sides[1]} - {"Properties", "DependsOn"}):
        before, after = (side.get(name) for side in sides)
        if before != after:
            # CloudFormation refuses another type under the same logical id.
            replacement = Replacement.YES if name == "Type" else Replacement.NO
            found[name] = PropertyChange(name, replacement, before, after)
    return found


def _replacement(
    update: StackUpdate, logical_id: str, name: str, before: Any, after: Any
) -> Replacement:
    """Whether another value of a property replaces the resource."""
    found = Replacement.NO
    for path, replacement in update.replacements[logical_id].items():
        one, other = _at({name: before}, path), _at({name: after}, path)
        if one != other:
            is_certain = _is_certain(one) and _is_certain(other)
            found = max(found, replacement if is_certain else min(replacement, Replacement.MAYBE))
    return found


def _is_certain(value: Any) -> bool:
    """Whether a value that is written differently is another one in every deployment.

    A Systems Manager parameter may hold the very value of the other version, and a lookup with a
    default, or in a mapping whose name is not known, may find it.
    """
    lookups = (argument for function, argument in calls(value) if function == "Fn::FindInMap")
    return "{{resolve:ssm:" not in str(value) and all(len(each) == 3 for each in lookups)


def _readings(update: StackUpdate) -> Mapping[str, list[_Reading]]:
    """The properties that read other resources, by the resource that they read."""
    found: dict[str, list[_Reading]] = defaultdict(list)
    for logical_id, replacements in update.replacements.items():
        for name, value in properties(update.after[logical_id]).items():
            for source, attribute in reads(value):
                replacement = max(
                    (
                        replacement
                        for path, replacement in replacements.items()
                        if (source, attribute) in reads(_at({name: value}, path))
                    ),
                    default=Replacement.NO,
                )
                found[source].append(_Reading(logical_id, name, attribute, replacement))
    return found


def _certainty(
    update: StackUpdate, source: str, changes: Mapping[str, PropertyChange], attribute: str
) -> Replacement:
    """Whether an attribute of a resource with these changes has another value after them."""
    match _update_effect(update, source, changes):
        case Effect.REPLACED:
            return Replacement.YES
        case Effect.CHANGED:
            before, after = (properties(side[source]) for side in (update.before, update.after))
            changed = changes.keys() & {*before, *after}
            kept = after.keys() - changed
            resource_type = update.after[source]["Type"]
            if attribute == "Ref" or not may_change(
                resource_type, attribute, changed=changed, kept=kept
            ):
                return Replacement.NO
    return Replacement.MAYBE


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        # What lies in a list or behind an intrinsic function is compared as a whole.
        if not isinstance(value, dict) or (key not in value and function_of(value)):
            return value
        value = value.get(key)
    return value
