"""Resource data syncs: what they write where, what the bucket must allow, what is listed."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from tests.localaws.lab import Lab, Template, node, ref, resource, tags, template

FOLDER = "resourcetype=ManagedInstanceInventory"


def policy(
    lab: Lab, bucket: str, *, prefix: str = "", condition: dict[str, Any] | None = None
) -> Template:
    """The policy of the user guide for one account, with other conditions where they are given."""
    service = {"Service": "ssm.amazonaws.com"}
    folder = f"{prefix}/*" if prefix else "*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": service,
                "Action": "s3:GetBucketAcl",
                "Resource": f"arn:aws:s3:::{bucket}",
            },
            {
                "Effect": "Allow",
                "Principal": service,
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{bucket}/{folder}/accountid={lab.account}/*",
                "Condition": condition
                or {
                    "StringEquals": {
                        "s3:x-amz-acl": "bucket-owner-full-control",
                        "aws:SourceAccount": lab.account,
                    },
                    "ArnLike": {
                        "aws:SourceArn": f"arn:aws:ssm:*:{lab.account}:resource-data-sync/*"
                    },
                },
            },
        ],
    }


def bucket_of(lab: Lab, document: Template | None = None, owner: Lab | None = None) -> str:
    """A new bucket with a policy that lets the account's syncs write into it."""
    name = f"inventory-{lab.account}"
    s3 = (owner or lab).client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document or policy(lab, name)))
    return name


def destination(bucket: str, **changes: str) -> dict[str, str]:
    return {
        "BucketName": bucket,
        "SyncFormat": "JsonSerDe",
        "Region": "us-east-1",
        **changes,
    }


def sync(lab: Lab, bucket: str, name: str = "fleet", **changes: str) -> None:
    lab.ssm.create_resource_data_sync(SyncName=name, S3Destination=destination(bucket, **changes))


def keys(lab: Lab, bucket: str) -> set[str]:
    answer = lab.client("s3").list_objects_v2(Bucket=bucket)
    return {each["Key"] for each in answer.get("Contents", [])}


def lines(lab: Lab, bucket: str, type_name: str, logical_id: str = "Node") -> list[dict[str, str]]:
    """The documents of the node's object of the type."""
    place = f"accountid={lab.account}/region={lab.region}/{FOLDER}"
    key = f"{type_name}/{place}/{lab.physical_id(logical_id)}.json"
    body = lab.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert body == "" or body.endswith("\n")
    return [json.loads(line) for line in body.splitlines()]


def workload(lab: Lab, bucket: str) -> str:
    """The value of the node's tag Workload."""
    return {each["Key"]: each["Value"] for each in lines(lab, bucket, "AWS:Tag")}["Workload"]


def listed(lab: Lab) -> dict[str, dict[str, Any]]:
    answer = lab.ssm.list_resource_data_sync()
    return {item["SyncName"]: item for item in answer["ResourceDataSyncItems"]}


@pytest.fixture
def fleet(lab: Lab) -> Lab:
    """One node with inventory."""
    lab.deploy(template(Node=node(Tags=tags(Environment="OELabIPM", Workload="Test"))))
    lab.settle()
    lab.associate()
    lab.settle()
    return lab


def test_every_type_of_a_node_has_its_object_in_the_documented_layout(fleet: Lab) -> None:
    bucket = bucket_of(fleet)
    sync(fleet, bucket)
    fleet.settle()
    account = f"accountid={fleet.account}"
    probe = f"AWS:InstanceInformation/{account}/test.json"
    place = f"{account}/region=us-east-1/{FOLDER}/{fleet.physical_id('Node')}.json"
    types = (
        "AWS:Application",
        "AWS:AWSComponent",
        "AWS:ComplianceItem",
        "AWS:ComplianceSummary",
        "AWS:InstanceDetailedInformation",
        "AWS:InstanceInformation",
        "AWS:Network",
        "AWS:Tag",
    )
    assert keys(fleet, bucket) == {probe, *(f"{name}/{place}" for name in types)}


