"""Resource data syncs of type SyncToDestination, which bring a Region's inventory into a bucket.

Sources: the data types ResourceDataSyncS3Destination and ResourceDataSyncItem of the Systems
Manager API; "Creating a resource data sync for Inventory" in the user guide, for the policy that
the bucket needs. Clients know the refusal of a new sync as `S3 write failed for bucket`; AWS does
not document its text, nor what the object `test.json` holds.
"""

from localaws.adapter import iam, s3, scope
from localaws.errors import AwsError
from localaws.systems_manager import data_sync_items
from localaws.systems_manager.inventory import INSTANCE_INFORMATION
from localaws.systems_manager.state import DataSync, RegionState

SERVICE = "ssm.amazonaws.com"
SSE = "x-amz-server-side-encryption"
REFUSED = "ResourceDataSyncInvalidConfigurationException"


def probe(sync: DataSync) -> None:
    """Write the object that shows whether the bucket takes any; raises AwsError if it doesn't."""
    _put(sync, f"{_folder(sync, INSTANCE_INFORMATION)}/test.json", "{}")


def run(state: RegionState, now: float) -> None:
    """Let every sync write what has changed; what fails is tried again at the next run."""
    for sync in state.data_syncs.values():
        sync.attempted = now
        try:
            _write_changes(sync, state, now)
        except AwsError as error:
            sync.status, sync.message = "Failed", error.message
        else:
            sync.status, sync.message, sync.succeeded = "Successful", "", now


def _write_changes(sync: DataSync, state: RegionState, now: float) -> None:
    for node_id, node in state.nodes.items():
        for item in data_sync_items.items(state, node):
            folder = f"{_folder(sync, item.type_name)}/region={scope.region()}"
            key = f"{folder}/resourcetype=ManagedInstanceInventory/{node_id}.json"
            if sync.written.get(key) != item:
                _put(sync, key, data_sync_items.lines(item, node_id, now))
                sync.written[key] = item


def _folder(sync: DataSync, type_name: str) -> str:
    parts = (sync.destination.get("Prefix"), type_name, f"accountid={scope.account_id()}")
    return "/".join(part for part in parts if part)


def _put(sync: DataSync, key: str, text: str) -> None:
    """Write into the bucket that is where the sync says, if its policy lets Systems Manager."""
    bucket, key_arn = sync.destination["BucketName"], sync.destination.get("AWSKMSKeyARN")
    region, account, arn = scope.region(), scope.account_id(), f"arn:aws:s3:::{bucket}"
    headers = {"x-amz-acl": "bucket-owner-full-control"}
    if key_arn:
        headers |= {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": key_arn}
    condition_keys = {
        "aws:sourceaccount": account,
        "aws:sourcearn": f"arn:aws:ssm:{region}:{account}:resource-data-sync/{sync.name}",
        "aws:sourceorgid": scope.organization_id(),
        **{f"s3:{name}": value for name, value in headers.items()},
    }
    is_allowed = all(
        iam.policy_allows(s3.policy(bucket), SERVICE, action, resource, condition_keys)
        for action, resource in (("s3:GetBucketAcl", arn), ("s3:PutObject", f"{arn}/{key}"))
    )
    if not is_allowed or s3.region(bucket) != sync.destination["Region"]:
        raise AwsError(REFUSED, f"S3 write failed for bucket: {bucket}")
    s3.put_object(bucket, key, text, headers)
