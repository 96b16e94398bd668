"""The local copy: what it fetches, what it names as unread, and what an interruption leaves."""

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from oelab.queries import questions, tables_of
from oelab.query.answers import answer
from oelab.query.local import LocalEngine, copy_folder, run_on
from oelab.query.local_copy import open_copy
from oelab.query.report import QueryReport
from oelab.query.sources import BucketSource, FolderSource, StoredObject, UnreadableError
from oelab.systems_manager.data_sync import ObjectName, read_key
from tests.query import fleet as made
from tests.query.fleet import FleetNode, Row

NODE = "i-00000000000000001"


@dataclass
class MemorySource:
    """Objects in memory, and the keys that have been read."""

    objects: dict[str, bytes]
    denied: frozenset[str] = frozenset()
    vanished: frozenset[str] = frozenset()
    reads: list[str] = field(default_factory=list)

    def list(self, inventory_type: str) -> Iterator[StoredObject]:
        for key, content in self.objects.items():
            name = read_key(key)
            if name and name.inventory_type == inventory_type:
                yield StoredObject(name, key, str(hash(content)))

    def read(self, key: str) -> bytes | None:
        self.reads.append(key)
        if key in self.denied:
            raise UnreadableError("AccessDenied: no")
        return None if key in self.vanished else self.objects[key]


@pytest.fixture
def fleet() -> list[FleetNode]:
    return made.make_fleet(30, seed=7)


@pytest.fixture
def source(fleet: list[FleetNode]) -> MemorySource:
    return MemorySource(made.objects(fleet))


def ask(source: MemorySource, folder: Path, question: str = "software_by_version") -> QueryReport:
    parameters = {"package": "openssl"} if questions()[question].parameters else {}
    return answer(question, parameters, LocalEngine(source, folder))


def key_of(fleet: list[FleetNode], inventory_type: str = "AWS:Application") -> str:
    """The object of a node that is there and has openssl."""
    node = next(n for n in fleet if n.is_there and any(p["Name"] == "openssl" for p in n.packages))
    return made.key(node, inventory_type)


def without(fleet: list[FleetNode], key: str) -> list[Row]:
    """The answer without the packages of the node whose object this is."""
    for node in fleet:
        if made.key(node, "AWS:Application") == key:
            node.objects["AWS:Application"].clear()
    return made.software_by_version(fleet, "openssl")


def test_only_what_a_question_reads_is_fetched(source: MemorySource, tmp_path: Path) -> None:
    ask(source, tmp_path, "agent_versions")
    assert {key.partition("/")[0] for key in source.reads} == {"AWS:InstanceInformation"}


def test_only_what_has_changed_is_fetched_again(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path
) -> None:
    ask(source, tmp_path)
    source.reads.clear()
    ask(source, tmp_path)
    assert source.reads == []
    key = key_of(fleet)
    source.objects[key] = b""
    report = ask(source, tmp_path)
    assert source.reads == [key]
    assert list(report.rows) == without(fleet, key)


def test_what_is_gone_from_the_bucket_is_gone_from_the_answer(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path
) -> None:
    ask(source, tmp_path)
    key = key_of(fleet)
    del source.objects[key]
    assert list(ask(source, tmp_path).rows) == without(fleet, key)


def test_a_region_that_is_gone_is_gone_from_the_answer(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path
) -> None:
    ask(source, tmp_path)
    source.objects = {k: v for k, v in source.objects.items() if "region=eu-west-1" not in k}
    left = [node for node in fleet if node.region != "eu-west-1"]
    assert list(ask(source, tmp_path).rows) == made.software_by_version(left, "openssl")


LINE = b'{"Name": "openssl", "Version": "1"}'
UNPARSABLE = {
    "truncated": LINE + b"\n" + LINE[:-4],
    "array": b"[" + LINE + b"]",
    "byte-order mark": b"\xef\xbb\xbf" + LINE,
    "text": b"AccessDenied",
}


