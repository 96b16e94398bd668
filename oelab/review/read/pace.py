"""Keeps to the calls a second that AWS grants an account in a Region."""

import threading
import time
from collections.abc import Callable, Mapping

DOCUMENTED: Mapping[str, float] = {
    "DescribeAssociation": 2,
    "DescribeAssociationExecutions": 4,
    "DescribeAssociationExecutionTargets": 4,
    "DescribeInstanceAssociationsStatus": 2,
    "ListAssociations": 4,
}
"""Operations a second. Source: AWS General Reference, Systems Manager quotas."""


class InterruptedReviewError(Exception):
    """The review was told to stop while it read."""


class Pace:
    """Spreads the calls of one place; made for several threads.

    A call waits for its slot, and raises `InterruptedReviewError` instead once `stop` is set.
    """

    def __init__(
        self,
        stop: threading.Event | None = None,
        *,
        per_second: Mapping[str, float] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stop = stop or threading.Event()
        self._per_second = DOCUMENTED if per_second is None else per_second
        self._now = now
        self._lock = threading.Lock()
        self._next_slot: dict[str, float] = {}

    def wait(self, operation: str) -> None:
        """Return when one more call of `operation` may start."""
        if self._stop.wait(self._seconds_to_slot(operation)):
            raise InterruptedReviewError

    def _seconds_to_slot(self, operation: str) -> float:
        rate = self._per_second.get(operation)
        if rate is None:
            return 0.0
        with self._lock:
            now = self._now()
            slot = max(now, self._next_slot.get(operation, now))
            self._next_slot[operation] = slot + 1 / rate
        return slot - now
