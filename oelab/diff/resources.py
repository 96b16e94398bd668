"""What a change of a template does to its resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from oelab.diff.assembly import Stack
from oelab.diff.create_only import Path, create_only
from oelab.diff.effects import KEPT, Effect, Replacement, effect_of
from oelab.diff.values import (
    is_function,
    is_read_at_deployment,
    references,
    with_shared_mappings,
    written_out,
)
from oelab.template.assembly import Template

Resource = Mapping[str, Any]

_CONDITION = "Condition"


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """A property or attribute that changes, and whether the resource is replaced for it.

    `because_of` is the resource whose replacement changes the value, where the template itself
    says the same before and after.
    """

    name: str
    replacement: Replacement = Replacement.NO
    before: Any = None
    after: Any = None
    because_of: str = ""


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """What becomes of one resource, and why."""

    logical_id: str
    type: str
    effect: Effect
    properties: tuple[PropertyChange, ...] = ()


def compare_resources(base: Stack, head: Stack) -> tuple[ResourceChange, ...]:
    """The resources that differ between two templates of one stack, by logical id.

    A resource that is replaced has a new id, so the properties of others that refer to it change
    too; where such a property is create-only, the replacement goes on from there.
    """
    judged = _Judged(base, head)
    changed = {i: judged.changes(i) for i in base.resources if i in head.resources}
    effects = {i: judged.effect(i, changes) for i, changes in changed.items() if changes}
    waiting = [i for i, effect in effects.items() if effect in _NEW_ID]
    while waiting:
        source = waiting.pop()
        for logical_id, change in judged.consequences(source, effects[source]):
            earlier = next((c for c in changed[logical_id] if c.name == change.name), None)
            if earlier and earlier.replacement >= change.replacement:
                continue
            worse = earlier and replace(
                earlier, replacement=change.replacement, because_of=change.because_of
            )
            others = [c for c in changed[logical_id] if c is not earlier]
            changed[logical_id] = [*others, worse or change]
            effect = judged.effect(logical_id, changed[logical_id])
            if effect in _NEW_ID and effect != effects.get(logical_id):
                waiting.append(logical_id)
            effects[logical_id] = effect
    return tuple(
        ResourceChange(
            logical_id=logical_id,
            type=head.resources[logical_id]["Type"],
            effect=effect,
            properties=tuple(sorted(changed[logical_id], key=lambda change: change.name)),
        )
        for logical_id, effect in sorted(effects.items())
    ) + tuple(_come_and_gone(base, head))


_NEW_ID = {
    Effect.REPLACED: Replacement.YES,
    Effect.STOPPED: Replacement.MAYBE,
    Effect.MAY_BE_REPLACED: Replacement.MAYBE,
}


def _come_and_gone(base: Stack, head: Stack) -> Iterator[ResourceChange]:
    for logical_id in sorted(head.resources.keys() - base.resources.keys()):
        kind = head.resources[logical_id]["Type"]
        yield ResourceChange(logical_id=logical_id, type=kind, effect=Effect.ADDED)
    for logical_id in sorted(base.resources.keys() - head.resources.keys()):
        resource = base.resources[logical_id]
        # CloudFormation goes by the template that is deployed, which is the one before.
        kept = resource.get("DeletionPolicy") in KEPT
        effect = Effect.LEFT_BEHIND if kept else Effect.DELETED
        yield ResourceChange(logical_id=logical_id, type=resource["Type"], effect=effect)


class _Judged:
    """Two templates of one stack, and which properties are create-only in either."""

    def __init__(self, base: Stack, head: Stack) -> None:
        self._base, self._head = base, head
        self._create_only = (create_only(base), create_only(head))
        self._written_in = (
            with_shared_mappings(base.template, head.template),
            with_shared_mappings(head.template, base.template),
        )

    def effect(self, logical_id: str, changes: list[PropertyChange]) -> Effect:
        """What becomes of a resource with these changes."""
        resource_type = self._head.resources[logical_id]["Type"]
        effect = effect_of(resource_type, {change.name: change.replacement for change in changes})
        if any(change.name == _CONDITION and change.after is not None for change in changes):
            return max(effect, Effect.MAY_BE_REMOVED)
        return effect

    def changes(self, logical_id: str) -> list[PropertyChange]:
        """What the templates themselves say differently of a resource."""
        before, after = (
            _attributes(side.resources[logical_id], template)
            for side, template in zip((self._base, self._head), self._written_in, strict=True)
        )
        sides = (self._base.properties(logical_id), self._head.properties(logical_id))
        names = sorted({name for side in sides for name in side})
        changes = [change for name in names if (change := self._property(logical_id, name))]
        for name in sorted(before.keys() | after.keys()):
            old, new = before.get(name), after.get(name)
            if old != new:
                # Another type under the same logical id is refused by CloudFormation.
                replacement = Replacement.YES if name == "Type" else Replacement.NO
                changes.append(
                    PropertyChange(name=name, replacement=replacement, before=old, after=new)
                )
        return changes

    def _property(self, logical_id: str, name: str) -> PropertyChange | None:
        before = self._base.properties(logical_id).get(name)
        after = self._head.properties(logical_id).get(name)
        old, new = (
            written_out({} if value is None else {name: value}, template)
            for value, template in zip((before, after), self._written_in, strict=True)
        )
        if old == new:
            return None
        replacement = max(
            (
                judged
                for path, judged in self._paths(logical_id, name).items()
                if _at(old, path) != _at(new, path)
            ),
            default=Replacement.NO,
        )
        if is_read_at_deployment(old) or is_read_at_deployment(new):
            # The parameter may hold the very value of the other version.
            replacement = min(replacement, Replacement.MAYBE)
        return PropertyChange(name=name, replacement=replacement, before=before, after=after)

    def consequences(self, source: str, effect: Effect) -> Iterator[tuple[str, PropertyChange]]:
        """The properties of other resources that change with the id of one."""
        for logical_id in self._base.resources.keys() & self._head.resources.keys() - {source}:
            for name, value in self._head.properties(logical_id).items():
                if source not in references(value):
                    continue
                judged = [
                    replacement
                    for path, replacement in self._paths(logical_id, name).items()
                    if source in references(_at({name: value}, path))
                ]
                replacement = min(max(judged, default=Replacement.NO), _NEW_ID[effect])
                yield (
                    logical_id,
                    PropertyChange(name=name, replacement=replacement, because_of=source),
                )

    def _paths(self, logical_id: str, name: str) -> dict[Path, Replacement]:
        base, head = (side.get(logical_id, {}) for side in self._create_only)
        return {path: judged for path, judged in (base | head).items() if path[0] == name}


def _attributes(resource: Resource, template: Template) -> dict[str, Any]:
    """What is said of a resource beside its properties, its condition written out.

    Nor its DependsOn, an order of work: CloudFormation does nothing to a resource for it.
    """
    found = {k: v for k, v in resource.items() if k not in ("Properties", "DependsOn")}
    if _CONDITION in found:
        found[_CONDITION] = written_out({_CONDITION: found[_CONDITION]}, template)
    return found


def _at(value: Any, path: Path) -> Any:
    for key in path:
        # What lies in a list or behind an intrinsic function is compared as a whole.
        if not isinstance(value, dict) or (key not in value and is_function(value)):
            return value
        value = value.get(key)
    return value
