"""Runs a query in DuckDB, with the tables and views that it names defined as Glue declares them.

Source: the data type TableInput of the Glue API, for views that Athena has stored.
"""

import base64
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from localaws.adapter import Record
from localaws.athena import sql, tables
from localaws.errors import AwsError


@dataclass(frozen=True)
class Result:
    """A result as text, with NULL as None; `types` are Athena's."""

    names: list[str]
    types: list[str]
    rows: list[tuple[str | None, ...]]
    scanned_bytes: int


def run(text: str, database: str) -> Result:
    """Raises AwsError with the reason for which the query fails."""
    catalog = _Catalog()
    query = catalog.translate(text, database)
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute("SET TimeZone = 'UTC'")
            catalog.define(connection)
            relation = connection.sql(query)
            names = [name.lower() for name in relation.columns]
            types = [str(each).partition("(")[0].lower() for each in relation.types]
            # DuckDB itself writes the values as text.
            rows = relation.project("CAST(COLUMNS(*) AS VARCHAR)").fetchall()
        except duckdb.Error as error:
            raise AwsError("GENERIC_USER_ERROR", str(error)) from error
    # The type of DuckDB's sum of whole numbers.
    types = ["bigint" if each == "hugeint" else each for each in types]
    return Result(names, types, rows, catalog.scanned_bytes)


class _Catalog:
    """The tables and views that a query names, itself or by a view."""

    def __init__(self) -> None:
        self.scanned_bytes = 0
        self._tables: dict[str, Record] = {}
        # The query and the columns of each, after the views that it names itself.
        self._views: dict[str, tuple[str, list[str]]] = {}
        self._has_path = False

    def translate(self, text: str, database: str) -> str:
        """The query in DuckDB's dialect; what it names is known then."""
        self._has_path |= tables.PATH in text
        tree = sql.parse(text)
        for target, table in sql.tables(tree, database).items():
            if table.get("TableType") == "VIRTUAL_VIEW":
                # The text is `/* Presto View: ... */` around JSON in Base64.
                view = json.loads(base64.b64decode(table["ViewOriginalText"].split()[3]))
                body = self.translate(view["originalSql"], view["schema"])
                self._views[target] = body, [column["name"] for column in view["columns"]]
            else:
                self._tables[target] = table
        return tree.sql("duckdb")

    def define(self, connection: duckdb.DuckDBPyConnection) -> None:
        for target in (*self._tables, *self._views):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {target.partition('.')[0]}")
        for target, table in self._tables.items():
            self._load(connection, target, table)
        for target, (body, columns) in self._views.items():
            connection.execute(f"CREATE VIEW {target} AS {body}")
            found = connection.execute(f"DESCRIBE {target}").fetchall()
            if [column[0].lower() for column in found] != columns:
                raise AwsError("VIEW_IS_STALE", f"View {target} has other columns than it declares")

    def _load(self, connection: duckdb.DuckDBPyConnection, target: str, table: Record) -> None:
        declared = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
        # The types of Glue that are not nested have the same names in DuckDB.
        columns = {each["Name"].lower(): each["Type"] for each in declared}
        if len(columns) < len(declared):
            raise AwsError("HIVE_INVALID_METADATA", f"Table {target} has a column twice")
        if self._has_path:
            columns[tables.PATH] = "string"
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=Path.cwd()) as file:
            for content, shared in tables.objects(table):
                self.scanned_bytes += len(content)
                file.writelines(json.dumps(row) + "\n" for row in tables.rows(content, shared))
            file.flush()
            reader = f"read_json('{file.name}', format = 'newline_delimited', columns = {columns})"
            connection.execute(f"CREATE TABLE {target} AS FROM {reader}")
