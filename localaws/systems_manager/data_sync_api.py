"""The calls about resource data syncs."""

from typing import Any

from localaws.errors import AwsError, not_modelled
from localaws.systems_manager import data_sync
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import page
from localaws.systems_manager.state import DataSync

Request = dict[str, Any]
TYPE = "SyncToDestination"
# "AWS Systems Manager endpoints and quotas": resource data syncs, in an account and Region.
QUOTA = 5


def create(engine: Engine, request: Request) -> Request:
    name, syncs = request["SyncName"], engine.state().data_syncs
    destination = request.get("S3Destination", {})
    if request.get("SyncType", TYPE) != TYPE or "DestinationDataSharing" in destination:
        raise not_modelled(f"syncs other than {TYPE} without data sharing")
    if not destination:
        raise _error("InvalidConfiguration", "The sync needs an S3Destination.")
    if name in syncs:
        raise _error("AlreadyExists", f"The sync {name} already exists.")
    if len(syncs) >= QUOTA:
        raise _error("CountExceeded", f"There are {QUOTA} syncs, the most that there may be.")
    sync = DataSync(name, destination, engine.clock.now())
    data_sync.probe(sync)
    syncs[name] = sync
    return {}


def delete(engine: Engine, request: Request) -> Request:
    """What it has written stays in the bucket."""
    if engine.state().data_syncs.pop(request["SyncName"], None) is None:
        raise _error("NotFound", f"The sync {request['SyncName']} does not exist.")
    return {}


def list_all(engine: Engine, request: Request) -> Request:
    """Those of another type are none."""
    is_wanted = request.get("SyncType", TYPE) == TYPE
    syncs = list(engine.state().data_syncs.values()) if is_wanted else []
    found, token = page(syncs, request)
    return {"ResourceDataSyncItems": [_item(sync) for sync in found], **token}


def _item(sync: DataSync) -> Request:
    answer = {
        "SyncName": sync.name,
        "SyncType": TYPE,
        "S3Destination": sync.destination,
        "SyncCreatedTime": sync.created,
        "LastStatus": sync.status,
        "LastSyncTime": sync.attempted,
        "LastSuccessfulSyncTime": sync.succeeded,
        "LastSyncStatusMessage": sync.message,
    }
    return {name: value for name, value in answer.items() if value}


def _error(kind: str, message: str) -> AwsError:
    return AwsError(f"ResourceDataSync{kind}Exception", message)
