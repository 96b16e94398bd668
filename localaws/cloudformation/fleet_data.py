"""`AWS::SSM::ResourceDataSync` and `AWS::Athena::NamedQuery`, which no update changes in place.

The properties of both are create-only; SyncSource, which is not, belongs to a type of sync that is
not modelled. SyncName is what identifies a sync, so a replacement under the same name meets the
sync that is there. The id of a named query is new each time.
"""

from localaws.adapter import Record, athena, cloudformation
from localaws.systems_manager import calls
from localaws.systems_manager.engine import Engine

# The members of the API by the properties, which stand in S3Destination or by themselves.
DESTINATION = {
    "BucketName": "BucketName",
    "BucketPrefix": "Prefix",
    "BucketRegion": "Region",
    "KMSKeyArn": "AWSKMSKeyARN",
    "SyncFormat": "SyncFormat",
}


def install(engine: Engine) -> None:
    def create_sync(props: Record) -> tuple[str, Record]:
        given = props.get("S3Destination", props)
        members = {api: given[name] for name, api in DESTINATION.items() if name in given}
        request = {"SyncName": props["SyncName"], "S3Destination": members}
        if "SyncType" in props:
            request["SyncType"] = props["SyncType"]
        calls.perform(engine, "CreateResourceDataSync", request)
        return props["SyncName"], {}

    def delete_sync(name: str) -> None:
        gone = "ResourceDataSyncNotFoundException"
        calls.delete(engine, "DeleteResourceDataSync", {"SyncName": name}, gone=gone)

    cloudformation.install_immutable_type(
        "AWS::SSM::ResourceDataSync",
        create=create_sync,
        delete=delete_sync,
        properties=(*DESTINATION, "S3Destination", "SyncName", "SyncType"),
    )
    cloudformation.install_immutable_type(
        "AWS::Athena::NamedQuery",
        create=create_named_query,
        delete=athena.delete_named_query,
        properties=("Database", "Description", "Name", "QueryString", "WorkGroup"),
    )


def create_named_query(props: Record) -> tuple[str, Record]:
    query_id = athena.create_named_query(props)
    return query_id, {"NamedQueryId": query_id}
