"""`oelab inventory` and `oelab compare`: reads inventory entry by entry, and filters it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

from oelab.review.evaluate.inventory import InventorySearch, Matches
from oelab.review.evaluate.scope import nodes_in_scope
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Unread
from oelab.review.read.associations import read_without_runs
from oelab.review.read.clients import PARALLEL_CALLS
from oelab.review.read.connection import Connection, read_all
from oelab.review.read.errors import ReadError
from oelab.review.read.inventory import read_attributes, read_entries, read_entries_of_node
from oelab.review.read.nodes import locate
from oelab.review.records import InventoryEntry
from oelab.review.snapshots import FleetSnapshot, unread_in
from oelab.systems_manager.inventory_types import APPLICATION

_READ_AHEAD = 1000
"""The most entries that are held before they are looked at."""


def search_inventory(
    connections: Sequence[Connection],
    expected: ExpectedFleet,
    search: InventorySearch,
    *,
    with_columns: bool = False,
) -> Matches:
    """The entries that match; nothing of them is read yet.

    Raises `BadInputError` for a type or a node that is not there.
    """
    type_name = search.type_name
    columns: Sequence[str] = ()
    unread: list[Unread] = []
    if with_columns or type_name != APPLICATION:
        columns, unread = read_attributes(connections, type_name)
    snapshots = read_all(connections, read_without_runs, expected)
    unread += unread_in(snapshots)
    if search.node:
        located = locate(connections, snapshots, search.node)
        scope = [(snapshot, node_id) for _, snapshot, node_id in located]
        sources = [(x, read_entries_of_node(aws, x, type_name, node)) for aws, x, node in located]
    else:
        pairs = zip(connections, snapshots, strict=True)
        scope = [(x, node) for x in snapshots for node in nodes_in_scope(x, expected, type_name)]
        sources = [(x, read_entries(aws, x, type_name)) for aws, x in pairs]
    # Where entries are printed while they are read, one environment comes after the other.
    entries = _read(sources, unread) if with_columns else _read_at_once(sources, unread)
    return Matches(
        search=search,
        expected=expected,
        snapshots=snapshots,
        scope=scope,
        columns=columns,
        entries=entries,
        unread=unread,
    )


_Source = tuple[FleetSnapshot, Iterator[InventoryEntry]]


def _read(
    sources: Sequence[_Source], unread: list[Unread]
) -> Iterator[tuple[FleetSnapshot, InventoryEntry]]:
    """The entries of the sources; what could not be read is added to `unread`."""
    for snapshot, entries in sources:
        try:
            for each in entries:
                yield snapshot, each
        except ReadError as error:
            unread.append(error.unread)


def _read_at_once(
    sources: Sequence[_Source], unread: list[Unread]
) -> Iterator[tuple[FleetSnapshot, InventoryEntry]]:
    """The same, of all sources at the same time, as the entries come."""
    entries: Queue[tuple[FleetSnapshot, InventoryEntry] | None] = Queue(_READ_AHEAD)

    def read(source: _Source) -> None:
        try:
            for each in _read([source], unread):
                entries.put(each)
        finally:
            entries.put(None)

    pool = ThreadPoolExecutor(PARALLEL_CALLS)
    try:
        started = [pool.submit(read, each) for each in sources]
        for _ in sources:
            yield from iter(entries.get, None)
        for each in started:
            each.result()
    finally:
        # After a Ctrl-C no answer is waited for.
        pool.shutdown(wait=False, cancel_futures=True)
