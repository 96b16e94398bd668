"""What is there in the course of an update: CloudFormation deletes the old after all else."""

from collections.abc import Iterator
from typing import Any

from oelab.diff.assembly import Stack
from oelab.diff.effects import Effect
from oelab.diff.resources import ResourceChange
from oelab.diff.values import references, written_out

_GONE_LATER = (Effect.REPLACED, Effect.MAY_BE_REMOVED, Effect.LEFT_BEHIND, Effect.DELETED)


class Transition:
    """A stack from one version to the next, while both its old and its new resources are there."""

    def __init__(self, base: Stack, head: Stack, resources: tuple[ResourceChange, ...]) -> None:
        self.base, self.head = base, head
        self.by_id = {change.logical_id: change for change in resources}

    def those(self, *effects: Effect, of: str = "") -> list[str]:
        """The resources, of a type, to which one of these happens."""
        return [
            logical_id
            for logical_id, change in self.by_id.items()
            if change.effect in effects and of in ("", change.type)
        ]

    def meeting(self, resource_type: str) -> Iterator[tuple[str, str]]:
        """Each old resource of a type that is still there when each new one is made."""
        for new in self.those(Effect.ADDED, Effect.REPLACED, of=resource_type):
            for old in self.those(*_GONE_LATER, of=resource_type):
                yield old, new

    def cannot(self, old: str, new: str) -> str:
        """How a sentence begins on two resources that cannot be there at a time."""
        sides = ((self.base, old), (self.head, new))
        if any("Condition" in side.resources[logical_id] for side, logical_id in sides):
            return "cannot be deployed where both are there by their conditions"
        return "cannot be deployed"

    def before(self, logical_id: str, name: str) -> Any:
        """What a property was, written out."""
        return written_out(self.base.properties(logical_id).get(name), self.base.template)

    def after(self, logical_id: str, name: str) -> Any:
        """What a property is to be, written out."""
        return written_out(self.head.properties(logical_id).get(name), self.head.template)

    def stays(self, name: str) -> bool:
        """Whether a resource, or what else a reference names, is the same before and after."""
        if name not in self.base.resources:
            return name not in self.head.resources
        change = self.by_id.get(name)
        return change is None or change.effect not in (Effect.REPLACED, Effect.DELETED)

    def share(self, old: str, new: str, name: str) -> bool:
        """Whether both have the same value of a property, which stays."""
        same = self.before(old, name) == self.after(new, name) is not None
        used = references(self.head.properties(new).get(name))
        return same and all(map(self.stays, used))
