"""What people need who ask questions about the fleet."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constructs.arguments import check_arguments
from oelab.constructs.fleet_access import allow
from oelab.constructs.fleet_data.data_sync import InventoryDataSync
from oelab.constructs.fleet_data.tables import InventoryTables
from oelab.systems_manager.permissions import OF_ANALYSTS


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
        bucket = data.bucket
        statements = [
            allow(OF_ANALYSTS["data_bucket"], bucket.bucket_arn),
            allow(OF_ANALYSTS["data_objects"], bucket.arn_for_objects("*")),
        ]
        if data.encryption_key:
            # Results are encrypted with it, too.
            statements.append(allow(OF_ANALYSTS["key"], data.encryption_key.key_arn))
        self.analyst = iam.ManagedPolicy(
            self,
            "Analyst",
            description="Ask questions about the inventory of the fleet",
            statements=[*statements, *_of_athena(tables)],
        )
        """The policy."""


def _of_athena(tables: InventoryTables) -> list[iam.PolicyStatement]:
    here = f"{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    glue = f"arn:{cdk.Aws.PARTITION}:glue:{here}"
    database = tables.database.ref
    workgroup = f"arn:{cdk.Aws.PARTITION}:athena:{here}:workgroup/{tables.workgroup.ref}"
    results = tables.results
    return [
        allow(OF_ANALYSTS["workgroup"], workgroup),
        allow(
            OF_ANALYSTS["tables"],
            f"{glue}:catalog",
            f"{glue}:database/{database}",
            f"{glue}:table/{database}/*",
        ),
        allow(OF_ANALYSTS["results_bucket"], results.bucket_arn),
        allow(OF_ANALYSTS["results"], results.arn_for_objects("*")),
    ]
