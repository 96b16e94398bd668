"""Writes the rows of an answer as a Parquet file."""

import errno
import json
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from oelab.queries import questions
from oelab.query.report import QueryReport

_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE"}


def write_parquet(report: QueryReport, path: Path) -> QueryReport:
    """Write the rows, with columns of the types that the question declares. Needs DuckDB."""
    import duckdb

    types = {each.name: _TYPES[each.kind] for each in questions()[report.question].columns}
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        for row in report.rows:
            file.write(json.dumps(dict(zip(report.columns, row, strict=True))) + "\n")
        file.flush()
        with duckdb.connect(":memory:") as connection:
            rows = connection.read_json(file.name, columns=types, format="newline_delimited")
            try:
                rows.write_parquet(str(path))
            except duckdb.IOException as error:
                raise OSError(errno.EIO, str(error), str(path)) from error
    return replace(report, written_to=str(path))
