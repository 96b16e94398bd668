"""Calls are spread to the documented rate, whatever thread makes them."""

import pytest

from oelab.review.read import pace


class Clock:
    """In place of the module `time`: a clock that sleeping moves on."""

    def __init__(self) -> None:
        self.time = 100.0

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def moments(spread: pace.Pace, clock: Clock, operation: str, count: int) -> list[float]:
    found = []
    for _ in range(count):
        spread.wait(operation)
        found.append(clock.time)
    return found


def test_calls_of_one_operation_keep_their_distance_and_a_pause_earns_no_burst(
    clock: Clock,
) -> None:
    spread, operation = pace.Pace(), "ListAssociations"
    distance = 1 / pace.DOCUMENTED[operation]
    assert moments(spread, clock, operation, 3) == [100, 100 + distance, 100 + 2 * distance]
    clock.time = 200
    assert moments(spread, clock, operation, 2) == [200, 200 + distance]


def test_other_operations_wait_for_nothing(clock: Clock) -> None:
    assert moments(pace.Pace(), clock, "GetInventory", 100) == [100] * 100
