"""What is reported of data syncs."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from localaws import LocalAws
from oelab.query.sources import BucketSource
from oelab.query.sync_status import (
    DataSync,
    SyncSnapshot,
    WrittenType,
    check_quota,
    evaluate_syncs,
    read_syncs,
)
from oelab.settings import FleetDataSettings, Settings
from tests.localaws.lab import Lab, node, tags, template
from tests.synthesis import synthesize

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
GOOD = DataSync(name="ours", bucket="fleet", status="Successful", last_success=NOW)


def snapshot(*syncs: DataSync, written: frozenset[str] = frozenset()) -> SyncSnapshot:
    types = (WrittenType(inventory_type="AWS:Tag", nodes=1, newest=NOW),)
    return SyncSnapshot(bucket="fleet", prefix="", syncs=syncs, types=types, written=written)


def rules(found: SyncSnapshot, managed: frozenset[str] = frozenset()) -> list[str]:
    return [finding.rule for finding in evaluate_syncs(found, managed).findings]


def test_a_sync_that_has_written_is_well() -> None:
    report = evaluate_syncs(snapshot(GOOD, written=frozenset({"i-1"})), {"i-1"})
    assert (report.findings, report.absent) == ((), ())
    assert report.types[0].newest == NOW


@pytest.mark.parametrize(
    ("syncs", "expected"),
    [
        ([], ["SyncMissing"]),
        ([DataSync(name="other", bucket="fleet", prefix="a", last_success=NOW)], ["SyncMissing"]),
        ([GOOD, DataSync(name="x", bucket="y", status="Failed", message="no")], ["SyncFailed"]),
        ([DataSync(name="new", bucket="fleet")], ["SyncPending"]),
    ],
)
def test_what_is_wrong_with_syncs_is_found(syncs: list[DataSync], expected: list[str]) -> None:
    assert rules(snapshot(*syncs)) == expected


def test_a_managed_node_that_is_not_in_the_data_is_named() -> None:
    report = evaluate_syncs(snapshot(GOOD, written=frozenset({"i-1", "i-9"})), {"i-1", "i-2"})
    assert report.absent == ("i-2",)
    assert [(f.rule, f.subject) for f in report.findings] == [("NodeNotSynced", "i-2")]


@pytest.mark.parametrize(
    ("existing", "planned", "count"),
    [
        (4, ["new"], 0),
        (5, ["new"], 1),
        (5, ["sync-1"], 0),
        (5, [], 0),
    ],
)
def test_a_sixth_sync_is_one_too_many(existing: int, planned: list[str], count: int) -> None:
    names = [f"sync-{number}" for number in range(existing)]
    assert len([*check_quota(names, planned)]) == count


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with LocalAws() as aws:
        lab = Lab(aws)
        lab.deploy(template(Node=node(Tags=tags(Environment="OELabIPM"))))
        stack = synthesize(Settings(fleet_data=FleetDataSettings(enabled=True, prefix="all")))
        lab.deploy(stack["OELabFleetData"], "OELabFleetData")
        lab.settle()
        lab.associate()
        lab.settle()
        yield lab


def test_syncs_and_objects_are_read(lab: Lab) -> None:
    bucket = lab.outputs("OELabFleetData")["InventoryBucket"]
    source = BucketSource(lab.client("s3"), bucket, "all")
    found = read_syncs(lab.ssm, source, lab.account, lab.region)
    (sync,) = found.syncs
    assert (sync.bucket, sync.prefix, sync.status) == (bucket, "all", "Successful")
    assert found.written == {lab.physical_id("Node")}
    assert {"AWS:Application", "AWS:Tag"} <= {each.inventory_type for each in found.types}
    assert evaluate_syncs(found, set(lab.managed())).findings == ()


def test_a_bucket_that_lets_no_one_in_is_reported_with_aws_s_message(lab: Lab) -> None:
    bucket = lab.outputs("OELabFleetData")["InventoryBucket"]
    lab.client("s3").delete_bucket_policy(Bucket=bucket)
    lab.associate(Parameters={"applications": ["Enabled"]}, AssociationName="again")
    lab.ec2.create_tags(Resources=[lab.physical_id("Node")], Tags=[{"Key": "Owner", "Value": "me"}])
    lab.settle()
    source = BucketSource(lab.client("s3"), bucket, "all")
    found = read_syncs(lab.ssm, source, lab.account, lab.region)
    (finding,) = evaluate_syncs(found, set(lab.managed())).findings
    assert finding.rule == "SyncFailed"
    assert bucket in finding.reason
