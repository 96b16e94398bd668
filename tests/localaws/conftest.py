"""One real server for all tests; each test works in an account of its own."""

from collections.abc import Iterator

import pytest

from localaws import LocalAws
from tests.localaws.lab import Lab


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as server:
        yield server


@pytest.fixture
def lab(aws: LocalAws) -> Lab:
    return Lab(aws)
