"""Keeps to the calls a second that AWS grants an account in a Region."""

import threading
import time
from collections.abc import Mapping

DOCUMENTED: Mapping[str, float] = {
    "DescribeAssociation": 2,
    "DescribeAssociationExecutions": 4,
    "DescribeAssociationExecutionTargets": 4,
    "DescribeInstanceAssociationsStatus": 2,
    "ListAssociations": 4,
}
"""Operations a second. Source: AWS General Reference, Systems Manager quotas."""


class Pace:
    """Spreads the calls of one account and Region; made for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_slot: dict[str, float] = {}

    def wait(self, operation: str) -> None:
        """Return when one more call of `operation` may start."""
        rate = DOCUMENTED.get(operation)
        if rate is None:
            return
        with self._lock:
            now = time.monotonic()
            slot = max(now, self._next_slot.get(operation, now))
            self._next_slot[operation] = slot + 1 / rate
        time.sleep(slot - now)
