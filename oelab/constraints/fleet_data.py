"""What AWS accepts of a data sync, its bucket's policy and tables; limits in fleet_data.toml."""

from collections.abc import Iterator, Sequence

from oelab.constraints.ec2 import REGION_NAME
from oelab.constraints.iam import ACCOUNT_ID
from oelab.constraints.kinds import Items, Number, Text
from oelab.constraints.rules import violation
from oelab.findings import Finding

SYNC_NAME = Text.declared("fleet_data.SyncName")
SYNC_PREFIX = Text.declared("fleet_data.SyncPrefix")
ORGANIZATION_ID = Text.declared("fleet_data.OrganizationId")
SYNC_ACCOUNTS = Items.declared("fleet_data.SyncAccounts", each=ACCOUNT_ID)
SYNC_REGIONS = Items.declared("fleet_data.SyncRegions", each=REGION_NAME)
KEY_ARN = Text.declared("fleet_data.KeyArn")
DATABASE_NAME = Text.declared("fleet_data.DatabaseName")
WORKGROUP_NAME = Text.declared("fleet_data.WorkgroupName")
SCAN_LIMIT_GIGABYTES = Number.declared("fleet_data.ScanLimit")
EXPECTED_NODES = Number.declared("fleet_data.ExpectedNodes")
WARN_ABOVE_USD_A_DAY = Number.declared("fleet_data.WarnAboveUsdADay")


def listed(
    where: str, value: Sequence[str], *, is_organization: bool, within: str = ""
) -> Iterator[Finding]:
    """Accounts or Regions are not listed where all of an organization may write.

    `within` is what the organization's id is a setting of, such as `fleet_data.`.
    """
    if value and is_organization:
        yield violation("SyncOrganization", where, ", ".join(value), within=within)
