"""The resource groups that the settings target, and whether their members are known."""

from collections.abc import Iterator, Sequence
from itertools import product

from oelab.findings import Finding
from oelab.review.evaluate.rules import finding_in
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.snapshots import AccountSnapshot, NodeIndex
from oelab.systems_manager.targets import ResourceGroup


def unknown_groups(
    snapshots: Sequence[NodeIndex | AccountSnapshot], expected: ExpectedFleet
) -> Iterator[Finding]:
    """The groups of the settings whose members are not known, so that no node is expected."""
    for snapshot, each in product(snapshots, expected.associations):
        if isinstance(each.targets, ResourceGroup):
            name, label = str(each.targets.name), each.label
            if name in snapshot.groups and snapshot.groups[name] is None:
                yield finding_in(snapshot, "resource-group-unknown", group=name, association=label)
