"""Searches the inventory of several environments, an entry at a time."""

from collections.abc import Iterator, Sequence

from oelab.review.evaluate.inventory import InventorySearch, Matches
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import InventoryEntry, Unread
from oelab.review.read.connection import Connection, read_all
from oelab.review.read.errors import ReadError
from oelab.review.read.inventory import (
    read_attributes,
    read_entries,
    read_entries_of_node,
    read_inventory_snapshot,
)
from oelab.review.read.nodes import locate
from oelab.review.snapshots import InventorySnapshot
from oelab.systems_manager.inventory_types import APPLICATION


def search_inventory(
    connections: Sequence[Connection],
    expected: ExpectedFleet,
    search: InventorySearch,
    *,
    with_columns: bool,
) -> Matches:
    """The entries that match; nothing of them is read yet.

    Raises `BadInputError` for a type or a node that is not there.
    """
    columns: Sequence[str] = ()
    unread: list[Unread] = []
    if with_columns or search.type_name != APPLICATION:
        columns, not_known = read_attributes(connections, search.type_name)
        unread += not_known
    snapshots = read_all(connections, read_inventory_snapshot, expected)
    unread += [each for snapshot in snapshots for each in snapshot.unread]
    if search.node:
        located = locate(connections, snapshots, search.node)
        nodes = [(snapshot, node_id) for _, snapshot, node_id in located]
        sources = [
            (snapshot, read_entries_of_node(aws, snapshot, search.type_name, node_id))
            for aws, snapshot, node_id in located
        ]
    else:
        nodes = None
        sources = [
            (snapshot, read_entries(aws, snapshot, search.type_name))
            for aws, snapshot in zip(connections, snapshots, strict=True)
        ]
    return Matches(
        search=search,
        expected=expected,
        snapshots=snapshots,
        nodes=nodes,
        columns=columns,
        entries=_read(sources, unread),
        unread=unread,
    )


def _read(
    sources: Sequence[tuple[InventorySnapshot, Iterator[InventoryEntry]]], unread: list[Unread]
) -> Iterator[tuple[InventorySnapshot, InventoryEntry]]:
    """The entries of the sources; what could not be read is added to `unread`."""
    for snapshot, entries in sources:
        try:
            for each in entries:
                yield snapshot, each
        except ReadError as error:
            unread.append(error.unread)
