"""A connection whose clients answer as a test says."""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from oelab.environment import Environment
from oelab.review.read.connection import Connection

if TYPE_CHECKING:
    from oelab.review.models import Unread

ACCOUNT = "111122223333"


class Script:
    """Answers of one service to be given in this order, each to the request that it expects."""

    def __init__(self, aws: Connection, service: str) -> None:
        client, _ = aws._client_of(f"{service}:Any")
        self._stubber = Stubber(client)
        self._stubber.activate()

    def answer(self, operation: str, answer: dict[str, Any], **request: Any) -> None:
        self._stubber.add_response(operation, answer, request or None)

    def refuse(self, operation: str, code: str) -> None:
        self._stubber.add_client_error(operation, code)

    def is_over(self) -> None:
        self._stubber.assert_no_pending_responses()


@pytest.fixture
def aws() -> Connection:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    account: Future[str | Unread] = Future()
    account.set_result(ACCOUNT)
    return Connection(session, Environment(region="us-east-1"), account)


@pytest.fixture
def ssm(aws: Connection) -> Iterator[Script]:
    """All of the answers of Systems Manager are asked for."""
    script = Script(aws, "ssm")
    yield script
    script.is_over()


@pytest.fixture
def ec2(aws: Connection) -> Script:
    return Script(aws, "ec2")


@pytest.fixture
def iam(aws: Connection) -> Script:
    return Script(aws, "iam")