@pytest.mark.parametrize("content", UNPARSABLE.values(), ids=UNPARSABLE)
def test_an_object_that_is_no_json_is_named_and_the_others_count(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path, content: bytes
) -> None:
    key = key_of(fleet)
    source.objects[key] = content
    # Also of a copy that knew better, and as long as the object stays as it is.
    for _ in range(2):
        report = ask(source, tmp_path)
        assert [(each.name, "JSON" in each.reason) for each in report.unread] == [(key, True)]
        assert list(report.rows) == without(fleet, key)
    assert source.reads.count(key) == 1
    source.objects[key] = b""
    assert ask(source, tmp_path).unread == ()


def test_an_object_that_may_not_be_read_is_named_and_tried_again(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path
) -> None:
    ask(source, tmp_path)
    key = key_of(fleet)
    source.objects[key] += b"\n"
    source.denied = frozenset({key})
    for _ in range(2):
        report = ask(source, tmp_path)
        assert [each.name for each in report.unread] == [key]
        assert "AccessDenied" in report.unread[0].reason
    source.denied = frozenset()
    report = ask(source, tmp_path)
    assert report.unread == ()
    assert list(report.rows) == made.software_by_version(fleet, "openssl")


def test_an_object_that_is_gone_by_now_is_none(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path
) -> None:
    key = key_of(fleet)
    source.vanished = frozenset({key})
    report = ask(source, tmp_path)
    assert report.unread == ()
    assert list(report.rows) == without(fleet, key)


def test_a_type_that_no_node_has_written_is_named(source: MemorySource, tmp_path: Path) -> None:
    source.objects = {k: v for k, v in source.objects.items() if "Compliance" not in k}
    report = ask(source, tmp_path, "missing_patches")
    assert (report.rows, [each.name for each in report.unread]) == ((), ["AWS:ComplianceItem"])


def test_a_workload_without_nodes_is_named(source: MemorySource, tmp_path: Path) -> None:
    report = answer("drift", {"one": "Test", "other": "Prd"}, LocalEngine(source, tmp_path))
    assert [each.name for each in report.unread] == ["workload Prd"]


def test_an_empty_bucket_is_no_fleet_without_faults(tmp_path: Path) -> None:
    report = ask(MemorySource({}), tmp_path, "agent_versions")
    assert [each.name for each in report.unread] == ["AWS:InstanceInformation"]


def respelt(source: MemorySource, spell: Callable[[str], str]) -> dict[str, bytes]:
    """The objects of nodes with other keys in their documents."""
    found = {}
    for key, content in source.objects.items():
        if read_key(key):
            documents = [json.loads(line) for line in content.splitlines()]
            renamed = ({spell(name): each[name] for name in each} for each in documents)
            found[key] = made.content(renamed)
    return found


@pytest.mark.parametrize(
    "spell", [str.lower, str.swapcase, lambda name: name[0].lower() + name[1:]]
)
def test_keys_of_documents_may_have_any_case(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path, spell: Callable[[str], str]
) -> None:
    source.objects = respelt(source, spell)
    report = ask(source, tmp_path)
    assert list(report.rows) == made.software_by_version(fleet, "openssl")
    assert report.unread == ()


def test_documents_without_attributes_are_no_rows(source: MemorySource, tmp_path: Path) -> None:
    before = ask(source, tmp_path, "agent_versions").rows
    key = next(key for key in source.objects if key.endswith(f"/{NODE}.json"))
    source.objects[key.replace(NODE, "i-0f")] = b"{}\n{}\n"
    assert ask(source, tmp_path, "agent_versions").rows == before


def test_a_folder_with_strange_characters_holds_a_copy(
    source: MemorySource, fleet: list[FleetNode], tmp_path: Path
) -> None:
    report = ask(source, tmp_path / "it's [a] *copy?")
    assert list(report.rows) == made.software_by_version(fleet, "openssl")


def test_a_copy_of_another_form_is_made_again(source: MemorySource, tmp_path: Path) -> None:
    expected = ask(source, tmp_path).rows
    (tmp_path / "manifest.json").write_text('{"format": 0, "files": []}')
    assert ask(source, tmp_path).rows == expected


