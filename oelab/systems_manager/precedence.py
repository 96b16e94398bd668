"""Which of several inventory associations runs on a node.

A node takes part in one inventory association. Quick Setup's have the highest priority, then the
explicit ones (by id, tag or resource group), then those for all nodes. What has a lower priority is
skipped; explicit ones of the same priority all fail on the node. An account and Region holds one
association for all nodes, in addition to those of Quick Setup. Source: "Troubleshooting problems
with Systems Manager Inventory" in the Systems Manager user guide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, Protocol, TypeVar

from oelab.systems_manager.documents import QUICK_SETUP_INVENTORY
from oelab.systems_manager.targets import AllNodes, Targets


class Priority(IntEnum):
    """Of two inventory associations on a node, the one of the higher priority runs."""

    ALL_NODES = 0
    EXPLICIT = 1
    QUICK_SETUP = 2


class Prioritized(Protocol):
    """An inventory association."""

    @property
    def priority(self) -> Priority:
        """As `priority_of` its name and targets."""


T = TypeVar("T", bound=Prioritized)


@dataclass(frozen=True)
class Precedence(Generic[T]):
    """What becomes of the inventory associations that apply to one node."""

    prevailing: tuple[T, ...]
    """Those of the highest priority: the one that runs, or several that conflict."""
    skipped: tuple[T, ...]

    @property
    def running(self) -> T | None:
        """The one that runs, None where several conflict or there is none."""
        return self.prevailing[0] if len(self.prevailing) == 1 else None

    @property
    def conflicting(self) -> tuple[T, ...]:
        """Those that fail, because each would run."""
        return self.prevailing if len(self.prevailing) > 1 else ()


def priority_of(name: str, targets: Targets) -> Priority:
    """The priority of an inventory association of this name ("" for none) and these targets."""
    if name.startswith(QUICK_SETUP_INVENTORY):
        return Priority.QUICK_SETUP
    return Priority.ALL_NODES if isinstance(targets, AllNodes) else Priority.EXPLICIT


def precedence(associations: Iterable[T]) -> Precedence[T]:
    """What becomes of these inventory associations on a node that all of them apply to."""
    present = tuple(associations)
    highest = max((each.priority for each in present), default=None)
    return Precedence(
        prevailing=tuple(each for each in present if each.priority == highest),
        skipped=tuple(each for each in present if each.priority != highest),
    )
