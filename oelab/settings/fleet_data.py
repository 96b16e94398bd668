"""Whether inventory of the whole fleet is collected in a bucket, and what may be asked of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from oelab.constraints import ec2, fleet_data, s3
from oelab.constraints.kinds import OrBlank
from oelab.findings import Finding, finding_by
from oelab.settings.environments import EnvironmentSettings


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


def fleet_data_findings(
    settings: FleetDataSettings, environments: Sequence[EnvironmentSettings]
) -> Iterator[Finding]:
    """What must hold between these settings and where the stack is deployed."""
    if settings.bucket_region and not settings.bucket:
        setting, value = "fleet_data.bucket_region", settings.bucket_region
        yield finding_by(__package__, "SyncBucketRegion", setting, value)
    for name, rule, owns in (
        ("accounts", "SyncOwnAccount", {each.account for each in environments}),
        ("regions", "SyncOwnRegion", {each.region for each in environments}),
    ):
        setting, listed = f"fleet_data.{name}", getattr(settings, name)
        yield from fleet_data.listed(
            setting,
            listed,
            is_organization=bool(settings.organization_id),
            rests_on="fleet_data.organization_id",
        )
        for own in sorted(owns - {"", *listed}) if listed else ():
            yield finding_by(__package__, rule, setting, ", ".join(listed), own=own)
    region = settings.bucket_region or environments[0].region
    key = settings.kms_key_arn
    if region and key and f":{region}:" not in key:
        yield finding_by(__package__, "SyncKeyRegion", "fleet_data.kms_key_arn", key, region=region)
