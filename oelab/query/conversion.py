"""Fetches objects and turns their documents into rows in Parquet."""

import codecs
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from oelab.query.sources import Source, StoredObject, UnreadableError
from oelab.systems_manager.data_sync import COMMON_ATTRIBUTES, Table

_BATCH_BYTES = 48_000_000
_BATCH_OBJECTS = 5_000
_MEMORY = "1GB"

_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda name: name[:1].lower() + name[1:],
    lambda name: name[:1].upper() + name[1:],
)
"""How documents may spell attributes: as documented, or all in one of the usual ways. DuckDB
distinguishes keys by case, unlike Athena, so what is spelt otherwise would be missing unnoticed."""


@dataclass(frozen=True)
class NoRows:
    """Why there are no rows of an object: it is gone, or for a `reason`.

    One that is not `is_final` may be read the next time.
    """

    reason: str = ""
    is_final: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the object was there when objects were listed, and is not any more."""
        return not self.reason


_NO_DOCUMENTS = NoRows("must hold one JSON document a line", is_final=True)


@dataclass(frozen=True)
class Conversion:
    """How objects come here: from a source, by the threads of a pool, through a folder.

    `fetched` is called after each one.
    """

    source: Source
    pool: ThreadPoolExecutor
    folder: Path
    fetched: Callable[[], None]

    @contextmanager
    def of(self, table: Table) -> Iterator["TableConversion"]:
        """The conversion of objects of one table."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET preserve_insertion_order = false")
            # With several threads, DuckDB 2.0 takes an object that is cut off for a whole one, one
            # time in six.
            connection.execute("SET threads = 1")
            connection.execute(f"SET memory_limit = '{_MEMORY}'")
            connection.execute(f"SET temp_directory = {_quoted(self.folder / 'spilled')}")
            yield TableConversion(self, table, connection)


