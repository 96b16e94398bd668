"""Data syncs, and what they have written into the bucket."""

from collections.abc import Mapping
from datetime import datetime

from oelab.findings import BadInputError
from oelab.review.models import Unread
from oelab.review.read.connection import Connection, require, results
from oelab.review.read.nodes import read_nodes
from oelab.review.records import DataSync
from oelab.review.snapshots import SyncSnapshot
from oelab.settings import FLEET_DATA_STACK, Settings
from oelab.systems_manager.data_sync import folder, read_key, tables

_BUCKET_OUTPUT = "Stacks[].Outputs[?OutputKey == 'InventoryBucket'].OutputValue[]"


def find_bucket(aws: Connection, settings: Settings) -> str:
    """The bucket that the settings name, or that the stack says.

    Raises `BadInputError` where there is none, and `ReadError`.
    """
    if named := settings.fleet_data.bucket or settings.fleet_bucket_name:
        return named
    for bucket in aws.answers(
        "cloudformation:DescribeStacks", _BUCKET_OUTPUT, StackName=FLEET_DATA_STACK
    ):
        return str(bucket)
    raise BadInputError(
        f"there is no bucket of a data sync: {aws.environment} has no stack {FLEET_DATA_STACK}; "
        "deploy it ([fleet_data] enabled = true), or name its Region or the bucket in the settings"
    )


def read_syncs(aws: Connection, settings: Settings) -> SyncSnapshot:
    """The syncs of an environment, its managed nodes, and what is in the bucket of them."""
    prefix, bucket = settings.fleet_data.prefix, aws.start(find_bucket, settings).result()
    types = [table.inventory_type for table in tables().values()]
    parts = results(
        account=aws.account,
        syncs=aws.start(read_data_syncs),
        nodes=aws.start(read_nodes),
        written={each: aws.start(_read_written, bucket, prefix, each) for each in types},
    )
    return SyncSnapshot(environment=aws.environment, bucket=bucket, prefix=prefix, **parts)


def read_data_syncs(aws: Connection) -> tuple[DataSync, ...]:
    """The data syncs that write into a bucket, whichever it is."""
    action, key = "ssm:ListResourceDataSync", "ResourceDataSyncItems"
    return aws.items(action, key, DataSync, SyncType="SyncToDestination")


def _read_written(
    aws: Connection, bucket: str | Unread, prefix: str, inventory_type: str
) -> Mapping[str, datetime]:
    """When the object of each node was written last."""
    where = folder(prefix, inventory_type, aws.environment.account, aws.region)
    # S3 leaves out an empty list.
    key = "Contents || `[]`"
    found = aws.answers("s3:ListObjectsV2", key, Bucket=require(bucket), Prefix=f"{where}/")
    named = ((read_key(each["Key"], prefix), each["LastModified"]) for each in found)
    return {name.node: written for name, written in named if name}
