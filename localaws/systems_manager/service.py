"""Systems Manager's HTTP side."""

import json
from typing import Any

from localaws.adapter import Response
from localaws.adapter.ssm import ServiceHandler
from localaws.errors import AwsError
from localaws.systems_manager import calls
from localaws.systems_manager.engine import Engine


def in_front_of(fallback: ServiceHandler, engine: Engine) -> ServiceHandler:
    """A handler for the modelled calls; all others (parameters, settings, tags) are MiniStack's."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        if name not in calls.CALLS:
            return await fallback(method, path, headers, body, query)
        engine.settle()
        try:
            return _response(200, calls.perform(engine, name, json.loads(body)))
        except AwsError as error:
            return _response(error.status, {"__type": error.code, "message": error.message})

    return handle


def _response(status: int, document: dict[str, Any]) -> Response:
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    return status, headers, json.dumps(document).encode()
