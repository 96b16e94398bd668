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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from oelab.query.conversion import GONE, Conversion
from oelab.query.report import Progress, UnreadItem
from oelab.query.sources import Source, StoredObject
from oelab.systems_manager.data_sync import tables

THREADS = 16
"""How many objects are fetched at a time."""

_FORMAT = 2


@dataclass(frozen=True)
class Index:
    """What a file of rows has been made of."""

    versions: Mapping[str, str] = field(default_factory=dict)
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


class LocalCopy:
    """A copy in a folder; open it with `open_copy`.

    A partition is the objects of one table, account and Region, by the folder of its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        manifest = folder / "manifest.json"
        content = json.loads(manifest.read_bytes()) if manifest.exists() else {}
        is_current = content.get("format") == _FORMAT
        self._digests: dict[str, str] = content["files"] if is_current else {}

    def files(self, table: str) -> list[Path]:
        """The files with the rows of a table."""
        digests = self._digests_of([table])
        return [self._folder / partition / f"{digests[partition]}.parquet" for partition in digests]

    def unread(self, names: Collection[str]) -> Iterator[UnreadItem]:
        """The objects of some tables whose rows are missing."""
        for partition in self._digests_of(names):
            for key, reason in sorted(self._index(partition).unread.items()):
                yield UnreadItem(key, reason)

    def refresh(self, source: Source, names: Collection[str], progress: Progress) -> None:
        """Bring some tables up to date with the source, and leave the others as they are."""
        pool = ThreadPoolExecutor(THREADS)
        try:
            found = _list(source, sorted(names), pool)
            known = {partition: self._index(partition) for partition in found}
            total = sum(not known[p].has(each) for p, objects in found.items() for each in objects)
            done = count(1)
            conversion = Conversion(
                source,
                pool,
                self._folder / "incoming",
                lambda: progress("objects", next(done), total),
            )
            digests = {
                partition: self._rebuild(partition, objects, known[partition], conversion)
                for partition, objects in found.items()
            }
        finally:
            pool.shutdown(cancel_futures=True)
        others = self._digests.keys() - self._digests_of(names).keys()
        self._digests = {partition: self._digests[partition] for partition in others} | digests
        _write(self._folder / "manifest.json", {"format": _FORMAT, "files": self._digests})
        self._remove_files_that_do_not_count()

    def _rebuild(
        self, partition: str, objects: Sequence[StoredObject], known: Index, conversion: Conversion
    ) -> str:
        """Make a file of the objects, unless there is one; its name."""
        folder = self._folder / partition
        versions = {each.name.node: each.version for each in objects}
        wanted = Index(versions).digest
        if (folder / f"{wanted}.json").exists():
            return wanted
        folder.mkdir(parents=True, exist_ok=True)
        changed = [each for each in objects if not known.has(each)]
        gone = known.versions.keys() - versions.keys() | {each.name.node for each in changed}
        unread = {
            each.key: known.unread[each.key]
            for each in objects
            if known.has(each) and each.key in known.unread
        }
        old = folder / f"{known.digest}.parquet"
        rows, wrong = conversion.convert(tables()[_table_of(partition)], changed, old, gone)
        for each, outcome in wrong.items():
            if outcome == GONE:
                del versions[each.name.node]
            else:
                unread[each.key] = outcome.reason
                versions[each.name.node] = each.version if outcome.is_final else ""
        index = Index(versions, unread)
        rows.replace(folder / f"{index.digest}.parquet")
        _write(folder / f"{index.digest}.json", vars(index))
        return index.digest

    def _digests_of(self, names: Collection[str]) -> dict[str, str]:
        """The files that count of some tables, by partition."""
        return {p: digest for p, digest in self._digests.items() if _table_of(p) in names}

    def _index(self, partition: str) -> Index:
        if partition not in self._digests:
            return Index()
        path = self._folder / partition / f"{self._digests[partition]}.json"
        return Index(**json.loads(path.read_bytes()))

    def _remove_files_that_do_not_count(self) -> None:
        shutil.rmtree(self._folder / "incoming", ignore_errors=True)
        count = {f"{partition}/{digest}" for partition, digest in self._digests.items()}
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
) -> dict[str, list[StoredObject]]:
    """The objects of some tables, by partition."""
    found: dict[str, list[StoredObject]] = defaultdict(list)
    listed = pool.map(lambda name: [*source.list(tables()[name].inventory_type)], names)
    for name, objects in zip(names, listed, strict=True):
        for each in objects:
            partition = f"{name}/accountid={each.name.account}/region={each.name.region}"
            found[partition].append(each)
    return found


def _table_of(partition: str) -> str:
    return partition.partition("/")[0]


def _write(path: Path, document: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document))
    draft.replace(path)
