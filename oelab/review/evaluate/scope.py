"""Of which nodes an inventory type is expected, and where the members of a group are unknown."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from oelab.findings import Finding
from oelab.review.evaluate.rules import finding_in
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import known
from oelab.review.records import AssociationDetails
from oelab.review.snapshots import AccountSnapshot, FleetSnapshot
from oelab.systems_manager.inventory_types import collects
from oelab.systems_manager.targets import ResourceGroup
from oelab.systems_manager.tristate import Answer


def unknown_groups(
    snapshots: Sequence[FleetSnapshot | AccountSnapshot], expected: ExpectedFleet
) -> Iterator[Finding]:
    """The groups of the settings whose members are not known, so that no node is expected."""
    for snapshot, each in product(snapshots, expected.associations):
        if isinstance(each.targets, ResourceGroup):
            name, label = str(each.targets.name), each.label
            if name in snapshot.groups and snapshot.groups[name] is None:
                yield finding_in(snapshot, "resource-group-unknown", group=name, association=label)


def nodes_in_scope(
    snapshot: FleetSnapshot, expected: ExpectedFleet, type_name: str
) -> Iterator[str]:
    """The ids of the nodes of which a type is collected, or may be.

    They are the expected nodes and the managed ones whose platform has the type and of which an
    association collects it: one that is deployed, or one of the settings.
    """
    of_settings = {*expected.nodes_of(snapshot)}
    for node_id in sorted({*snapshot.nodes, *of_settings}):
        parameters = [*_deployed(snapshot, node_id)]
        if node_id in of_settings:
            parameters += _planned(snapshot, expected, node_id)
        is_windows = _is_windows(snapshot, node_id)
        if any(collects(x, type_name, is_windows=is_windows) is not False for x in parameters):
            yield node_id


def _deployed(snapshot: FleetSnapshot, node_id: str) -> Iterator[Mapping[str, Sequence[str]]]:
    """The parameters of the deployed associations that apply to a node."""
    for each in snapshot.histories:
        if snapshot.is_targeted(node_id, each.association.targets):
            yield known(each.details, AssociationDetails()).parameters


def _planned(
    snapshot: FleetSnapshot, expected: ExpectedFleet, node_id: str
) -> Iterator[Mapping[str, Sequence[str]]]:
    """Those of the settings for an expected node; of all where none targets it, as one should."""
    association = expected.association_of(snapshot.identity_of(node_id))
    every = expected.settings.inventory.associations
    return (each.types.parameters() for each in ([association] if association else every))


def _is_windows(snapshot: FleetSnapshot, node_id: str) -> Answer:
    """Whether a node runs Windows; an instance that is not managed counts as one of Linux."""
    node = snapshot.nodes.get(node_id)
    if node and not node.platform_type:
        return None
    return node is not None and node.is_windows
