"""Athena: its workgroups, named queries and executions."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from ministack.services import athena as _athena

from localaws.adapter import Record, Response
from localaws.errors import AwsError


def install(
    prepare: Callable[[Record], Record], execute: Callable[[Record], Awaitable[None]]
) -> None:
    """Check queries before they start, and run them otherwise than MiniStack does.

    Args:
        prepare: from a request to start a query to the one to follow; may raise AwsError.
        execute: brings an execution to its end; see `store_result`.
    """
    start = _athena._start_query_execution

    def start_query_execution(request: Record) -> Response:
        try:
            status, headers, body = start(prepare(request))
        except AwsError as error:
            refusal = _athena.error_response_json(error.code, error.message, error.status)
            return cast("Response", refusal)
        if status == 200:
            execution = _athena._executions[json.loads(body)["QueryExecutionId"]]
            execution["ExecutionParameters"] = request.get("ExecutionParameters", [])
        return status, headers, body

    async def execute_query(query_id: str, *_others: Any) -> None:
        await execute(_athena._executions[query_id])

    _athena._start_query_execution = start_query_execution
    _athena._execute_query = execute_query


def workgroup(name: str) -> Record | None:
    return cast("Record | None", _athena._workgroups.get(name))


def store_result(
    execution: Record, names: list[str], types: list[str], rows: list[tuple[str | None, ...]]
) -> None:
    """Keep the result where GetQueryResults finds it."""
    execution["_results"] = {"columns": names, "rows": rows}
    execution["_column_types"] = types


def create_named_query(request: Record) -> str:
    """The id of the new query."""
    _, _, body = _athena._create_named_query(request)
    return cast("str", json.loads(body)["NamedQueryId"])


def delete_named_query(query_id: str) -> None:
    _athena._delete_named_query({"NamedQueryId": query_id})
