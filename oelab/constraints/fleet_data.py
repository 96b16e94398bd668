"""What AWS accepts of a data sync, the policy of its bucket, and the tables over its objects."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from oelab.constraints.ec2 import REGION_NAME
from oelab.constraints.iam import ACCOUNT_ID
from oelab.constraints.kinds import Items, Number, Text
from oelab.constraints.rules import violation
from oelab.constraints.s3 import PLAIN_KEY_PREFIX
from oelab.findings import Finding

_SYNC = "CloudFormation schema of AWS::SSM::ResourceDataSync"

# The schema takes any 64 characters; a hyphen and a hash of 16 characters follow this one.
SYNC_NAME = Text("SyncName", _SYNC, "[A-Za-z0-9_.-]+", "letters, digits and _ . -", 1, 47)

# Stands in the resources of policies, in Glue's locations and in paths that queries read, none of
# which may take a part of it for anything else.
SYNC_PREFIX = replace(PLAIN_KEY_PREFIX, rule="SyncPrefix", source=_SYNC, at_most=256)

ORGANIZATION_ID = Text(
    "OrganizationId",
    "Organizations API Reference, Organization",
    "o-[a-z0-9]{10,32}",
    "the id of an organization such as o-a1b2c3d4e5",
)

# A bucket policy has 20 KB at most, and each account takes a statement of up to 800 bytes.
SYNC_ACCOUNTS = Items(
    "SyncAccounts",
    "S3 User Guide, bucket policies",
    "accounts",
    ACCOUNT_ID,
    at_least=1,
    at_most=20,
)
SYNC_REGIONS = Items("SyncRegions", "", "Regions", REGION_NAME)


def listed(
    where: str, value: Sequence[str], *, is_organization: bool, rests_on: str = ""
) -> Iterator[Finding]:
    """Accounts or Regions are not listed where all of an organization may write."""
    if value and is_organization:
        found = violation("SyncOrganization", where, ", ".join(value))
        yield replace(found, rests_on=(rests_on,) if rests_on else ())


KEY_ARN = Text(
    "KeyArn",
    "KMS Developer Guide, key ARN",
    "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
    "the ARN of a key such as "
    "arn:aws:kms:eu-west-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef",
)

DATABASE_NAME = Text(
    "DatabaseName",
    "Athena User Guide, name databases, tables, and columns",
    "[a-z0-9_]+",
    "lower-case letters, digits and _",
    1,
    255,
)
WORKGROUP_NAME = Text(
    "WorkgroupName",
    "CloudFormation schema of AWS::Athena::WorkGroup",
    "[A-Za-z0-9._-]+",
    "letters, digits and . _ -",
    1,
    128,
)

# Athena itself takes 10 MB and more.
SCAN_LIMIT_GIGABYTES = Number(
    "ScanLimit", "Athena API Reference, WorkGroupConfiguration", 1, 7_000_000
)
EXPECTED_NODES = Number("ExpectedNodes", "", 0)
WARN_ABOVE_USD_A_DAY = Number("WarnAboveUsdADay", "", 0)
