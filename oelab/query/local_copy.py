"""A copy of the objects of data syncs in Parquet, which is brought up to date in few steps.

    manifest.json                                    which files count
    aws_tag/accountid=.../region=.../DIGEST.json     which objects a file has been made of
    aws_tag/accountid=.../region=.../DIGEST.parquet  their rows

A file is named after the objects that it has been made of, and never changes. The manifest is
replaced last and in one step. So whenever the work is interrupted, the copy is what it was before
or what it was to become, and files that were ready are found by the next attempt.
"""

import fcntl
import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from oelab.query.report import Progress, UnreadItem
from oelab.query.sources import Source, StoredObject, UnreadableError
from oelab.systems_manager.data_sync import COMMON_ATTRIBUTES, Table, tables

THREADS = 16
"""How many objects are fetched at a time."""

_FORMAT = 1
_BATCH_BYTES = 48_000_000
_BATCH_OBJECTS = 5_000
_MEMORY = "1GB"


class Partition(NamedTuple):
    """The objects of one table, account and Region."""

    table: str
    account: str
    region: str

    @property
    def folder(self) -> Path:
        """Where its files lie in a copy."""
        return Path(self.table, f"accountid={self.account}", f"region={self.region}")


@dataclass(frozen=True)
class Index:
    """What a file of rows has been made of."""

    versions: Mapping[str, str]
    """The version of each object by its node; none for one that could not be fetched."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """By the key of an object whose rows are missing: why they are."""

    @property
    def digest(self) -> str:
        """The name of the file."""
        content = json.dumps([_FORMAT, sorted(self.versions.items())])
        return hashlib.sha256(content.encode()).hexdigest()[:32]


class LocalCopy:
    """A copy in a folder; open it with `open_copy`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests = self._read_manifest()

    def files(self, table: str) -> list[str]:
        """The files with the rows of a table."""
        return [
            str(self._folder / partition.folder / f"{digest}.parquet")
            for partition, digest in self._digests.items()
            if partition.table == table
        ]

    def unread(self, names: Iterable[str]) -> tuple[UnreadItem, ...]:
        """The objects of some tables whose rows are missing."""
        found = [
            UnreadItem(key, reason)
            for partition in self._digests
            if partition.table in set(names)
            for key, reason in self._index(partition).unread.items()
        ]
        return tuple(sorted(found, key=lambda item: item.name))

    def refresh(self, source: Source, names: Iterable[str], progress: Progress) -> None:
        """Bring some tables up to date with the source, and leave the others as they are."""
        names = frozenset(names)
        with ThreadPoolExecutor(THREADS) as pool:
            found = _list(source, names, pool)
            known = {p: self._index(p) for p in self._digests if p.table in names}
            changed = {
                partition: objects
                for partition, objects in found.items()
                if partition not in known or known[partition].versions != _versions(objects)
            }
            total = sum(
                _is_new(each, known.get(partition))
                for partition, objects in changed.items()
                for each in objects
            )
            done = count(1)
            digests = {p: d for p, d in self._digests.items() if p.table not in names or p in found}
            try:
                for partition, objects in changed.items():
                    work = _Rebuild(self._folder, partition, source, pool)
                    fetched = lambda: progress("objects", next(done), total)  # noqa: E731
                    digests[partition] = work.run(objects, known.get(partition), fetched)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        self._write_manifest(digests)
        self._remove_files_that_do_not_count()

    def _index(self, partition: Partition) -> Index:
        path = self._folder / partition.folder / f"{self._digests[partition]}.json"
        return Index(**json.loads(path.read_bytes()))

    def _read_manifest(self) -> dict[Partition, str]:
        path = self._folder / "manifest.json"
        manifest = json.loads(path.read_bytes()) if path.exists() else {}
        if manifest.get("format") != _FORMAT:
            return {}
        return {Partition(*place): digest for *place, digest in manifest["files"]}

    def _write_manifest(self, digests: Mapping[Partition, str]) -> None:
        self._digests = dict(sorted(digests.items()))
        files = [[*partition, digest] for partition, digest in self._digests.items()]
        _write(self._folder / "manifest.json", {"format": _FORMAT, "files": files})

    def _remove_files_that_do_not_count(self) -> None:
        shutil.rmtree(self._folder / "incoming", ignore_errors=True)
        for path in self._folder.glob("aws_*/*/*/*"):
            table, account, region, file = path.relative_to(self._folder).parts
            place = Partition(table, account.partition("=")[2], region.partition("=")[2])
            if self._digests.get(place) != file.partition(".")[0]:
                path.unlink()


