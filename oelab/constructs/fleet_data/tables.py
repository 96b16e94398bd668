"""The tables and queries of Athena over what data syncs have written."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from oelab.constraints import fleet_data as accepted
from oelab.constraints.s3 import EXPIRE_DAYS
from oelab.constructs.arguments import check_arguments
from oelab.constructs.buckets import private_bucket
from oelab.constructs.fleet_data.data_sync import InventoryDataSync
from oelab.findings import Finding
from oelab.queries import Query, questions, views, without_partitions
from oelab.systems_manager import data_sync

# Athena's types by ours; those of Glue differ for text only.
_TYPES = {"text": "varchar", "integer": "bigint", "number": "double"}
_JSON_LINES = {
    "inputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    # Results with the OpenX SerDe can be non-deterministic (Athena User Guide, OpenX JSON SerDe).
    "serdeInfo": {"serializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
}


def _no_regions_of_organization(
    *, data: InventoryDataSync, regions: Sequence[str], **_: object
) -> Iterator[Finding]:
    return accepted.listed("regions", regions, is_organization=not data.accounts)


class InventoryTables(Construct):
    """Declares tables, views, a workgroup and queries for Athena over the objects of data syncs.

    Nothing has to be discovered: there is no crawler, and a new account or Region of the lists is
    there with the deployment. Where accounts and Regions are known, partitions are projected from
    them; for an organization the views take both from the paths of the objects.

    The views leave out terminated nodes, whose objects stay. The workgroup enforces its settings:
    results are encrypted, expire, and lie in a bucket of their own, which is kept when its stack is
    deleted; a query that reads more than the limit is ended.

    Args:
        data: the sync whose bucket, prefix and accounts these are.
        regions: the Regions whose syncs write there, each a code such as us-east-1; the stack's own
            where unset. Not for an organization, all of whose Regions are there.
        database_name: 1 to 255 lower-case letters, digits and _
        workgroup_name: 1 to 128 letters, digits and . _ -
        scan_limit_gigabytes: what one query may read, 1 to 7000000.
        expire_days: how many days results are kept, 1 or more.

    Raises:
        FindingsError: what Glue or Athena would refuse. Sources: the registry schemas of
            AWS::Glue::Table and AWS::Athena::WorkGroup, and "Use partition projection with Amazon
            Athena" in the Athena user guide.
    """

    @check_arguments(_no_regions_of_organization)
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data: InventoryDataSync,
        regions: Annotated[Sequence[str], accepted.SYNC_REGIONS] = (),
        database_name: Annotated[str, accepted.DATABASE_NAME] = "oelab_inventory",
        workgroup_name: Annotated[str, accepted.WORKGROUP_NAME] = "OELabInventory",
        scan_limit_gigabytes: Annotated[int, accepted.SCAN_LIMIT_GIGABYTES] = 100,
        expire_days: Annotated[int, EXPIRE_DAYS] = 7,
    ) -> None:
        super().__init__(scope, construct_id)
        self._data = data
        self._regions = tuple(regions) or (cdk.Aws.REGION,)
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=cdk.Aws.ACCOUNT_ID,
            database_input={"name": database_name, "description": "Inventory of managed nodes"},
        )
        """The database of the tables and views."""
        self.results = private_bucket(
            self, "Results", "ExpireResults", versioned=False, expire_days=expire_days
        )
        """The bucket of the queries' results."""
        self.workgroup = self._define_workgroup(workgroup_name, scan_limit_gigabytes)
        """The workgroup of the queries."""
        for table in data_sync.tables().values():
            self._define_table(table)
        for view in views().values():
            self._define_view(view, database_name)
        for question in questions().values():
            athena.CfnNamedQuery(
                self,
                f"{_pascal_case(question.name)}Query",
                name=question.name,
                description=question.title,
                database=self.database.ref,
                work_group=self.workgroup.ref,
                query_string=question.named_query,
            )

    def _define_workgroup(self, name: str, scan_limit_gigabytes: int) -> athena.CfnWorkGroup:
        encryption: dict[str, Any] = {"encryptionOption": "SSE_S3"}
        if self._data.encryption_key:
            key = self._data.encryption_key.key_arn
            encryption = {"encryptionOption": "SSE_KMS", "kmsKey": key}
        return athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=name,
            description="Questions about the whole fleet",
            # Named queries and the history go with it.
            recursive_delete_option=True,
            work_group_configuration={
                "enforceWorkGroupConfiguration": True,
                "bytesScannedCutoffPerQuery": scan_limit_gigabytes * 10**9,
                "publishCloudWatchMetricsEnabled": True,
                "resultConfiguration": {
                    "outputLocation": f"s3://{self.results.bucket_name}/",
                    "expectedBucketOwner": cdk.Aws.ACCOUNT_ID,
                    "encryptionConfiguration": encryption,
                },
            },
        )

    def _define_table(self, table: data_sync.Table) -> None:
        folder = data_sync.folder(self._data.prefix, table.inventory_type)
        self._declare(
            table.inventory_type.replace(":", ""),
            name=table.name,
            tableType="EXTERNAL_TABLE",
            storageDescriptor={
                "columns": _texts(table.columns),
                "location": f"s3://{self._data.bucket.bucket_name}/{folder}/",
                **_JSON_LINES,
            },
            **(self._projection() if self._data.accounts else {}),
        )

    def _projection(self) -> dict[str, Any]:
        # The folders of the objects are those that Athena takes by default: `key=value/`.
        values = (self._data.accounts, self._regions, (data_sync.NODES,))
        parameters = {"projection.enabled": "true"}
        for key, known in zip(data_sync.PARTITION_KEYS, values, strict=True):
            parameters[f"projection.{key}.type"] = "enum"
            parameters[f"projection.{key}.values"] = ",".join(known)
        return {"partitionKeys": _texts(data_sync.PARTITION_KEYS), "parameters": parameters}

    def _define_view(self, view: Query, database_name: str) -> None:
        statement = " ".join(view.statement.split())
        definition = {
            "originalSql": statement if self._data.accounts else without_partitions(statement),
            "catalog": "awsdatacatalog",
            "schema": database_name,
            "columns": [{"name": each.name, "type": _TYPES[each.kind]} for each in view.columns],
        }
        text = json.dumps(definition, separators=(",", ":"))
        columns = _texts(each.name for each in view.columns)
        self._declare(
            f"{_pascal_case(view.name)}View",
            name=view.name,
            description=view.title,
            tableType="VIRTUAL_VIEW",
            parameters={"presto_view": "true"},
            # Source: Glue API Reference, TableInput, for views that Athena understands.
            viewOriginalText=f"/* Presto View: {cdk.Fn.base64(text)} */",
            viewExpandedText="/* Presto View */",
            storageDescriptor={"columns": columns, "location": "", "serdeInfo": {}},
        )

    def _declare(self, construct_id: str, **table_input: Any) -> None:
        glue.CfnTable(
            self,
            construct_id,
            catalog_id=cdk.Aws.ACCOUNT_ID,
            database_name=self.database.ref,
            table_input=table_input,
        )


def _texts(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name, "type": "string"} for name in names]


def _pascal_case(name: str) -> str:
    return "".join(map(str.title, name.split("_")))
