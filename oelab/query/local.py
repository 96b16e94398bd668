"""Runs the SQL of a question in DuckDB, over the copy on this machine."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from oelab.queries import Query, tables_of, views
from oelab.query.conversion import empty_table
from oelab.query.local_copy import LocalCopy, open_copy
from oelab.query.parameters import Argument, expanded
from oelab.query.report import Progress, QueryReport, UnreadItem, no_progress
from oelab.query.sources import BucketSource, FolderSource, Source
from oelab.systems_manager.data_sync import tables


def copy_folder(source: BucketSource | FolderSource) -> Path:
    """Where the copy of a source lies unless another place is named: in the user's cache.

    Source: XDG Base Directory Specification.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if isinstance(source, BucketSource):
        name, place = source.bucket, f"{source.bucket}/{source.prefix}"
    else:
        name, place = "folder", str(source.root.resolve())
    # Prefixes and paths may be longer than the name of a file.
    digest = hashlib.sha256(place.encode()).hexdigest()[:16]
    return cache / "oelab" / "fleet-data" / f"{name}-{digest}"


@dataclass
class LocalEngine:
    """Brings the tables that a question reads up to date in the copy, once, and asks DuckDB."""

    source: Source
    folder: Path
    progress: Progress = no_progress
    current: set[str] = field(default_factory=set)
    """The tables that are up to date."""

    def run(self, query: Query, arguments: Sequence[Argument]) -> QueryReport:
        """The rows of a question with these arguments for its parameters."""
        names = tables_of(query) - self.current
        with open_copy(self.folder) as copy:
            if names:
                copy.refresh(self.source, names, self.progress)
                self.current.update(names)
            return run_on(copy, query, arguments)


def run_on(copy: LocalCopy, query: Query, arguments: Sequence[Argument]) -> QueryReport:
    """The rows of a question from a copy as it is."""
    statement, values = expanded(query, arguments)
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in tables().values():
            if files := [*map(str, copy.files(table.name))]:
                connection.read_parquet(files, hive_partitioning=False).create_view(table.name)
            else:
                connection.execute(empty_table(table))
        for view in views().values():
            connection.execute(f"CREATE VIEW {view.name} AS {view.statement}")
        answer = connection.execute(statement, values).fetchall()
    unread = (*_missing(copy, query), *copy.unread(tables_of(query)))
    return QueryReport.of(query, answer, unread=unread)


def _missing(copy: LocalCopy, query: Query) -> Iterator[UnreadItem]:
    """The types that no node has written: no answer may come from their absence.

    Of the captures of all types, only the one of every node must be there.
    """
    needed = views()["node"] if "capture" in query.sources else query
    for name in sorted(tables_of(needed)):
        if not copy.files(name):
            reason = "no node has written it; check the bucket, the prefix and the data sync"
            yield UnreadItem(tables()[name].inventory_type, reason)
