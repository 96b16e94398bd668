"""The resource groups that the settings target, and whether their members are known."""

from collections.abc import Iterator, Sequence
from itertools import product

from oelab.findings import Finding
from oelab.review.evaluate.rules import finding
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.snapshots import AccountSnapshot, FleetSnapshot
from oelab.systems_manager.targets import ResourceGroup


def unknown_groups(
    snapshots: Sequence[FleetSnapshot | AccountSnapshot], expected: ExpectedFleet
) -> Iterator[Finding]:
    """The groups of the settings whose members are not known, so that no node is expected."""
    for snapshot, each in product(snapshots, expected.associations):
        if isinstance(each.targets, ResourceGroup):
            name = str(each.targets.name)
            if name in snapshot.groups and snapshot.groups[name] is None:
                subject = snapshot.subject(f"the resource group {name}")
                yield finding("resource-group-unknown", subject, association=each.label)
