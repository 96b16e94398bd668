"""Fetches objects and turns their documents into rows in Parquet."""

import codecs
import json
import shutil
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from oelab.query.sources import Source, StoredObject, UnreadableError
from oelab.systems_manager.data_sync import COMMON_ATTRIBUTES, Table

_BATCH = 1_000
"""How many objects are here at a time as they are in the source."""

_MEMORY = "1GB"
# The folders say account and Region too, but would make a number of the account.
_ROWS = "FROM read_parquet(?, hive_partitioning = false)"


class NoRows(NamedTuple):
    """Why an object has no rows; one that is not `is_final` may be read the next time."""

    reason: str
    is_final: bool = False


GONE = NoRows("is gone since it was listed")
NO_DOCUMENTS = NoRows("must hold one JSON document a line", is_final=True)


@dataclass(frozen=True)
class Conversion:
    """How objects become rows: from a source, by the threads of a pool, through a folder.

    `fetched` is called after each one.
    """

    source: Source
    pool: ThreadPoolExecutor
    folder: Path
    fetched: Callable[[], None]

    def convert(
        self, table: Table, objects: Sequence[StoredObject], old: Path, gone: Collection[str]
    ) -> tuple[Path, dict[StoredObject, NoRows]]:
        """A new file with the rows of objects of one table, account and Region.

        It also has those of the `old` file, if there is one, without the nodes that are `gone`. The
        second is why objects have no rows, where something is wrong.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        wrong: dict[StoredObject, NoRows] = {}
        settings: dict[str, Any] = {
            "memory_limit": _MEMORY,
            "preserve_insertion_order": False,
            "temp_directory": str(self.folder / "spilled"),
            # With several threads, DuckDB 2.0 takes an object that is cut off for a whole one, one
            # time in six.
            "threads": 1,
        }
        with duckdb.connect(":memory:", config=settings) as database:
            write = partial(self._write_part, table, database)
            for start in range(0, len(objects), _BATCH):
                batch = objects[start : start + _BATCH]
                outcomes = self.pool.map(partial(self._fetch, table), batch)
                for each, outcome in zip(batch, outcomes, strict=True):
                    self.fetched()
                    if outcome:
                        wrong[each] = outcome
                fetched = [each for each in batch if each not in wrong]
                wrong |= dict.fromkeys(_refused(fetched, write), NO_DOCUMENTS)
                for documents in self.folder.glob("*.json"):
                    documents.unlink()
            database.execute(empty_table(table))
            queries = [f"FROM {table.name}"]
            values: list[Any] = []
            if files := [*map(str, self.folder.glob("*.parquet"))]:
                queries.append(_ROWS)
                values.append(files)
            if old.exists():
                queries.append(f"{_ROWS} WHERE resourceid NOT IN (SELECT unnest(?))")
                values += [str(old), [*gone]]
            file = self.folder / "rows"
            _save(database, " UNION ALL ".join(queries), values, file)
        return file, wrong

    def _fetch(self, table: Table, each: StoredObject) -> NoRows | None:
        """Store the documents of an object; why there are none."""
        try:
            content = self.source.read(each.key)
        except UnreadableError as error:
            return NoRows(f"cannot be read: {error}")
        if content is None:
            return GONE
        # DuckDB skips a byte-order mark in a file that it reads by itself, and AWS documents none.
        if content.startswith(codecs.BOM_UTF8):
            return NO_DOCUMENTS
        try:
            content = _spelt_as_documented(content, table)
        except (ValueError, AttributeError):
            return NO_DOCUMENTS
        (self.folder / f"{each.name.node}.json").write_bytes(content)
        return None

    def _write_part(
        self, table: Table, database: duckdb.DuckDBPyConnection, objects: Sequence[StoredObject]
    ) -> None:
        """Write the rows of objects that have been fetched. Raises duckdb.Error."""
        first = objects[0].name
        names = (*table.attributes, *COMMON_ATTRIBUTES)
        # The key of the object names the node, whatever a line says.
        query = f"""
            SELECT '{first.account}', '{first.region}', * EXCLUDE (filename)
                REPLACE (parse_filename(filename, true) AS resourceId)
            FROM read_json(?, format = 'newline_delimited', filename = true,
                columns = {dict.fromkeys(names, "VARCHAR")}, maximum_object_size = 67108864)
            WHERE COALESCE({", ".join(names)}) IS NOT NULL"""
        files = [str(self.folder / f"{each.name.node}.json") for each in objects]
        _save(database, query, [files], self.folder / f"{first.node}.parquet")


def _refused(
    objects: Sequence[StoredObject], write: Callable[[Sequence[StoredObject]], None]
) -> Sequence[StoredObject]:
    """Write the rows of objects, in as many parts as it takes; those that have none."""
    try:
        if objects:
            write(objects)
    except duckdb.Error:
        middle = len(objects) // 2
        if not middle:
            return objects
        return [*_refused(objects[:middle], write), *_refused(objects[middle:], write)]
    return []


def empty_table(table: Table) -> str:
    """The statement that makes a table without rows."""
    columns = ", ".join(f"{each} VARCHAR" for each in ("accountid", "region", *table.columns))
    return f"CREATE TABLE {table.name} ({columns})"


def _save(database: duckdb.DuckDBPyConnection, query: str, values: list[Any], file: Path) -> None:
    statement = f"COPY ({query}) TO ? (FORMAT parquet, COMPRESSION zstd)"
    database.execute(statement, [*values, str(file)])


def _spelt_as_documented(content: bytes, table: Table) -> bytes:
    """Documents whose attributes have the case that is documented, whatever it is at first.

    DuckDB distinguishes keys by case, unlike Athena, so what is spelt otherwise would be missing
    unnoticed. All documents of an object are taken to spell them as the first one does. Raises
    ValueError or AttributeError where they are none.
    """
    documented = {each.lower(): each for each in (*table.attributes, *COMMON_ATTRIBUTES)}

    def respelt(line: bytes) -> dict[str, Any]:
        return {documented.get(key.lower(), key): value for key, value in json.loads(line).items()}

    lines = [line for line in content.splitlines() if line.strip()]
    if not lines or [*respelt(lines[0])] == [*json.loads(lines[0])]:
        return content
    return b"\n".join(json.dumps(respelt(line)).encode() for line in lines)
