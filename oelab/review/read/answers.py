"""What counts as an answer of AWS, and how often one is asked for."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, which says that nobody answered
    HTTPClientError,
)

from oelab.review.read.codes import THROTTLED

CONNECTION_ATTEMPTS = 3
SERVER_ERROR_ATTEMPTS = 5

_SERVER_ERROR = 500
_REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-request-id")
_REQUEST_ID = re.compile(rb"<requestid>", re.IGNORECASE)


class NotAwsError(BotoCoreError):
    """Something other than AWS answered at `endpoint`, as a proxy or a captive portal does."""

    fmt = "what answered at {endpoint} is not AWS"


def check_answer(response: dict[str, Any], endpoint: str) -> None:
    """Raise `NotAwsError` for an answer without a request id, which every answer of AWS has.

    botocore would take it for an empty one, or fail on it. A server error may be of a load balancer
    before AWS, and pass: it keeps its status, and loses its page, which says nothing more.
    """
    if _has_request_id(response["headers"], response["body"]):
        return
    if response["status_code"] < _SERVER_ERROR:
        raise NotAwsError(endpoint=endpoint)
    response["body"] = b""


def _has_request_id(headers: Mapping[str, str], body: bytes) -> bool:
    return any(name in headers for name in _REQUEST_ID_HEADERS) or bool(_REQUEST_ID.search(body))


class Endurance:
    """How often an endpoint is asked again that does not answer, or with a server error.

    Throttling passes and is worth all attempts of the client; a wrong Region, a network that is
    down or a server that fails seldom is. Once it was given up, each further call asks it once,
    until it answers. Made for several threads.
    """

    def __init__(self) -> None:
        self._given_up = False

    def judge(
        self,
        attempts: int,
        operation: Any,
        response: tuple[Any, Any] | None,
        caught_exception: Exception | None,
        **_: object,
    ) -> None:
        """Raise what came instead of an answer where it has come often enough.

        For botocore's event needs-retry, in which only an exception keeps others from a retry.
        """
        if isinstance(caught_exception, HTTPClientError | ConnectionError):
            self._failed(attempts, CONNECTION_ATTEMPTS, caught_exception)
        elif response is not None:
            http, parsed = response
            code = parsed.get("Error", {}).get("Code")
            if http.status_code >= _SERVER_ERROR and code not in THROTTLED:
                error = ClientError(parsed, operation.name)
                self._failed(attempts, SERVER_ERROR_ATTEMPTS, error)
            else:
                self._given_up = False

    def _failed(self, attempts: int, most: int, error: Exception) -> None:
        if self._given_up or attempts >= most:
            self._given_up = True
            raise error
