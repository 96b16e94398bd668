"""What is found about data syncs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.exit_codes import ExitCode
from oelab.review.evaluate.syncs import evaluate_syncs
from oelab.review.models import Node, Unread
from oelab.review.records import DataSync
from oelab.review.snapshots import SyncSnapshot

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HERE = Environment("111122223333", "eu-west-1")
GOOD = DataSync(
    environment=HERE,
    sync_name="ours",
    bucket="fleet",
    last_status="Successful",
    last_successful_sync_time=NOW,
)
DENIED = Unread(environment=HERE, call="s3:ListBucket", reason="access denied")


def sync(name: str, bucket: str, **more: Any) -> DataSync:
    return DataSync(environment=HERE, sync_name=name, bucket=bucket, **more)


def snapshot(*syncs: DataSync, written: tuple[str, ...] | Unread = ("i-1",)) -> SyncSnapshot:
    objects = written if isinstance(written, Unread) else dict.fromkeys(written, NOW)
    return SyncSnapshot(
        environment=HERE,
        bucket="fleet",
        syncs=syncs,
        nodes={"i-1": Node(node_id="i-1", ping_status="Online", agent_version="3.3.0.0")},
        written={"AWS:InstanceInformation": objects},
    )


def rules(found: SyncSnapshot) -> list[str]:
    return [finding.rule for finding in evaluate_syncs([found]).findings]


def test_a_sync_that_has_written_is_well() -> None:
    report = evaluate_syncs([snapshot(GOOD)])
    assert (report.findings, report.exit_code) == ((), ExitCode.WELL)
    assert [(each.nodes, each.newest) for each in report.types] == [(1, NOW)]


@pytest.mark.parametrize(
    ("syncs", "expected"),
    [
        ([], ["sync-missing"]),
        ([sync("other", "fleet", prefix="a")], ["sync-missing", "sync-pending"]),
        ([GOOD, sync("x", "y", last_status="Failed")], ["sync-failed"]),
        ([sync("new", "fleet")], ["sync-pending"]),
    ],
)
def test_what_is_wrong_with_syncs_is_found(syncs: list[DataSync], expected: list[str]) -> None:
    assert rules(snapshot(*syncs)) == expected


def test_a_managed_node_that_is_not_in_the_data_is_named() -> None:
    (found,) = evaluate_syncs([snapshot(GOOD, written=("i-9",))]).findings
    assert (found.rule, str(found.subject)) == ("node-not-synced", "i-1")


def test_no_node_is_missing_where_the_bucket_could_not_be_read() -> None:
    report = evaluate_syncs([snapshot(GOOD, written=DENIED)])
    assert (report.findings, report.unread) == ((), (DENIED,))
    assert report.exit_code == ExitCode.UNREAD