class TableConversion:
    """The objects of one table, account and Region on their way into one file."""

    def __init__(self, by: Conversion, table: Table, connection: duckdb.DuckDBPyConnection) -> None:
        self._by = by
        self._table = table
        self._connection = connection
        self._parts: list[Path] = []

    def convert(self, objects: Iterable[StoredObject]) -> Iterator[tuple[StoredObject, NoRows]]:
        """Fetch objects and convert them; those that have no rows because something is wrong."""
        for batch in _batches(objects):
            documents = self._by.folder / "documents"
            documents.mkdir()
            groups: dict[int, list[StoredObject]] = defaultdict(list)
            for each, outcome in zip(batch, self._by.pool.map(self._fetch, batch), strict=True):
                self._by.fetched()
                if isinstance(outcome, NoRows):
                    yield each, outcome
                else:
                    groups[outcome].append(each)
            for spelling, group in groups.items():
                for each in self._convert(group, spelling):
                    yield each, _NO_DOCUMENTS
            shutil.rmtree(documents)

    def write(self, path: Path, old: Path | None, gone: Collection[str]) -> None:
        """Put what has been converted into one file, with the old rows of other nodes."""
        rows = [rows_of(self._parts)] if self._parts else []
        if old:
            self._connection.execute("CREATE TABLE gone AS SELECT unnest(?) AS node", [[*gone]])
            rows.append(f"{rows_of([old])} WHERE resourceid NOT IN (SELECT node FROM gone)")
        draft = self._by.folder / "rows.parquet"
        self._save(" UNION ALL ".join(rows or [no_rows(self._table)]), draft)
        draft.replace(path)

    def _fetch(self, each: StoredObject) -> int | NoRows:
        """Store the documents of an object; the position of their spelling in `_SPELLINGS`."""
        try:
            content = self._by.source.read(each.key)
        except UnreadableError as error:
            return NoRows(f"cannot be read: {error}")
        if content is None:
            return NoRows()
        if content.startswith(codecs.BOM_UTF8):
            # DuckDB skips it in a file that it reads by itself, and AWS documents none.
            return _NO_DOCUMENTS
        spelling = _spelling_of(self._table, content)
        if spelling is None:
            reason = "must spell the attributes in a way that is known"
            return NoRows(reason, is_final=True)
        self._documents(each).write_bytes(content)
        return spelling

    def _convert(self, objects: list[StoredObject], spelling: int) -> list[StoredObject]:
        """Convert documents of one spelling; those that are none."""
        part = self._by.folder / f"{len(self._parts)}.parquet"
        wrong: list[StoredObject] = []
        if not self._can_convert(objects, spelling, part):
            wrong = [each for each in objects if not self._can_convert([each], spelling, part)]
            right = [each for each in objects if each not in wrong]
            if not right:
                return wrong
            self._can_convert(right, spelling, part)
        self._parts.append(part)
        return wrong

    def _can_convert(self, objects: list[StoredObject], spelling: int, part: Path) -> bool:
        """Write the rows of these objects, which share account and Region, if all have any."""
        keys = {key.lower(): key for key in _attributes(self._table, spelling)}
        texts = dict.fromkeys(keys.values(), "VARCHAR")
        paths = ", ".join(_quoted(self._documents(each)) for each in objects)
        reader = (
            f"read_json([{paths}], format = 'newline_delimited', columns = {texts}, "
            "filename = true, maximum_object_size = 67108864)"
        )
        values = {
            "accountid": _quoted(objects[0].name.account),
            "region": _quoted(objects[0].name.region),
            **keys,
            # The key of the object names the node, whatever a line says.
            "resourceid": "parse_filename(filename, true)",
        }
        columns = ", ".join(f"{value} AS {column}" for column, value in values.items())
        condition = f"COALESCE({', '.join(texts)}) IS NOT NULL"
        try:
            self._save(f"SELECT {columns} FROM {reader} WHERE {condition}", part)
        except duckdb.Error:
            return False
        return True

    def _documents(self, each: StoredObject) -> Path:
        return self._by.folder / "documents" / f"{each.name.node}.json"

    def _save(self, rows: str, path: Path) -> None:
        options = "(FORMAT parquet, COMPRESSION zstd)"
        self._connection.execute(f"COPY ({rows}) TO {_quoted(path)} {options}")


def rows_of(files: Iterable[object]) -> str:
    """A query for the rows of some files of one table."""
    # The folders say account and Region too, but would make a number of the account.
    return f"FROM read_parquet([{', '.join(map(_quoted, files))}], hive_partitioning = false)"


def no_rows(table: Table) -> str:
    """A query for the columns of a table that has no rows."""
    columns = ("accountid", "region", *table.columns)
    return "SELECT " + ", ".join(f"NULL::VARCHAR AS {each}" for each in columns) + " WHERE 1 = 0"


def _attributes(table: Table, spelling: int) -> list[str]:
    """The keys that documents have, in a spelling."""
    return list(map(_SPELLINGS[spelling], (*table.attributes, *COMMON_ATTRIBUTES)))


def _spelling_of(table: Table, content: bytes) -> int | None:
    """The position in `_SPELLINGS` of the way in which the first document spells its attributes."""
    try:
        document = json.loads(content.partition(b"\n")[0])
    except ValueError:
        # It is found when it is converted, unless nothing is there.
        return 0
    names = document if isinstance(document, dict) else ()
    keys = {key for key in names if key.lower() in table.columns}
    fitting = (n for n in range(len(_SPELLINGS)) if keys <= {*_attributes(table, n)})
    return next(fitting, None)


def _batches(objects: Iterable[StoredObject]) -> Iterator[list[StoredObject]]:
    batch: list[StoredObject] = []
    size = 0
    for each in objects:
        if batch and (size + each.size > _BATCH_BYTES or len(batch) == _BATCH_OBJECTS):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.size
    if batch:
        yield batch


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