@contextmanager
def open_copy(folder: Path) -> Iterator[LocalCopy]:
    """The copy in a folder, which is made where it is missing; no other process uses it meanwhile.

    Inventory says how to attack a node, so nobody else may look into the folder.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        # The lock ends with the process, however that ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield LocalCopy(folder)


def rows_of(files: Iterable[object]) -> str:
    """A query for the rows of some files of one table."""
    # The folders say account and Region too, but would make a number of the account.
    return f"FROM read_parquet([{', '.join(map(_quoted, files))}], hive_partitioning = false)"


def no_rows(table: str) -> str:
    """A query for the columns of a table that has no rows."""
    columns = ("accountid", "region", *tables()[table].columns)
    return "SELECT " + ", ".join(f"NULL::VARCHAR AS {each}" for each in columns) + " WHERE 1 = 0"


def _list(
    source: Source, names: Iterable[str], pool: ThreadPoolExecutor
) -> dict[Partition, list[StoredObject]]:
    def listed(name: str) -> list[StoredObject]:
        return list(source.list(tables()[name].inventory_type))

    found: dict[Partition, list[StoredObject]] = defaultdict(list)
    names = sorted(names)
    for name, objects in zip(names, pool.map(listed, names), strict=True):
        for each in objects:
            found[Partition(name, each.name.account, each.name.region)].append(each)
    return found


def _versions(objects: Iterable[StoredObject]) -> dict[str, str]:
    return {each.name.node: each.version for each in objects}


def _is_new(each: StoredObject, known: Index | None) -> bool:
    return known is None or known.versions.get(each.name.node) != each.version


class _Rebuild:
    """Makes the file of a partition anew, of the old one and of the objects that differ."""

    def __init__(
        self, folder: Path, partition: Partition, source: Source, pool: ThreadPoolExecutor
    ) -> None:
        self._partition = partition
        self._source = source
        self._pool = pool
        self._target = folder / partition.folder
        self._incoming = folder / "incoming"

    def run(
        self, objects: list[StoredObject], known: Index | None, fetched: Callable[[], None]
    ) -> str:
        """The name of the new file; `fetched` is called after each object."""
        wanted = Index(_versions(objects)).digest
        if (self._target / f"{wanted}.json").exists():
            return wanted
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._incoming.mkdir(parents=True)
        self._target.mkdir(parents=True, exist_ok=True)
        changed = [each for each in objects if _is_new(each, known)]
        unread: dict[str, str] = {}
        versions = _versions(objects)
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET preserve_insertion_order = false")
            connection.execute(f"SET memory_limit = '{_MEMORY}'")
            connection.execute(f"SET temp_directory = {_quoted(self._incoming / 'spilled')}")
            for number, batch in enumerate(_batches(changed)):
                part = _Part(connection, self._partition, self._incoming / str(number))
                for each, reason in part.fetch(batch, self._source, self._pool, fetched):
                    if reason:
                        unread[each.key] = reason
                        # Fetched again the next time.
                        versions[each.name.node] = ""
                    else:
                        del versions[each.name.node]
                unread.update(part.convert())
            index = self._with_known(Index(versions, unread), known, changed)
            self._merge(connection, index, known, changed)
        _write(self._target / f"{index.digest}.json", vars(index))
        return index.digest

    def _with_known(self, index: Index, known: Index | None, changed: list[StoredObject]) -> Index:
        """Add what was unread before and is still the same."""
        if not known:
            return index
        nodes = {each.name.node for each in changed}
        still = {
            key: reason
            for key, reason in known.unread.items()
            if (node := Path(key).stem) not in nodes and node in index.versions
        }
        return Index(index.versions, still | dict(index.unread))

    def _merge(
        self,
        connection: duckdb.DuckDBPyConnection,
        index: Index,
        known: Index | None,
        changed: list[StoredObject],
    ) -> None:
        """Put the parts, and those of the old rows that are still good, into one file."""
        parts = sorted(self._incoming.glob("*.parquet"))
        if len(parts) == 1 and not known:
            parts[0].replace(self._target / f"{index.digest}.parquet")
            return
        rows = [rows_of(parts)] if parts else []
        if known:
            old = self._target / f"{known.digest}.parquet"
            stale = {each.name.node for each in changed} | (known.versions.keys() - index.versions)
            connection.execute("CREATE TABLE stale AS SELECT unnest(?) AS node", [sorted(stale)])
            condition = "resourceid NOT IN (SELECT node FROM stale)"
            rows.append(f"{rows_of([old])} WHERE {condition}")
        ready = self._incoming / "ready.parquet"
        _save(connection, " UNION ALL ".join(rows or [no_rows(self._partition.table)]), ready)
        ready.replace(self._target / f"{index.digest}.parquet")


class _Part:
    """Objects that are fetched and converted together."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, partition: Partition, folder: Path
    ) -> None:
        self._connection = connection
        self._partition = partition
        self._table = tables()[partition.table]
        self._folder = folder
        self._keys: dict[Path, str] = {}
        self._groups: dict[int, list[Path]] = defaultdict(list)

    def fetch(
        self,
        objects: Iterable[StoredObject],
        source: Source,
        pool: ThreadPoolExecutor,
        fetched: Callable[[], None],
    ) -> Iterator[tuple[StoredObject, str]]:
        """Fetch objects; those that there are no rows of, with a reason unless they are gone."""
        self._folder.mkdir()

        def fetch(each: StoredObject) -> tuple[StoredObject, int | None, str]:
            try:
                content = source.read(each.key)
            except UnreadableError as error:
                return each, None, f"cannot be read: {error}"
            if content is None:
                return each, None, ""
            (self._folder / f"{each.name.node}.json").write_bytes(content)
            spelling = _spelling_of(self._table, content)
            return each, spelling, "spells the attributes in a way that is not known"

        for each, spelling, reason in pool.map(fetch, objects):
            fetched()
            if spelling is None:
                yield each, reason
            else:
                path = self._folder / f"{each.name.node}.json"
                self._keys[path] = each.key
                self._groups[spelling].append(path)

    def convert(self) -> dict[str, str]:
        """Write the rows next to the folder; the keys of objects without rows, and why."""
        unread: set[Path] = set()
        for spelling, paths in self._groups.items():
            target = self._folder.with_suffix(f".{spelling}.parquet")
            try:
                self._save(paths, spelling, target)
            except duckdb.Error:
                unread |= {path for path in paths if not self._can_save(path, spelling, target)}
                if readable := [path for path in paths if path not in unread]:
                    self._save(readable, spelling, target)
                else:
                    target.unlink(missing_ok=True)
        shutil.rmtree(self._folder)
        return {self._keys[path]: "must hold one JSON document a line" for path in unread}

    def _can_save(self, path: Path, spelling: int, target: Path) -> bool:
        try:
            self._save([path], spelling, target)
        except duckdb.Error:
            return False
        return True

    def _save(self, paths: list[Path], spelling: int, target: Path) -> None:
        spell = _SPELLINGS[spelling]
        keys = {n.lower(): spell(n) for n in (*self._table.attributes, *COMMON_ATTRIBUTES)}
        texts = dict.fromkeys(keys.values(), "VARCHAR")
        reader = (
            f"read_json([{', '.join(map(_quoted, paths))}], format = 'newline_delimited', "
            f"columns = {texts}, filename = true, maximum_object_size = 67108864)"
        )
        # The key names the node, whatever a line says.
        values = keys | {"resourceid": "parse_filename(filename, true)"}
        columns = [f"{values[column]} AS {column}" for column in self._table.columns]
        place = f"'{self._partition.account}' AS accountid, '{self._partition.region}' AS region"
        rows = f"SELECT {place}, {', '.join(columns)} FROM {reader}"
        _save(self._connection, f"{rows} WHERE COALESCE({', '.join(texts)}) IS NOT NULL", target)


_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda name: name[:1].lower() + name[1:],
    lambda name: name[:1].upper() + name[1:],
)
"""How documents may spell attributes: as documented, or all in one of the usual ways. DuckDB
distinguishes keys by case, unlike Athena, so what is spelt otherwise would be missing unnoticed."""


def _spelling_of(table: Table, content: bytes) -> int | None:
    """The position in `_SPELLINGS` of the way in which the first document spells its attributes."""
    try:
        document = json.loads(content.partition(b"\n")[0])
    except ValueError:
        # It is found when it is converted, unless nothing is there.
        return 0
    names = document if isinstance(document, dict) else ()
    keys = {key for key in names if key.lower() in table.columns}
    for number, spell in enumerate(_SPELLINGS):
        if keys <= {spell(name) for name in (*table.attributes, *COMMON_ATTRIBUTES)}:
            return number
    return None


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


def _save(connection: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    connection.execute(f"COPY ({rows}) TO {_quoted(path)} (FORMAT parquet, COMPRESSION zstd)")


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _write(path: Path, document: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document))
    draft.replace(path)
