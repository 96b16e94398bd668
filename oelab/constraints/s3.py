"""What S3 accepts, and what State Manager accepts of it."""

from collections.abc import Iterator
from dataclasses import replace

from oelab.constraints.kinds import Number, Text
from oelab.constraints.rules import violation
from oelab.findings import Finding

BUCKET_NAME = Text(
    "BucketName",
    "S3 User Guide, general purpose bucket naming rules",
    pattern="[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    form="lower-case letters, digits, hyphens and single dots, a letter or a digit at either end",
    at_least=3,
    at_most=63,
    forbidden=r".*\.\.",
)

# CloudFormation accepts 1024 characters, the API behind it does not. Wildcards and variables of a
# policy would let nodes write elsewhere (IAM User Guide, JSON policy elements: Resource), and the
# agent puts a slash of its own after the prefix.
KEY_PREFIX = Text(
    "KeyPrefix",
    "Systems Manager API Reference, S3OutputLocation",
    pattern="[^*?$/]+(/[^*?$/]+)*",
    form="characters without * ? $, in folders separated by single slashes",
    at_least=1,
    at_most=500,
    is_literal=True,
)
PLAIN_KEY_PREFIX = replace(
    KEY_PREFIX,
    pattern="[A-Za-z0-9!_.'()-]+(/[A-Za-z0-9!_.'()-]+)*",
    form="letters, digits and ! _ . ' ( ) - with single slashes between",
)
"""What parameters take: the safe characters. Source: S3 User Guide, naming Amazon S3 objects."""


def region_of_new_bucket(where: str, value: object) -> Iterator[Finding]:
    """The Region of the bucket, which is that of its stack where the bucket is made there.

    Source: Systems Manager API Reference, S3OutputLocation.
    """
    if value is not None:
        yield violation("BucketRegion", where, value)


EXPIRE_DAYS = Number("ExpireDays", "S3 API Reference, LifecycleExpiration", at_least=1)
