"""A connection whose clients answer as a test says."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from oelab.environment import Environment
from oelab.review.read.connection import Connection

ACCOUNT = "111122223333"


class Script:
    """Answers of one service to be given in this order, each to the request that it expects."""

    def __init__(self, aws: Connection, service: str) -> None:
        self._stubber = Stubber(aws.client(service))
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
    return Connection(session, Environment(ACCOUNT, "us-east-1"))


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
