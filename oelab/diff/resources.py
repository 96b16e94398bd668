"""What a change of a template does to its resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from oelab.diff.effects import Effect, Replacement
from oelab.diff.replacement import effect_of
from oelab.diff.stack_update import StackUpdate, properties
from oelab.template.intrinsics import function_of, references

KEPT = ("Retain", "RetainExceptOnCreate")
"""The values of a DeletionPolicy or UpdateReplacePolicy by which a resource stays."""

_NEW_ID = {
    Effect.REPLACED: Replacement.YES,
    Effect.STOPPED: Replacement.MAYBE,
    Effect.MAY_BE_REPLACED: Replacement.MAYBE,
}


@dataclass(frozen=True)
class PropertyChange:
    """A property or attribute that changes, and whether the resource is replaced for it.

    `before` and `after` are the evaluated values. `because_of` is the resource whose replacement
    changes the value, where the templates say the same before and after.
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


def compare_resources(update: StackUpdate) -> tuple[ResourceChange, ...]:
    """The resources that differ between two versions of a stack, by logical id.

    A resource that is replaced has a new id, so the properties of others that refer to it change
    too; where such a property is create-only, the replacement goes on from there.
    """
    shared = sorted(update.before.keys() & update.after.keys())
    changed = {i: found for i in shared if (found := _own_changes(update, i))}
    effects = {i: _effect(update, i, changes) for i, changes in changed.items()}
    waiting = [i for i, effect in effects.items() if effect in _NEW_ID]
    while waiting:
        source = waiting.pop()
        for logical_id, change in _consequences(update, source, effects[source]):
            changes = changed.setdefault(logical_id, {})
            earlier = changes.get(change.name)
            if earlier and earlier.replacement >= change.replacement:
                continue
            changes[change.name] = replace(
                earlier or change, replacement=change.replacement, because_of=source
            )
            effect = _effect(update, logical_id, changes)
            if effect in _NEW_ID and effect != effects.get(logical_id):
                waiting.append(logical_id)
            effects[logical_id] = effect
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
        # CloudFormation goes by the template that is deployed, which is the one before.
        is_kept = update.before[logical_id].get("DeletionPolicy") in KEPT
        yield logical_id, Effect.LEFT_BEHIND if is_kept else Effect.DELETED


def _effect(update: StackUpdate, logical_id: str, changes: Mapping[str, PropertyChange]) -> Effect:
    """What happens to a resource with these changes."""
    resource_type = update.after[logical_id]["Type"]
    effect = effect_of(resource_type, {k: each.replacement for k, each in changes.items()})
    condition = changes.get("Condition")
    may_go = condition is not None and condition.after is not None
    return max(effect, Effect.MAY_BE_REMOVED) if may_go else effect


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
    found = max(
        (
            replacement
            for path, replacement in update.create_only[logical_id].items()
            if _at({name: before}, path) != _at({name: after}, path)
        ),
        default=Replacement.NO,
    )
    # A Systems Manager parameter may hold the very value of the other version.
    is_stored = "{{resolve:ssm:" in str((before, after))
    return min(found, Replacement.MAYBE) if is_stored else found


def _consequences(
    update: StackUpdate, source: str, effect: Effect
) -> Iterator[tuple[str, PropertyChange]]:
    """The properties of other resources that change with the id of one."""
    for logical_id in update.create_only.keys() - {source}:
        for name, value in properties(update.after[logical_id]).items():
            if source in references(value):
                replacement = max(
                    (
                        replacement
                        for path, replacement in update.create_only[logical_id].items()
                        if source in references(_at({name: value}, path))
                    ),
                    default=Replacement.NO,
                )
                replacement = min(replacement, _NEW_ID[effect])
                yield logical_id, PropertyChange(name, replacement, because_of=source)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        # What lies in a list or behind an intrinsic function is compared as a whole.
        if not isinstance(value, dict) or (key not in value and function_of(value)):
            return value
        value = value.get(key)
    return value