def test_each_line_is_a_document_of_texts_with_its_node_and_capture(fleet: Lab) -> None:
    bucket = bucket_of(fleet)
    sync(fleet, bucket)
    fleet.settle()
    found = lines(fleet, bucket, "AWS:Application")
    assert {each["Name"] for each in found} == {
        entry["Name"] for entry in fleet.entries(fleet.physical_id("Node"), "AWS:Application")
    }
    for document in found:
        assert document["resourceId"] == fleet.physical_id("Node")
        assert document["captureTime"].endswith("Z")
        assert document["schemaVersion"] == "1.1"
        assert {type(value) for value in document.values()} == {str}
    (information,) = lines(fleet, bucket, "AWS:InstanceInformation")
    assert (information["InstanceStatus"], information["ResourceType"]) == ("Active", "EC2Instance")
    assert workload(fleet, bucket) == "Test"
    (item,) = lines(fleet, bucket, "AWS:ComplianceItem")
    assert (item["ComplianceType"], item["Status"]) == ("Association", "COMPLIANT")
    (summary,) = lines(fleet, bucket, "AWS:ComplianceSummary")
    assert (summary["Status"], summary["CompliantUnspecifiedCount"]) == ("COMPLIANT", "1")


def test_a_prefix_stands_before_the_type(fleet: Lab) -> None:
    bucket = bucket_of(fleet, policy(fleet, f"inventory-{fleet.account}", prefix="all/nodes"))
    sync(fleet, bucket, Prefix="all/nodes")
    fleet.settle()
    assert {key.rpartition("/AWS:")[0] for key in keys(fleet, bucket)} == {"all/nodes"}


def test_what_changes_is_written_again(fleet: Lab) -> None:
    bucket = bucket_of(fleet)
    sync(fleet, bucket)
    fleet.settle()
    node_id = fleet.physical_id("Node")
    fleet.ec2.create_tags(Resources=[node_id], Tags=tags(Workload="Prod"))
    fleet.settle()
    assert workload(fleet, bucket) == "Prod"
    fleet.aws.silence_agent(node_id, account=fleet.account)
    fleet.settle()
    (information,) = lines(fleet, bucket, "AWS:InstanceInformation")
    assert information["InstanceStatus"] == "ConnectionLost"


def test_what_does_not_change_is_not_written_again(fleet: Lab) -> None:
    bucket = bucket_of(fleet)
    fleet.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    sync(fleet, bucket)
    fleet.settle()
    fleet.settle()
    versions = fleet.client("s3").list_object_versions(Bucket=bucket)["Versions"]
    assert len(versions) == len(keys(fleet, bucket))


def test_the_objects_of_a_terminated_node_stay_and_only_one_says_so(fleet: Lab) -> None:
    bucket = bucket_of(fleet)
    sync(fleet, bucket)
    fleet.settle()
    before = keys(fleet, bucket)
    tagged = lines(fleet, bucket, "AWS:Tag")
    fleet.ec2.terminate_instances(InstanceIds=[fleet.physical_id("Node")])
    fleet.settle()
    assert keys(fleet, bucket) == before
    (information,) = lines(fleet, bucket, "AWS:InstanceInformation")
    assert information["InstanceStatus"] == "Terminated"
    assert lines(fleet, bucket, "AWS:Tag") == tagged


def test_patch_and_custom_data_is_written_too(fleet: Lab) -> None:
    bucket = bucket_of(fleet)
    sync(fleet, bucket)
    node_id = fleet.physical_id("Node")
    common = {"SchemaVersion": "1.0", "CaptureTime": "2026-03-01T10:00:00Z"}
    fleet.ssm.put_inventory(
        InstanceId=node_id,
        Items=[
            {"TypeName": "AWS:PatchSummary", "Content": [{"MissingCount": "2"}], **common},
            {"TypeName": "Custom:Rack", "Content": [{"Name": "A1"}], **common},
            {"TypeName": "AWS:File", "Content": [], **common},
        ],
    )
    fleet.ssm.put_compliance_items(
        ResourceId=node_id,
        ResourceType="ManagedInstance",
        ComplianceType="Patch",
        ExecutionSummary={"ExecutionTime": 1772359200},
        Items=[
            {
                "Id": "CVE-1",
                "Severity": "HIGH",
                "Status": "NON_COMPLIANT",
                "Details": {"PatchState": "Missing"},
            }
        ],
    )
    fleet.settle()
    (patches,) = lines(fleet, bucket, "AWS:PatchSummary")
    assert (patches["MissingCount"], patches["captureTime"]) == ("2", "2026-03-01T10:00:00Z")
    assert lines(fleet, bucket, "Custom:Rack")[0]["Name"] == "A1"
    assert lines(fleet, bucket, "AWS:File") == []
    items = {each["ComplianceType"]: each for each in lines(fleet, bucket, "AWS:ComplianceItem")}
    assert (items["Patch"]["PatchState"], items["Patch"]["Severity"]) == ("Missing", "HIGH")
    assert items["Patch"]["ExecutionTime"] == "2026-03-01T10:00:00Z"


