"""The managed policy of analysts, who ask questions about the fleet."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constructs.arguments import check_arguments
from oelab.constructs.fleet_data.data_sync import InventoryDataSync
from oelab.constructs.fleet_data.tables import InventoryTables
from oelab.constructs.policies import statements_of


class FleetDataAccess(Construct):
    """A managed policy to read the data of a sync, and to ask Athena.

    It is attached in addition to the reviewer's (`FleetAccess`). The policy of a bucket or key of
    another account must let the same people in.

    Args:
        data: the sync.
        tables: the tables over its data.

    Raises:
        FindingsError: an argument of another type.
    """

    @check_arguments()
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data: InventoryDataSync,
        tables: InventoryTables,
    ) -> None:
        super().__init__(scope, construct_id)
        statements = statements_of("analyst_data", bucket=data.bucket.bucket_arn)
        if data.encryption_key:
            statements += statements_of("analyst_key", key=data.encryption_key.key_arn)
        statements += statements_of(
            "analyst_athena",
            database=tables.database.ref,
            workgroup=tables.workgroup.ref,
            results=tables.results.bucket_arn,
        )
        self.analyst = iam.ManagedPolicy(
            self,
            "Analyst",
            description="Ask questions about the inventory of the fleet",
            statements=statements,
        )
        """The policy."""
