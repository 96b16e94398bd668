"""Runs the SQL of a question in Athena, and says what it cost."""

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from oelab.queries import Field, Query
from oelab.query.parameters import Argument, Parameter, expanded
from oelab.query.report import Progress, QueryReport, Row, UnreadItem, Value, no_progress

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef
    from mypy_boto3_s3 import S3Client

_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
# Seconds between looks at a query: most end soon.
_PAUSES = (0.2, 0.3, 0.5, 1.0, 2.0)
_READERS: Mapping[str, Callable[[str], Value]] = {"text": str, "integer": int, "number": float}


@dataclass(frozen=True)
class AthenaEngine:
    """Runs questions in a workgroup, which says where results lie and how much may be read."""

    athena: "AthenaClient"
    s3: "S3Client"
    workgroup: str
    database: str
    progress: Progress = no_progress
    sleep: Callable[[float], None] = time.sleep

    def run(self, query: Query, arguments: Sequence[Argument]) -> QueryReport:
        """The rows of a question with these arguments for its parameters.

        None are read where Athena fails it. A query is stopped where waiting for it is interrupted,
        since what it reads costs money.
        """
        statement, values = expanded(query, arguments)
        request: dict[str, Any] = {
            "QueryString": statement,
            "WorkGroup": self.workgroup,
            "QueryExecutionContext": {"Database": self.database},
        }
        if values:
            request["ExecutionParameters"] = [_literal(value) for value in values]
        query_id = self.athena.start_query_execution(**request)["QueryExecutionId"]
        try:
            execution = self._wait(query_id)
        except BaseException:
            self.athena.stop_query_execution(QueryExecutionId=query_id)
            raise
        status = execution["Status"]
        if status["State"] != "SUCCEEDED":
            reason = status.get("StateChangeReason", "no reason given")
            name = "athena:StartQueryExecution"
            unread = UnreadItem(name, f"Athena has ended the query: {reason}")
            return QueryReport.of(query, unread=(unread,))
        scanned = execution["Statistics"].get("DataScannedInBytes", 0)
        rows = self._rows(execution["ResultConfiguration"]["OutputLocation"], query.columns)
        return QueryReport.of(query, rows, scanned_bytes=scanned)

    def _wait(self, query_id: str) -> "QueryExecutionTypeDef":
        pauses = chain(_PAUSES, repeat(_PAUSES[-1]))
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            scanned = execution.get("Statistics", {}).get("DataScannedInBytes", 0)
            self.progress("bytes scanned", scanned, 0)
            if execution["Status"]["State"] in _ENDED:
                return execution
            self.sleep(next(pauses))

    def _rows(self, location: str, columns: Sequence[Field]) -> Iterator[Row]:
        """The rows of the result's file: pages of GetQueryResults would take minutes for many."""
        place = urlparse(location)
        answer = self.s3.get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))
        lines = csv.reader(io.StringIO(answer["Body"].read().decode(), newline=""))
        readers = [_READERS[column.kind] for column in columns]
        for values in islice(lines, 1, None):
            yield tuple(read(text) for read, text in zip(readers, values, strict=True))


def _literal(value: Parameter) -> str:
    """A parameter as the SQL literal that Athena takes."""
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
