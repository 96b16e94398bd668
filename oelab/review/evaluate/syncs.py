"""The report of `oelab sync status`: whether data syncs write, and for all nodes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Annotated

from oelab.environment import Environment
from oelab.findings import Finding
from oelab.report import Column
from oelab.review.evaluate.rules import finding, finding_in, rank
from oelab.review.models import ReviewReport, Subject, Unread, known
from oelab.review.records import DataSync
from oelab.review.snapshots import SyncSnapshot, reading_of

_OF_EVERY_NODE = "AWS:InstanceInformation"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenType:
    """What the bucket has of an inventory type, written by the syncs of one environment."""

    environment: Environment
    inventory_type: Annotated[str, Column("Type", needed=True)]
    """The name of the type."""
    nodes: Annotated[int, Column("Nodes, also terminated", needed=True)]
    """How many nodes have an object of it, terminated ones among them."""
    newest: Annotated[datetime, Column("Newest object", needed=True)]
    """When the newest of these was written."""


@dataclass(frozen=True, kw_only=True)
class SyncReport(ReviewReport):
    """What `oelab sync status` has found."""

    table = ("syncs",)
    empty = "there is no data sync"
    schema: str = "oelab.sync/1"
    syncs: tuple[DataSync, ...] = ()
    """The syncs that write into a bucket, whichever it is."""
    types: tuple[WrittenType, ...] = ()
    """What is in the bucket of the settings, by type."""


def evaluate_syncs(snapshots: Sequence[SyncSnapshot]) -> SyncReport:
    """The report. A type that could not be read is in `unread`, and not among the types."""
    findings = chain.from_iterable(map(_findings, snapshots))
    return SyncReport(
        **reading_of(snapshots),
        findings=tuple(sorted(findings, key=lambda each: rank(each.rule))),
        syncs=tuple(sync for each in snapshots for sync in known(each.syncs, ())),
        types=tuple(found for each in snapshots for found in _types(each)),
    )


def _types(snapshot: SyncSnapshot) -> Iterator[WrittenType]:
    for name, written in snapshot.written.items():
        if nodes := known(written, {}):
            yield WrittenType(
                environment=snapshot.environment,
                inventory_type=name,
                nodes=len(nodes),
                newest=max(nodes.values()),
            )


def _findings(snapshot: SyncSnapshot) -> Iterator[Finding]:
    bucket = known(snapshot.bucket, "")
    place = (bucket, snapshot.prefix)
    if not isinstance(snapshot.syncs, Unread):
        if bucket and place not in {(sync.bucket, sync.prefix) for sync in snapshot.syncs}:
            yield finding_in(snapshot, "sync-missing", place="/".join(filter(None, place)))
        for sync in snapshot.syncs:
            if sync.last_status == "Failed":
                message = sync.last_sync_status_message or "no reason given"
                yield finding_in(snapshot, "sync-failed", sync=sync, message=message)
            elif not sync.last_successful_sync_time:
                yield finding_in(snapshot, "sync-pending", sync=sync)
    written = snapshot.written.get(_OF_EVERY_NODE, {})
    if isinstance(written, Unread) or isinstance(snapshot.nodes, Unread):
        return
    for node_id, node in snapshot.nodes.items():
        if node_id not in written:
            name = node.computer_name or node_id
            subject = Subject(environment=snapshot.environment, name=name, node_id=node_id)
            yield finding("node-not-synced", subject, bucket=bucket)
