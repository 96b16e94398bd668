"""Whether data syncs of an account and Region do what they are there for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oelab.findings import Finding, Severity
from oelab.query.sources import BucketSource
from oelab.systems_manager.data_sync import QUOTA, tables

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ResourceDataSyncItemTypeDef

_INFORMATION = "AWS:InstanceInformation"


@dataclass(frozen=True, kw_only=True)
class DataSync:
    """A data sync that writes into a bucket (ListResourceDataSync)."""

    name: str
    bucket: str
    prefix: str = ""
    bucket_region: str = ""
    status: str = ""
    """`Successful`, `Failed` or `InProgress`; nothing before the first attempt."""
    message: str = ""
    """Why the last attempt failed."""
    last_attempt: datetime | None = None
    last_success: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WrittenType:
    """What is in the bucket of an inventory type."""

    inventory_type: str
    nodes: int
    """How many nodes have an object of it, terminated ones among them."""
    newest: datetime
    """When the newest of these was written."""


@dataclass(frozen=True, kw_only=True)
class SyncSnapshot:
    """What was read of the syncs of an account and Region, and of the bucket that it is about."""

    bucket: str
    prefix: str
    syncs: tuple[DataSync, ...]
    types: tuple[WrittenType, ...]
    written: frozenset[str]
    """The nodes in the bucket."""


@dataclass(frozen=True, kw_only=True)
class SyncReport:
    """The syncs of an account and Region, what they have written, and what is wrong with that."""

    schema: str = "oelab.sync/1"
    syncs: tuple[DataSync, ...]
    types: tuple[WrittenType, ...]
    absent: tuple[str, ...]
    """The managed nodes that are not in the bucket."""
    findings: tuple[Finding, ...]


def read_syncs(ssm: "SSMClient", source: BucketSource, account: str, region: str) -> SyncSnapshot:
    """Read the syncs of an account and Region, and what is in the bucket of it.

    What botocore raises is for the caller.
    """
    pages = ssm.get_paginator("list_resource_data_sync").paginate(SyncType="SyncToDestination")
    syncs = [_sync(each) for page in pages for each in page.get("ResourceDataSyncItems", ())]
    types, written = [], frozenset[str]()
    for table in tables().values():
        objects = list(source.list(table.inventory_type, account, region))
        if objects:
            newest = max(each.written for each in objects)
            name = table.inventory_type
            types.append(WrittenType(inventory_type=name, nodes=len(objects), newest=newest))
        if table.inventory_type == _INFORMATION:
            written = frozenset(each.name.node for each in objects)
    return SyncSnapshot(
        bucket=source.bucket,
        prefix=source.prefix,
        syncs=tuple(syncs),
        types=tuple(types),
        written=written,
    )


def evaluate_syncs(snapshot: SyncSnapshot, managed: Collection[str]) -> SyncReport:
    """The report, for the managed nodes of the account and Region."""
    absent = tuple(sorted(set(managed) - snapshot.written))
    found = [*_sync_findings(snapshot), *_node_findings(absent, snapshot)]
    return SyncReport(
        syncs=snapshot.syncs,
        types=snapshot.types,
        absent=absent,
        findings=tuple(sorted(found, key=lambda finding: finding.severity.rank)),
    )


def check_quota(existing: Collection[str], planned: Collection[str]) -> Iterator[Finding]:
    """Whether syncs of these names can be created next to those that exist.

    A sync that replaces another one is created before that one is deleted.
    """
    total = len({*existing, *planned})
    if total > QUOTA and set(planned) - set(existing):
        reason = f"must be at most {QUOTA} in an account and Region, and would be {total}"
        remedy = f"delete one of {', '.join(sorted(existing))}, or deploy elsewhere"
        yield _finding("SyncQuota", "data syncs", reason, remedy)


def _sync(item: "ResourceDataSyncItemTypeDef") -> DataSync:
    destination: Mapping[str, Any] = item.get("S3Destination", {})
    return DataSync(
        name=item.get("SyncName", ""),
        bucket=destination.get("BucketName", ""),
        prefix=destination.get("Prefix", ""),
        bucket_region=destination.get("Region", ""),
        status=item.get("LastStatus", ""),
        message=item.get("LastSyncStatusMessage", ""),
        last_attempt=item.get("LastSyncTime"),
        last_success=item.get("LastSuccessfulSyncTime"),
    )


def _sync_findings(snapshot: SyncSnapshot) -> Iterator[Finding]:
    place = (snapshot.bucket, snapshot.prefix)
    if place not in {(sync.bucket, sync.prefix) for sync in snapshot.syncs}:
        reason = "is written by no data sync of this account and Region"
        remedy = "deploy OELabFleetData here, or look where the sync is"
        yield _finding("SyncMissing", f"s3://{'/'.join(filter(None, place))}", reason, remedy)
    for sync in snapshot.syncs:
        if sync.status == "Failed":
            reason = f"has failed: {sync.message or 'no reason given'}"
            remedy = "check the policies of the bucket and of the key"
            yield _finding("SyncFailed", sync.name, reason, remedy)
        elif not sync.last_success:
            reason, remedy = "has not written anything yet", "look again in an hour"
            yield _finding("SyncPending", sync.name, reason, remedy, Severity.NOTE)


def _node_findings(absent: Collection[str], snapshot: SyncSnapshot) -> Iterator[Finding]:
    for node in absent:
        reason = f"is managed, but not in the bucket {snapshot.bucket}"
        remedy = "wait for the next sync, or see what is wrong with the sync"
        yield _finding("NodeNotSynced", node, reason, remedy, Severity.WARNING)


def _finding(
    rule: str, subject: str, reason: str, remedy: str, severity: Severity = Severity.ERROR
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        subject=subject,
        reason=reason,
        remedy=remedy,
        source="Systems Manager User Guide, creating a resource data sync for Inventory",
    )
