"""Whether data syncs of an account and Region do what they are there for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from oelab.findings import Finding, Severity
from oelab.query.sources import BucketSource
from oelab.systems_manager.data_sync import QUOTA, tables

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ResourceDataSyncItemTypeDef

SCHEMA = "oelab.sync/1"

_FAILED = "Failed"
_SOURCE = "Systems Manager API Reference, ResourceDataSyncItem"
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

    schema: str = SCHEMA
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
    total = {*existing, *planned}
    if len(total) > QUOTA and set(planned) - set(existing):
        yield Finding(
            rule="SyncQuota",
            subject="data syncs",
            value=len(total),
            reason=f"must be at most {QUOTA} in an account and Region",
            remedy=f"delete one of {', '.join(sorted(existing))}, or deploy elsewhere",
            source="AWS General Reference, Systems Manager endpoints and quotas",
        )


def _sync(item: "ResourceDataSyncItemTypeDef") -> DataSync:
    destination = item.get("S3Destination")
    return DataSync(
        name=item.get("SyncName", ""),
        bucket=destination["BucketName"] if destination else "",
        prefix=destination.get("Prefix", "") if destination else "",
        bucket_region=destination["Region"] if destination else "",
        status=item.get("LastStatus", ""),
        message=item.get("LastSyncStatusMessage", ""),
        last_attempt=item.get("LastSyncTime"),
        last_success=item.get("LastSuccessfulSyncTime"),
    )


def _sync_findings(snapshot: SyncSnapshot) -> Iterator[Finding]:
    place = "/".join(filter(None, (snapshot.bucket, snapshot.prefix)))
    if not any((s.bucket, s.prefix) == (snapshot.bucket, snapshot.prefix) for s in snapshot.syncs):
        yield Finding(
            rule="SyncMissing",
            subject=f"s3://{place}",
            reason="is written by no data sync of this account and Region",
            remedy="deploy OELabFleetData here, or look where the sync is",
            source=_SOURCE,
        )
    for sync in snapshot.syncs:
        if sync.status == _FAILED:
            yield Finding(
                rule="SyncFailed",
                subject=sync.name,
                reason=f"has failed: {sync.message or 'no reason given'}",
                remedy="check the policies of the bucket and of the key",
                source=_SOURCE,
            )
        elif not sync.last_success:
            yield Finding(
                rule="SyncPending",
                severity=Severity.NOTE,
                subject=sync.name,
                reason="has not written anything yet",
                remedy="look again in an hour",
                source=_SOURCE,
            )
    if len(snapshot.syncs) >= QUOTA:
        yield Finding(
            rule="SyncQuota",
            severity=Severity.NOTE,
            subject="data syncs",
            reason=f"are {QUOTA}, as many as there can be",
            remedy="delete one before a change that replaces one of them",
            source="AWS General Reference, Systems Manager endpoints and quotas",
        )


def _node_findings(absent: Collection[str], snapshot: SyncSnapshot) -> Iterator[Finding]:
    for node in absent:
        yield Finding(
            rule="NodeNotSynced",
            severity=Severity.WARNING,
            subject=node,
            reason=f"is managed, but not in the bucket {snapshot.bucket}",
            remedy="wait for the next sync, or see what is wrong with the sync",
            source=_SOURCE,
        )
