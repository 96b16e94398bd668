"""The settings `[fleet_data]`: the bucket, data sync and tables of the whole fleet's inventory."""

from dataclasses import dataclass
from typing import Annotated

from oelab.constraints import ec2, fleet_data, s3
from oelab.constraints.kinds import OrBlank


@dataclass(frozen=True, kw_only=True)
class FleetDataSettings:
    """The data sync of an account and Region, and the tables over all that arrives in its bucket.

    Without `bucket` one is made, which lets syncs write of the `accounts` or the organization, or
    else of the stack's own account. `regions` are those that the tables cover, or else the stack's
    own Region. `expected_nodes` is for the estimate of the cost; 0 counts the instances of the
    workloads.
    """

    enabled: bool = False
    bucket: Annotated[str, OrBlank(s3.BUCKET_NAME)] = ""
    bucket_region: Annotated[str, OrBlank(ec2.REGION_NAME)] = ""
    prefix: Annotated[str, OrBlank(fleet_data.SYNC_PREFIX)] = ""
    kms_key_arn: Annotated[str, OrBlank(fleet_data.KEY_ARN)] = ""
    accounts: Annotated[tuple[str, ...], OrBlank(fleet_data.SYNC_ACCOUNTS)] = ()
    organization_id: Annotated[str, OrBlank(fleet_data.ORGANIZATION_ID)] = ""
    regions: Annotated[tuple[str, ...], fleet_data.SYNC_REGIONS] = ()
    tables: bool = True
    database: Annotated[str, fleet_data.DATABASE_NAME] = "oelab_inventory"
    workgroup: Annotated[str, fleet_data.WORKGROUP_NAME] = "OELabInventory"
    scan_limit_gigabytes: Annotated[int, fleet_data.SCAN_LIMIT_GIGABYTES] = 100
    expected_nodes: Annotated[int, fleet_data.EXPECTED_NODES] = 0
    warn_above_usd_a_day: Annotated[int, fleet_data.WARN_ABOVE_USD_A_DAY] = 5
