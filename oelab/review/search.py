"""Searches the inventory of several environments, an entry at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

from oelab.review.evaluate.inventory import InventorySearch, Matches
from oelab.review.models import InventoryEntry, Unread
from oelab.review.read.clients import PARALLEL_CALLS
from oelab.review.read.connection import Connection, read_all
from oelab.review.read.errors import ReadError
from oelab.review.read.inventory import read_attributes, read_entries, read_entries_of_node
from oelab.review.read.nodes import locate, read_node_index
from oelab.review.snapshots import NodeIndex
from oelab.systems_manager.inventory_types import APPLICATION

_READ_AHEAD = 1000
"""The most entries that are held before they are looked at."""


def search_inventory(
    connections: Sequence[Connection], search: InventorySearch, *, with_columns: bool
) -> Matches:
    """The entries that match; nothing of them is read yet.

    Raises `BadInputError` for a type or a node that is not there.
    """
    columns: Sequence[str] = ()
    unread: list[Unread] = []
    if with_columns or search.type_name != APPLICATION:
        columns, not_known = read_attributes(connections, search.type_name)
        # A search that does not need the columns is whole without them.
        unread += not_known if with_columns else []
    indexes = read_all(connections, read_node_index)
    unread += [each for index in indexes for each in index.unread]
    sources = [*_sources(connections, indexes, search)]
    # Where entries are printed while they are read, one environment comes after the other.
    entries = _read(sources, unread) if with_columns else _read_at_once(sources, unread)
    return Matches(search=search, columns=columns, entries=entries, unread=unread)


_Source = tuple[NodeIndex, Iterator[InventoryEntry]]


def _sources(
    connections: Sequence[Connection], indexes: Sequence[NodeIndex], search: InventorySearch
) -> Iterator[_Source]:
    if search.node:
        for aws, index, node_id in locate(connections, indexes, search.node):
            yield index, read_entries_of_node(aws, index, search.type_name, node_id)
        return
    package = search.package or ""
    for aws, index in zip(connections, indexes, strict=True):
        # AWS compares whole names.
        name = "" if "*" in package else package
        yield index, read_entries(aws, index, search.type_name, package=name)


def _read(
    sources: Sequence[_Source], unread: list[Unread]
) -> Iterator[tuple[NodeIndex, InventoryEntry]]:
    """The entries of the sources; what could not be read is added to `unread`."""
    for index, entries in sources:
        try:
            for each in entries:
                yield index, each
        except ReadError as error:
            unread.append(error.unread)


def _read_at_once(
    sources: Sequence[_Source], unread: list[Unread]
) -> Iterator[tuple[NodeIndex, InventoryEntry]]:
    """The same, of all sources at the same time, as the entries come."""
    entries: Queue[tuple[NodeIndex, InventoryEntry] | None] = Queue(_READ_AHEAD)

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
        # After a Ctrl-C nothing is waited for.
        pool.shutdown(wait=False, cancel_futures=True)
