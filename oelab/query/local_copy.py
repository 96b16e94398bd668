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
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from oelab.query.conversion import Conversion
from oelab.query.report import Progress, UnreadItem
from oelab.query.sources import Source, StoredObject
from oelab.systems_manager.data_sync import tables

THREADS = 16
"""How many objects are fetched at a time."""

_FORMAT = 1


class Partition(NamedTuple):
    """The objects of one table, account and Region."""

    table: str
    account: str
    region: str

    @property
    def folder(self) -> str:
        """Where its files lie in a copy."""
        return f"{self.table}/accountid={self.account}/region={self.region}"


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

    def has(self, each: StoredObject) -> bool:
        """Whether it has been made of this version of an object."""
        return self.versions.get(each.name.node) == each.version


_NOTHING = Index({})


class LocalCopy:
    """A copy in a folder; open it with `open_copy`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests = self._read_manifest()

    def files(self, table: str) -> list[Path]:
        """The files with the rows of a table."""
        return [
            self._folder / partition.folder / f"{digest}.parquet"
            for partition, digest in self._digests.items()
            if partition.table == table
        ]

    def unread(self, names: Iterable[str]) -> Iterator[UnreadItem]:
        """The objects of some tables whose rows are missing."""
        for index in self._indexes(names).values():
            yield from (UnreadItem(key, index.unread[key]) for key in sorted(index.unread))

    def refresh(self, source: Source, names: Iterable[str], progress: Progress) -> None:
        """Bring some tables up to date with the source, and leave the others as they are."""
        names = sorted(names)
        known = self._indexes(names)
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                found = _list(source, names, pool)
                indexes = {partition: known.get(partition, _NOTHING) for partition in found}
                total = sum(not indexes[p].has(each) for p in found for each in found[p])
                done = count(1)
                conversion = Conversion(
                    source,
                    pool,
                    self._folder / "incoming",
                    lambda: progress("objects", next(done), total),
                )
                digests = {p: d for p, d in self._digests.items() if p.table not in names}
                for partition, objects in found.items():
                    index = indexes[partition]
                    digests[partition] = self._rebuild(partition, objects, index, conversion)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        self._write_manifest(digests)
        self._remove_files_that_do_not_count()

    def _rebuild(
        self,
        partition: Partition,
        objects: list[StoredObject],
        known: Index,
        conversion: Conversion,
    ) -> str:
        """Make a file of the objects, unless there is one; its name."""
        folder = self._folder / partition.folder
        versions = {each.name.node: each.version for each in objects}
        wanted = Index(versions).digest
        if (folder / f"{wanted}.json").exists():
            return wanted
        folder.mkdir(parents=True, exist_ok=True)
        changed = [each for each in objects if not known.has(each)]
        unread = {
            each.key: known.unread[each.key]
            for each in objects
            if known.has(each) and each.key in known.unread
        }
        with conversion.of(tables()[partition.table]) as table:
            for each, outcome in table.convert(changed):
                if outcome.is_gone:
                    del versions[each.name.node]
                else:
                    unread[each.key] = outcome.reason
                    versions[each.name.node] = each.version if outcome.is_final else ""
            index = Index(versions, unread)
            old = folder / f"{known.digest}.parquet"
            gone = known.versions.keys() - versions.keys() | {each.name.node for each in changed}
            table.write(folder / f"{index.digest}.parquet", old if old.exists() else None, gone)
        _write(folder / f"{index.digest}.json", vars(index))
        return index.digest

    def _indexes(self, names: Iterable[str]) -> dict[Partition, Index]:
        found = {}
        for partition, digest in self._digests.items():
            if partition.table in names:
                path = self._folder / partition.folder / f"{digest}.json"
                found[partition] = Index(**json.loads(path.read_bytes()))
        return found

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
        count = {f"{partition.folder}/{digest}" for partition, digest in self._digests.items()}
        for path in self._folder.glob("aws_*/*/*/*"):
            if path.relative_to(self._folder).with_suffix("").as_posix() not in count:
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


def _list(
    source: Source, names: Iterable[str], pool: ThreadPoolExecutor
) -> dict[Partition, list[StoredObject]]:
    """The objects of some tables, by partition."""

    def listed(name: str) -> list[StoredObject]:
        return list(source.list(tables()[name].inventory_type))

    found: dict[Partition, list[StoredObject]] = defaultdict(list)
    for name, objects in zip(names, pool.map(listed, names), strict=True):
        for each in objects:
            found[Partition(name, each.name.account, each.name.region)].append(each)
    return found


def _write(path: Path, document: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document))
    draft.replace(path)
