"""Calls are spread to the documented rate, whatever thread makes them."""

import threading

import pytest

from oelab.review.read.pace import InterruptedReviewError, Pace


class Clock(threading.Event):
    """An event whose waiting moves a clock on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 100.0

    def wait(self, timeout: float | None = None) -> bool:
        self.time += timeout or 0.0
        return self.is_set()


def test_calls_of_one_operation_keep_their_distance() -> None:
    clock = Clock()
    pace = Pace(clock, per_second={"ListAssociations": 4}, now=lambda: clock.time)
    times = []
    for _ in range(4):
        pace.wait("ListAssociations")
        times.append(clock.time)
    assert times == [100.0, 100.25, 100.5, 100.75]


def test_a_pause_earns_no_burst() -> None:
    clock = Clock()
    pace = Pace(clock, per_second={"ListAssociations": 2}, now=lambda: clock.time)
    pace.wait("ListAssociations")
    clock.time += 60
    pace.wait("ListAssociations")
    pace.wait("ListAssociations")
    assert clock.time == 160.5


def test_other_operations_wait_for_nothing() -> None:
    clock = Clock()
    pace = Pace(clock, per_second={"ListAssociations": 2}, now=lambda: clock.time)
    for _ in range(100):
        pace.wait("GetInventory")
    assert clock.time == 100.0


def test_nothing_is_called_once_told_to_stop() -> None:
    clock = Clock()
    clock.set()
    with pytest.raises(InterruptedReviewError):
        Pace(clock).wait("GetInventory")
