"""How a query starts, runs and ends.

Sources: "Override client-side settings", "Use parameterized queries" and "Work with query results
and recent queries" in the Athena user guide; StartQueryExecution in its API reference. A malformed
query fails as an execution here, where Athena refuses to start it.
"""

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from localaws.adapter import Record, athena, s3
from localaws.errors import AwsError

if TYPE_CHECKING:
    # DuckDB and sqlglot are loaded at the first query: a start need not wait for them.
    from localaws.athena.engine import Result

INVALID = "InvalidRequestException"


def install() -> None:
    athena.install(prepare, execute)


def prepare(request: Record) -> Record:
    """The request with the result location that counts."""
    name = request.get("WorkGroup", "primary")
    workgroup = athena.workgroup(name)
    if workgroup is None:
        raise AwsError(INVALID, f"WorkGroup {name} is not found.")
    configuration = workgroup.get("Configuration", {})
    own = configuration.get("ResultConfiguration", {}).get("OutputLocation")
    given = request.get("ResultConfiguration", {}).get("OutputLocation")
    is_enforced = str(configuration.get("EnforceWorkGroupConfiguration")).lower() == "true"
    location = own if is_enforced or not given else given
    if location and s3.owner(urlparse(location).netloc) is None:
        raise AwsError(INVALID, f"Unable to verify/create output bucket {location}")
    folder = f"{location.rstrip('/')}/" if location else None
    return {**request, "ResultConfiguration": {"OutputLocation": folder}}


async def execute(execution: Record) -> None:
    """Run the query and store its result, or the reason why there is none."""
    from localaws.athena import engine, sql

    status, database = execution["Status"], execution["QueryExecutionContext"]["Database"]
    status["State"] = "RUNNING"
    # What no query may cause is in the server's log; the client must not wait for it.
    outcome = {"State": "FAILED", "StateChangeReason": "GENERIC_INTERNAL_ERROR"}
    try:
        query = sql.fill(execution["Query"], execution["ExecutionParameters"])
        _store(execution, await asyncio.to_thread(engine.run, query, database))
        outcome = {"State": "SUCCEEDED", "StateChangeReason": ""}
    except AwsError as error:
        outcome["StateChangeReason"] = f"{error.code}: {error.message}"
    finally:
        status.update(outcome, CompletionDateTime=time.time())


def _store(execution: Record, result: "Result") -> None:
    athena.store_result(execution, result.names, result.types, result.rows)
    execution["Statistics"]["DataScannedInBytes"] = result.scanned_bytes
    location = urlparse(execution["ResultConfiguration"]["OutputLocation"])
    lines: list[tuple[str | None, ...]] = [tuple(result.names), *result.rows]
    table = "".join(",".join(map(_quoted, line)) + "\n" for line in lines)
    s3.put_object(location.netloc, location.path.lstrip("/"), table)


def _quoted(value: str | None) -> str:
    """Every value is in quotes; without them, nothing is NULL."""
    return "" if value is None else '"' + value.replace('"', '""') + '"'
