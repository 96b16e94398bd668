"""The stack OELabFleetData: the bucket, data syncs and tables of the whole fleet's inventory."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab.constructs.fleet_data import FleetDataAccess, InventoryDataSync, InventoryTables
from oelab.settings import EnvironmentSettings, FleetDataSettings, Settings
from oelab.systems_manager.data_sync_cost import FleetEstimate, types_of


class FleetDataStack(cdk.Stack):
    """The data sync of the stack's account and Region, and the tables over all that is synced."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        environment: EnvironmentSettings,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        fleet_data = settings.fleet_data_in(environment)
        data = InventoryDataSync(
            self,
            "Data",
            bucket=fleet_data.bucket or None,
            bucket_name=settings.fleet_bucket_name or None,
            bucket_region=fleet_data.bucket_region or None,
            prefix=fleet_data.prefix or None,
            encryption_key=fleet_data.kms_key_arn or None,
            accounts=fleet_data.accounts,
            organization_id=fleet_data.organization_id or None,
        )
        cdk.CfnOutput(
            self,
            "InventoryBucket",
            description="The bucket that data syncs write into",
            value=data.bucket.bucket_name,
        )
        if fleet_data.tables:
            self._define_tables(data, fleet_data)
        self._warn_of_cost(settings)

    def _define_tables(self, data: InventoryDataSync, fleet_data: FleetDataSettings) -> None:
        tables = InventoryTables(
            self,
            "Tables",
            data=data,
            regions=fleet_data.regions,
            database_name=fleet_data.database,
            workgroup_name=fleet_data.workgroup,
            scan_limit_gigabytes=fleet_data.scan_limit_gigabytes,
        )
        access = FleetDataAccess(self, "Access", data=data, tables=tables)
        cdk.CfnOutput(
            self,
            "AnalystPolicyArn",
            description="Attach it and the reviewer's to the roles of people who ask questions",
            value=access.analyst.managed_policy_arn,
        )

    def _warn_of_cost(self, settings: Settings) -> None:
        """Warn where the objects that syncs write may cost more than the settings' limit a day."""
        fleet_data, associations = settings.fleet_data, settings.inventory.associations
        estimate = FleetEstimate(
            nodes=fleet_data.expected_nodes or sum(each.instances for each in settings.workloads),
            types=max(types_of(each.types) for each in associations),
            interval_minutes=min(each.interval_minutes for each in associations),
        )
        if estimate.put_usd_a_day > fleet_data.warn_above_usd_a_day:
            cdk.Annotations.of(self).add_warning_v2(
                "oelab:fleetDataCost",
                f"Syncs may write {estimate.puts_a_day:,} objects a day for {estimate.nodes:,} "
                f"nodes, which costs about ${estimate.put_usd_a_day:,.2f} a day. Collect inventory "
                "less often (interval_minutes) or fewer types, or raise "
                "fleet_data.warn_above_usd_a_day.",
            )
