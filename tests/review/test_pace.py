"""Calls are spread to the documented rate, whatever thread makes them."""

from oelab.review.read.pace import DOCUMENTED, Pace


class Clock:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.time = 100.0

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def moments(pace: Pace, clock: Clock, operation: str, count: int) -> list[float]:
    found = []
    for _ in range(count):
        pace.wait(operation)
        found.append(clock.time)
    return found


def test_calls_of_one_operation_keep_their_distance_and_a_pause_earns_no_burst() -> None:
    clock = Clock()
    pace = Pace(now=lambda: clock.time, sleep=clock.sleep)
    distance = 1 / DOCUMENTED["ListAssociations"]
    assert moments(pace, clock, "ListAssociations", 3) == [100, 100 + distance, 100 + 2 * distance]
    clock.time = 200
    assert moments(pace, clock, "ListAssociations", 2) == [200, 200 + distance]


def test_other_operations_wait_for_nothing() -> None:
    clock = Clock()
    pace = Pace(now=lambda: clock.time, sleep=clock.sleep)
    assert moments(pace, clock, "GetInventory", 100) == [100] * 100
