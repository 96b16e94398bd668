"""Waiting for what another process does: moments, where AWS takes minutes."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def eventually(probe: Callable[[], Value], seconds: float = 30) -> Value:
    """The first true value of the probe."""
    deadline = time.monotonic() + seconds
    while not (value := probe()):
        assert time.monotonic() < deadline, f"did not come true in {seconds} s"
        time.sleep(0.05)
    return value
