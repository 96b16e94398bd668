"""The stack of the fleet's data on a local AWS: what changes replace, and what stays of it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from localaws import LocalAws
from oelab.constructs.fleet_data import InventoryDataSync
from oelab.settings import FleetDataSettings, Settings
from tests.localaws.lab import Lab, node, tags, template
from tests.localaws.test_data_sync import policy
from tests.synthesis import Template, new_stack, synthesize, template_of

STACK = "OELabFleetData"
KEY = "arn:aws:kms:us-east-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef"


def of_settings(**settings: Any) -> Template:
    fleet_data = FleetDataSettings(enabled=True, tables=False, **settings)
    return synthesize(Settings(fleet_data=fleet_data))[STACK]


def in_bucket(name: str | None) -> Template:
    """The sync in a bucket of the app; another name replaces it under its logical id."""
    stack = new_stack(STACK)
    bucket = s3.Bucket(stack, "Bucket", bucket_name=name, removal_policy=cdk.RemovalPolicy.RETAIN)
    InventoryDataSync(stack, "Data", bucket=bucket)
    return template_of(stack)


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def lab(aws: LocalAws) -> Lab:
    """An account with a node that has inventory, and buckets elsewhere that let its syncs write."""
    lab = Lab(aws)
    lab.deploy(template(Node=node(Tags=tags(Environment="OELabIPM"))))
    lab.settle()
    lab.associate()
    lab.settle()
    for region in ("us-east-1", "eu-west-1"):
        name = f"central-{region}-{lab.account}"
        client = aws.client("s3", region=region, account=lab.account)
        place = {"LocationConstraint": region}
        client.create_bucket(
            Bucket=name, **({} if region == "us-east-1" else {"CreateBucketConfiguration": place})
        )
        client.put_bucket_policy(Bucket=name, Policy=json.dumps(policy(lab, name)))
    return lab


def deploy(lab: Lab, template: Template) -> str:
    """Deploy it and let the sync write; the sync's name."""
    status = lab.deploy(template, STACK)
    assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), lab.failures(STACK)
    lab.settle()
    (sync,) = lab.ssm.list_resource_data_sync()["ResourceDataSyncItems"]
    assert sync["LastStatus"] == "Successful", sync
    assert objects(lab)[sync["S3Destination"]["BucketName"]]
    return str(sync["SyncName"])


def objects(lab: Lab) -> dict[str, set[str]]:
    """The keys in every bucket."""
    client = lab.client("s3")
    return {
        bucket["Name"]: {
            each["Key"]
            for each in client.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
        }
        for bucket in client.list_buckets()["Buckets"]
    }


# How the stack is defined, before and after.
CHANGES: dict[str, tuple[Callable[..., Template], dict[str, Any], dict[str, Any]]] = {
    "prefix": (of_settings, {}, {"prefix": "inventory"}),
    "key": (of_settings, {}, {"kms_key_arn": KEY}),
    "bucket": (of_settings, {}, {"bucket": "central-us-east-1-{account}"}),
    "Region": (
        of_settings,
        {"bucket": "central-us-east-1-{account}"},
        {"bucket": "central-eu-west-1-{account}", "bucket_region": "eu-west-1"},
    ),
    "bucket under its logical id": (
        in_bucket,
        {"name": "one-{account}"},
        {"name": "two-{account}"},
    ),
    "name of the bucket": (in_bucket, {"name": None}, {"name": "named-{account}"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_replaces_the_sync_and_loses_no_object(lab: Lab, change: str) -> None:
    define, one, other = CHANGES[change]
    before, after = (
        define(**{k: v and v.format(account=lab.account) for k, v in version.items()})
        for version in (one, other)
    )
    first = deploy(lab, before)
    written = objects(lab)
    second = deploy(lab, after)
    assert first != second
    now = objects(lab)
    assert all(keys <= now[bucket] for bucket, keys in written.items())


def test_a_change_that_is_taken_back_brings_the_sync_back(lab: Lab) -> None:
    first = deploy(lab, of_settings())
    deploy(lab, of_settings(prefix="inventory"))
    assert deploy(lab, of_settings()) == first


def test_a_change_of_who_may_write_keeps_the_sync(lab: Lab) -> None:
    first = deploy(lab, of_settings())
    others = (lab.account, "444455556666")
    assert deploy(lab, of_settings(accounts=others)) == first


def test_what_is_removed_leaves_the_bucket_with_all_objects(lab: Lab) -> None:
    deploy(lab, of_settings())
    written = objects(lab)
    lab.delete(STACK)
    assert objects(lab) == written
    assert lab.ssm.list_resource_data_sync()["ResourceDataSyncItems"] == []