def test_a_listed_sync_has_its_status(lab: Lab) -> None:
    bucket = bucket_of(lab)
    sync(lab, bucket)
    (item,) = listed(lab).values()
    assert (item["SyncType"], item["S3Destination"]) == ("SyncToDestination", destination(bucket))
    assert item["LastStatus"] == "Successful"
    assert item["LastSuccessfulSyncTime"] == item["LastSyncTime"]
    assert lab.ssm.list_resource_data_sync(SyncType="SyncFromSource")["ResourceDataSyncItems"] == []


def test_a_sync_fails_once_the_policy_is_gone_and_recovers_with_it(fleet: Lab) -> None:
    bucket = bucket_of(fleet)
    sync(fleet, bucket)
    fleet.settle()
    fleet.client("s3").delete_bucket_policy(Bucket=bucket)
    fleet.ec2.create_tags(Resources=[fleet.physical_id("Node")], Tags=tags(Workload="Prod"))
    fleet.settle()
    (item,) = listed(fleet).values()
    assert item["LastStatus"] == "Failed"
    assert bucket in item["LastSyncStatusMessage"]
    assert item["LastSuccessfulSyncTime"] < item["LastSyncTime"]
    fleet.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(fleet, bucket)))
    fleet.settle()
    (item,) = listed(fleet).values()
    assert item["LastStatus"] == "Successful"
    assert "LastSyncStatusMessage" not in item
    assert workload(fleet, bucket) == "Prod"


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": "999999999999"}},
        {"StringEquals": {"s3:x-amz-acl": "private"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:ssm:eu-west-1:*:resource-data-sync/*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:ssm:*:*:resource-data-sync/other"}},
        {"StringEquals": {"aws:SourceOrgID": "o-0123456789"}},
        {"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        {"Bool": {"aws:SecureTransport": "false"}},
    ],
)
def test_a_bucket_that_does_not_allow_it_refuses_the_sync(
    lab: Lab, condition: dict[str, Any]
) -> None:
    bucket = bucket_of(lab, policy(lab, f"inventory-{lab.account}", condition=condition))
    with pytest.raises(ClientError, match="ResourceDataSyncInvalidConfigurationException"):
        sync(lab, bucket)
    assert (listed(lab), keys(lab, bucket)) == ({}, set())


def test_a_bucket_must_allow_its_acl_to_be_read(lab: Lab) -> None:
    document = policy(lab, f"inventory-{lab.account}")
    del document["Statement"][0]
    with pytest.raises(ClientError, match="S3 write failed"):
        sync(lab, bucket_of(lab, document))


def test_a_denial_for_plain_http_does_not_concern_a_sync(lab: Lab) -> None:
    bucket = f"inventory-{lab.account}"
    document = policy(lab, bucket)
    document["Statement"].append(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )
    sync(lab, bucket_of(lab, document))
    assert listed(lab)


@pytest.mark.parametrize("changes", [{"BucketName": "missing"}, {"Region": "eu-west-1"}])
def test_the_bucket_must_be_where_the_sync_says(lab: Lab, changes: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="S3 write failed"):
        sync(lab, bucket_of(lab), **changes)


def test_a_key_encrypts_the_objects(fleet: Lab) -> None:
    condition = {"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
    bucket = bucket_of(fleet, policy(fleet, f"inventory-{fleet.account}", condition=condition))
    arn = f"arn:aws:kms:us-east-1:{fleet.account}:key/0123"
    sync(fleet, bucket, AWSKMSKeyARN=arn)
    fleet.settle()
    for key in keys(fleet, bucket):
        answer = fleet.client("s3").head_object(Bucket=bucket, Key=key)
        assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"]) == ("aws:kms", arn)


def test_another_account_writes_into_its_own_path_only(aws: LocalAws, fleet: Lab) -> None:
    owner = Lab(aws)
    bucket = bucket_of(fleet, owner=owner)
    sync(fleet, bucket)
    fleet.settle()
    assert f"AWS:InstanceInformation/accountid={fleet.account}/test.json" in keys(owner, bucket)
    with pytest.raises(ClientError, match="S3 write failed"):
        sync(owner, bucket)


def test_a_member_of_the_organization_may_write(lab: Lab) -> None:
    organizations = lab.client("organizations")
    organization_id = organizations.describe_organization()["Organization"]["Id"]
    condition = {"StringEquals": {"aws:SourceOrgID": organization_id}}
    sync(lab, bucket_of(lab, policy(lab, f"inventory-{lab.account}", condition=condition)))
    assert listed(lab)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SyncType": "SyncFromSource"}, "NotImplemented"),
        ({"S3Destination": None}, "ResourceDataSyncInvalidConfigurationException"),
        ({"SyncName": "n" * 65}, "ValidationException"),
        ({"S3Destination": {"SyncFormat": "Parquet"}}, "ValidationException"),
        (
            {"S3Destination": {"DestinationDataSharing": {"DestinationDataSharingType": "x"}}},
            "NotImplemented",
        ),
    ],
)
def test_refused(lab: Lab, changes: dict[str, Any], code: str) -> None:
    whole = destination(bucket_of(lab))
    request: dict[str, Any] = {"SyncName": "fleet", "S3Destination": whole}
    for name, value in changes.items():
        request[name] = {**whole, **value} if isinstance(value, dict) else value
    given = {name: value for name, value in request.items() if value is not None}
    with pytest.raises(ClientError, match=code):
        lab.ssm.create_resource_data_sync(**given)


def test_a_name_is_taken_once_and_five_are_all(lab: Lab) -> None:
    bucket = bucket_of(lab)
    for number in range(5):
        sync(lab, bucket, name=f"sync{number}")
    with pytest.raises(ClientError, match="ResourceDataSyncAlreadyExistsException"):
        sync(lab, bucket, name="sync1")
    with pytest.raises(ClientError, match="ResourceDataSyncCountExceededException"):
        sync(lab, bucket, name="sync5")
    lab.ssm.delete_resource_data_sync(SyncName="sync1")
    sync(lab, bucket, name="sync5")
    pages = lab.ssm.get_paginator("list_resource_data_sync").paginate(
        PaginationConfig={"PageSize": 3}
    )
    assert [len(page["ResourceDataSyncItems"]) for page in pages] == [3, 2]
    with pytest.raises(ClientError, match="ResourceDataSyncNotFoundException"):
        lab.ssm.delete_resource_data_sync(SyncName="sync1")


def declared(lab: Lab, name: str = "fleet", prefix: str = "one", **changes: Any) -> Template:
    """A bucket with its policy, and a sync that depends on the policy."""
    bucket = f"inventory-{lab.account}"
    s3_destination = {
        "BucketName": ref("Bucket"),
        "BucketPrefix": prefix,
        "BucketRegion": "us-east-1",
        "SyncFormat": "JsonSerDe",
    }
    properties = {"SyncName": name, "S3Destination": s3_destination, **changes}
    return {
        "Resources": {
            "Bucket": resource("AWS::S3::Bucket", BucketName=bucket),
            "Policy": resource(
                "AWS::S3::BucketPolicy",
                Bucket=ref("Bucket"),
                PolicyDocument=policy(lab, bucket, prefix=prefix),
            ),
            "Sync": resource("AWS::SSM::ResourceDataSync", "Policy", **properties),
        },
        "Outputs": {"Name": {"Value": ref("Sync")}},
    }


def test_declared_and_deleted_by_a_template(lab: Lab) -> None:
    assert lab.deploy(declared(lab)) == "CREATE_COMPLETE", lab.failures()
    assert lab.outputs()["Name"] == "fleet"
    assert listed(lab)["fleet"]["S3Destination"]["Prefix"] == "one"
    document = declared(lab)
    del document["Resources"]["Sync"], document["Outputs"]
    assert lab.deploy(document) == "UPDATE_COMPLETE"
    assert listed(lab) == {}
    assert keys(lab, f"inventory-{lab.account}")


def test_the_older_form_of_its_properties(lab: Lab) -> None:
    document = declared(lab)
    properties = document["Resources"]["Sync"]["Properties"]
    properties.update(properties.pop("S3Destination"))
    assert lab.deploy(document) == "CREATE_COMPLETE", lab.failures()
    assert listed(lab)["fleet"]["S3Destination"]["Prefix"] == "one"


def test_a_change_under_the_same_name_meets_the_old_sync(lab: Lab) -> None:
    lab.deploy(declared(lab))
    assert lab.deploy(declared(lab, prefix="two")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "ResourceDataSyncAlreadyExistsException" in lab.failures()["Sync"]
    assert listed(lab)["fleet"]["S3Destination"]["Prefix"] == "one"


def test_a_change_under_another_name_replaces_it(lab: Lab) -> None:
    lab.deploy(declared(lab))
    assert lab.deploy(declared(lab, name="fleet2", prefix="two")) == "UPDATE_COMPLETE"
    assert list(listed(lab)) == ["fleet2"]


def test_a_sync_without_the_policy_rolls_the_stack_back(lab: Lab) -> None:
    document = declared(lab)
    del document["Resources"]["Policy"], document["Resources"]["Sync"]["DependsOn"]
    assert lab.deploy(document) == "ROLLBACK_COMPLETE"
    assert "S3 write failed for bucket" in lab.failures()["Sync"]