def test_nobody_else_may_look_into_a_copy(source: MemorySource, tmp_path: Path) -> None:
    ask(source, tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0


def test_a_copy_lies_in_the_cache_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    client = object()
    folders = {
        copy_folder(BucketSource(client, "inventory")),  # type: ignore[arg-type]
        copy_folder(BucketSource(client, "inventory", "a/b")),  # type: ignore[arg-type]
        copy_folder(FolderSource(tmp_path / "one")),
        copy_folder(FolderSource(tmp_path / "two")),
    }
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {tmp_path / "oelab" / "fleet-data"}


def test_keys_of_other_objects_are_none_of_a_node() -> None:
    place = "accountid=111122223333/region=us-east-1/resourcetype=ManagedInstanceInventory"
    key = f"AWS:Tag/{place}/{NODE}.json"
    assert read_key(key) == ObjectName("AWS:Tag", "111122223333", "us-east-1", NODE)
    assert read_key(f"a/b/{key}", "a/b") == read_key(key)
    for other in (
        "AWS:InstanceInformation/accountid=111122223333/test.json",
        f"a/{key}",
        f"{key}.tmp",
        key.replace("111122223333", "1"),
        key.replace("ManagedInstanceInventory", "Other"),
    ):
        assert read_key(other) is None


# --- interrupted ---------------------------------------------------------------------------------

# Its child processes have what an update needs, which takes longer to import than to use.
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([__name__])


def update(bucket: Path, copy: Path, tables: list[str], ready: Event) -> None:
    """Bring the copy up to date, in a process of its own."""
    with open_copy(copy) as opened:
        ready.set()
        opened.refresh(FolderSource(bucket), tables, lambda *_: None)


@contextmanager
def updating(bucket: Path, copy: Path, tables: list[str]) -> Iterator[ForkServerProcess]:
    """A process that has begun to update the copy."""
    ready = _SERVER.Event()
    process = _SERVER.Process(target=update, args=(bucket, copy, tables, ready))
    process.start()
    assert ready.wait(30)
    yield process
    process.join()
    process.close()


def replace(bucket: Path, folder: Path) -> None:
    """Let the bucket have the objects of a folder, all of which are new."""
    bucket.unlink()
    bucket.symlink_to(folder)
    for path in folder.rglob("*.json"):
        path.touch()


def as_it_is(folder: Path, question: str) -> list[Row]:
    query = questions()[question]
    arguments = ["openssl"] if query.parameters else []
    with open_copy(folder) as copy:
        return list(run_on(copy, query, arguments).rows)


def test_a_copy_that_is_killed_answers_the_old_truth_or_the_new_one(tmp_path: Path) -> None:
    bucket, copy = tmp_path / "bucket", tmp_path / "copy"
    tables = sorted(tables_of(questions()["software_by_version"]))
    # Many nodes, so that there is time to be killed in.
    fleets = [made.make_fleet(100, seed=seed) for seed in (1, 2)]
    truths = [made.software_by_version(fleet, "openssl") for fleet in fleets]
    buckets = [tmp_path / "one", tmp_path / "other"]
    for folder, fleet in zip(buckets, fleets, strict=True):
        made.write(folder, made.objects(fleet))
    bucket.symlink_to(buckets[0])
    with updating(bucket, copy, tables) as process:
        began = time.perf_counter()
        process.join()
        whole = time.perf_counter() - began
        assert process.exitcode == 0
    assert as_it_is(copy, "software_by_version") == truths[0]
    answers = []
    turns = 12
    for turn in range(turns):
        replace(bucket, buckets[(turn + 1) % 2])
        with updating(bucket, copy, tables) as process:
            # Most early on; the last only where an update takes three times as long as the first.
            process.join(3 * whole * ((turn + 1) / turns) ** 2)
            process.kill()
        answers.append(as_it_is(copy, "software_by_version"))
    assert all(each in truths for each in answers)
    # Early ones are killed before anything is replaced, the last ones after it.
    assert all(each in answers for each in truths)
    # What is left over does not matter to the next attempt, and goes with it.
    with updating(bucket, copy, tables):
        pass
    assert as_it_is(copy, "software_by_version") == truths[0]
    assert not (copy / "incoming").exists()
    files = list(copy.rglob("*.parquet"))
    assert len(files) == len(tables) * len(made.ACCOUNTS) * len(made.REGIONS)
