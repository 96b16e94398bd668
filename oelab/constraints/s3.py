"""What S3 accepts, and what State Manager accepts of it; limits in s3.toml."""

from collections.abc import Iterator

from oelab.constraints.kinds import Number, Text
from oelab.constraints.rules import violation
from oelab.findings import Finding

BUCKET_NAME = Text.declared("s3.BucketName")
KEY_PREFIX = Text.declared("s3.KeyPrefix")
PLAIN_KEY_PREFIX = Text.declared("s3.PlainKeyPrefix")
EXPIRE_DAYS = Number.declared("s3.ExpireDays")


def region_of_new_bucket(where: str, value: object) -> Iterator[Finding]:
    """The Region of the bucket, which is that of its stack where the bucket is made there.

    Source: Systems Manager API Reference, S3OutputLocation.
    """
    if value is not None:
        yield violation("BucketRegion", where, value)
