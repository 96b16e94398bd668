"""The data sync: who may write where, what replaces it, and what stays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from oelab.constructs.fleet_data import InventoryDataSync
from tests.policies import ACCOUNT, allows, resolved
from tests.synthesis import Template, new_stack, of_type, only, template_of

OTHER = "444455556666"
STRANGER = "999999999999"
ORGANIZATION = "o-a1b2c3d4e5"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-90ab-cdef-1234-567890abcdef"
ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}
SSE = "s3:x-amz-server-side-encryption"
ENCRYPTED = {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}


def template(**properties: Any) -> Template:
    stack = new_stack()
    InventoryDataSync(stack, "Data", **properties)
    return template_of(stack)


@dataclass(frozen=True)
class Bucket:
    """The policy of a bucket named `inventory`."""

    policy: dict[str, Any]

    @classmethod
    def of(cls, template: Template) -> "Bucket":
        (logical_id,) = (
            key for key, each in template["Resources"].items() if each["Type"] == "AWS::S3::Bucket"
        )
        attributes = {f"{logical_id}.Arn": "arn:aws:s3:::inventory", logical_id: "inventory"}
        policy = only(template, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]
        return cls(resolved(policy, attributes))

    def takes(
        self,
        action: str = "s3:PutObject",
        *,
        of: str = ACCOUNT,
        folder: str = "",
        prefix: str = "",
        arn: str = "",
        organization: str = "",
        headers: Mapping[str, str] = ACL,
        **options: Any,
    ) -> bool:
        """Whether it lets the sync of an account do this in the folder of an account (its own)."""
        place = f"accountid={folder or of}/region=eu-west-1/resourcetype=ManagedInstanceInventory"
        key = f"/{prefix}AWS:Tag/{place}/i-1.json" if action.startswith("s3:PutObject") else ""
        keys = {
            "aws:SourceAccount": of,
            "aws:SourceArn": arn or f"arn:aws:ssm:eu-west-1:{of}:resource-data-sync/fleet",
            **({"aws:SourceOrgID": organization} if organization else {}),
            **headers,
        }
        return allows(self.policy, action, f"arn:aws:s3:::inventory{key}", keys, **options)


# What is done, and whether it is allowed, for one account.
ONE_ACCOUNT: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"action": "s3:GetBucketAcl", "headers": {}}, True),
    ({"of": OTHER}, False),
    ({"of": OTHER, "folder": ACCOUNT}, False),
    ({"folder": OTHER}, False),
    ({"headers": {}}, False),
    ({"headers": {"s3:x-amz-acl": "public-read"}}, False),
    ({"arn": f"arn:aws:ssm:eu-west-1:{OTHER}:resource-data-sync/fleet"}, False),
    ({"arn": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:document/fleet"}, False),
    ({"service": "config.amazonaws.com"}, False),
    ({"is_encrypted": False}, False),
    ({"action": "s3:GetBucketAcl", "is_encrypted": False}, False),
    ({"action": "s3:GetBucketAcl", "of": OTHER}, False),
    ({"action": "s3:PutObjectTagging"}, False),
    ({"action": "s3:DeleteObject"}, False),
    ({"action": "s3:GetObject"}, False),
    ({"action": "s3:PutBucketPolicy"}, False),
]
A_LIST: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"of": OTHER}, True),
    ({"of": OTHER, "action": "s3:GetBucketAcl"}, True),
    ({"of": OTHER, "folder": ACCOUNT}, False),
    ({"of": ACCOUNT, "folder": OTHER}, False),
    ({"of": OTHER, "arn": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:resource-data-sync/fleet"}, False),
    ({"of": STRANGER}, False),
    ({"of": STRANGER, "folder": ACCOUNT}, False),
    ({"of": STRANGER, "action": "s3:GetBucketAcl"}, False),
]
AN_ORGANIZATION: list[tuple[dict[str, Any], bool]] = [
    ({"of": OTHER, "organization": ORGANIZATION}, True),
    ({"of": OTHER, "organization": ORGANIZATION, "action": "s3:GetBucketAcl"}, True),
    ({"of": OTHER, "organization": ORGANIZATION, "action": "s3:PutObjectTagging"}, True),
    ({"of": OTHER, "organization": ORGANIZATION, "headers": {}}, False),
    ({"of": OTHER, "organization": ORGANIZATION, "is_encrypted": False}, False),
    ({"of": STRANGER, "organization": "o-zzzzzzzzzz"}, False),
    ({"of": STRANGER, "organization": "o-zzzzzzzzzz", "action": "s3:GetBucketAcl"}, False),
    ({"of": STRANGER, "organization": "o-zzzzzzzzzz", "action": "s3:PutObjectTagging"}, False),
    ({"of": STRANGER}, False),
    ({"of": ACCOUNT}, False),
]


@pytest.fixture(scope="module")
def buckets() -> dict[str, Bucket]:
    """By form: the bucket that its policy belongs to."""
    return {
        "one account": Bucket.of(template()),
        "a list": Bucket.of(template(accounts=[ACCOUNT, OTHER])),
        "an organization": Bucket.of(template(organization_id=ORGANIZATION)),
        "a prefix": Bucket.of(template(prefix="inventory/all")),
        "a key": Bucket.of(template(encryption_key=KEY)),
    }


@pytest.mark.parametrize(
    ("form", "request_", "is_allowed"),
    [
        *(("one account", *case) for case in ONE_ACCOUNT),
        *(("a list", *case) for case in A_LIST),
        *(("an organization", *case) for case in AN_ORGANIZATION),
        ("a prefix", {"prefix": "inventory/all/"}, True),
        ("a prefix", {}, False),
        ("a prefix", {"prefix": "inventory/"}, False),
        ("a key", {"headers": ACL | ENCRYPTED}, True),
        ("a key", {}, False),
        ("a key", {"headers": {**ACL, SSE: "aws:kms"}}, False),
        ("a key", {"headers": {**ACL, **ENCRYPTED, SSE: "AES256"}}, False),
    ],
)
def test_the_bucket_takes_what_syncs_of_the_accounts_write_and_nothing_else(
    buckets: dict[str, Bucket], form: str, request_: dict[str, Any], *, is_allowed: bool
) -> None:
    assert buckets[form].takes(**request_) is is_allowed


@pytest.mark.parametrize(
    ("properties", "keys", "is_allowed"),
    [
        ({}, {"aws:SourceAccount": ACCOUNT}, True),
        ({}, {"aws:SourceAccount": OTHER}, False),
        ({"organization_id": ORGANIZATION}, {"aws:SourceOrgID": ORGANIZATION}, True),
        ({"organization_id": ORGANIZATION}, {"aws:SourceOrgID": "o-zzzzzzzzzz"}, False),
        ({"organization_id": ORGANIZATION}, {"aws:SourceAccount": ACCOUNT}, False),
    ],
)
def test_a_key_of_the_app_lets_the_syncs_use_it(
    properties: dict[str, Any], keys: dict[str, str], *, is_allowed: bool
) -> None:
    stack = new_stack()
    InventoryDataSync(stack, "Data", encryption_key=kms.Key(stack, "Key"), **properties)
    policy = only(template_of(stack), "AWS::KMS::Key")["Properties"]["KeyPolicy"]
    (statement,) = (each for each in policy["Statement"] if "Service" in each["Principal"])
    document = {"Version": "2012-10-17", "Statement": [resolved(statement, {})]}
    keys |= {"aws:SourceArn": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:resource-data-sync/fleet"}
    assert allows(document, "kms:GenerateDataKey", KEY, keys) is is_allowed
    assert not allows(document, "kms:Decrypt", KEY, keys)


def test_a_full_policy_stays_below_the_limit_of_s3() -> None:
    """Source: S3 User Guide, bucket policies: 20 KB."""
    accounts = [str(number) for number in range(100000000001, 100000000021)]
    found = template(accounts=accounts, prefix="p" * 256, encryption_key=KEY)
    policy = json.dumps(Bucket.of(found).policy, separators=(",", ":"))
    longest = policy.replace("arn:aws:s3:::inventory", f"arn:aws-us-gov:s3:::{'b' * 63}")
    assert len(longest) < 20 * 1024


def sync_name(template: Template) -> str:
    name: str = only(template, "AWS::SSM::ResourceDataSync")["Properties"]["SyncName"]
    return name


def in_bucket(bucket_name: str) -> Template:
    stack = new_stack()
    InventoryDataSync(stack, "Data", bucket=s3.Bucket(stack, "Bucket", bucket_name=bucket_name))
    return template_of(stack)


def test_whatever_changes_the_sync_changes_its_name() -> None:
    names = [
        sync_name(each)
        for each in (
            template(),
            template(prefix="inventory"),
            template(encryption_key=KEY),
            template(bucket="inventory"),
            template(bucket="inventory", bucket_region="eu-west-1"),
            template(bucket="other-inventory"),
            template(name="mine"),
            in_bucket("of-the-app"),
            # The same logical id, and another bucket.
            in_bucket("of-the-app-too"),
        )
    ]
    assert len({*names}) == len(names)
    assert all(1 <= len(name) <= 64 for name in names)


def test_what_does_not_change_the_sync_does_not_change_its_name() -> None:
    assert sync_name(template()) == sync_name(template(accounts=[ACCOUNT, OTHER]))
    assert sync_name(template()) == sync_name(template(organization_id=ORGANIZATION))


def test_the_sync_waits_for_the_policy_that_lets_it_write() -> None:
    found = template()
    (policy,) = (k for k, r in found["Resources"].items() if r["Type"] == "AWS::S3::BucketPolicy")
    assert policy in only(found, "AWS::SSM::ResourceDataSync")["DependsOn"]


def test_current_objects_stay_whatever_happens_to_the_stack() -> None:
    bucket = only(template(), "AWS::S3::Bucket")
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert not {"ExpirationInDays", "ExpirationDate", "Transitions"} & rule.keys()


def test_a_bucket_elsewhere_is_used_as_it_is() -> None:
    found = template(bucket="central", bucket_region="eu-west-1", prefix="inventory")
    assert not list(of_type(found, "AWS::S3::BucketPolicy"))
    destination = only(found, "AWS::SSM::ResourceDataSync")["Properties"]["S3Destination"]
    assert destination == {
        "BucketName": "central",
        "BucketPrefix": "inventory",
        "BucketRegion": "eu-west-1",
        "SyncFormat": "JsonSerDe",
    }


def test_the_statements_for_a_bucket_elsewhere_are_at_hand() -> None:
    data = InventoryDataSync(new_stack(), "Data", bucket="central", encryption_key=KEY)
    actions = [each.actions for each in (*data.bucket_statements, *data.key_statements)]
    assert actions == [["s3:GetBucketAcl"], ["s3:PutObject"], ["kms:GenerateDataKey"]]
