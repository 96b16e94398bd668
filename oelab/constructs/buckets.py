"""The buckets that constructs are given, or make.

The module of S3 takes long to import, and most apps have no bucket.
"""

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from constructs import Construct

from oelab.constructs.arguments import implements
from oelab.constructs.references import Bucket

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3


def bucket_of(scope: Construct, construct_id: str, given: Bucket | None) -> "s3.IBucket | None":
    """The bucket that is given; one that is no L2 is known by its name only."""
    from aws_cdk import aws_s3 as s3

    if given is None or implements(given, s3.IBucket):
        return cast("s3.IBucket | None", given)
    name = given if isinstance(given, str) else given.bucket_ref.bucket_name
    return s3.Bucket.from_bucket_name(scope, construct_id, name)


def private_bucket(
    scope: Construct,
    construct_id: str,
    rule_id: str,
    *,
    name: str | None = None,
    encryption_key: "kms.IKey | None" = None,
    versioned: bool = True,
    expire_days: int | None = None,
) -> "s3.Bucket":
    """A bucket for this account only, by TLS only, that stays when its stack is deleted.

    Objects expire after `expire_days`, or never; noncurrent versions of them after a day.
    """
    from aws_cdk import aws_s3 as s3

    kind = s3.BucketEncryption
    day = cdk.Duration.days(1)
    return s3.Bucket(
        scope,
        construct_id,
        bucket_name=name,
        encryption=kind.KMS if encryption_key else kind.S3_MANAGED,
        encryption_key=encryption_key,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=versioned,
        removal_policy=cdk.RemovalPolicy.RETAIN,
        lifecycle_rules=[
            s3.LifecycleRule(
                id=rule_id,
                expiration=cdk.Duration.days(expire_days) if expire_days else None,
                noncurrent_version_expiration=day if versioned else None,
                abort_incomplete_multipart_upload_after=day,
            )
        ],
    )
