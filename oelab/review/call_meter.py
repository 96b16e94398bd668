"""Counts the calls of a review, for its progress."""

import threading
from collections.abc import Callable


class CallMeter:
    """Counts the calls of all connections, and shows each count; made for several threads.

    `show` takes how many were made, and how many there will be, as far as it is known, which may be
    slightly too low: 0 as long as the number of nodes is not known.
    """

    def __init__(self, show: Callable[[int, int], None] = lambda _made, _expected: None) -> None:
        self._show = show
        self._made = 0
        self._expected = 0
        self._lock = threading.Lock()

    def add(self, *, made: int = 0, expected: int = 0) -> None:
        """Count calls that have been answered, and so many more that are expected."""
        with self._lock:
            self._made += made
            self._expected += expected
            self._show(self._made, self._expected)
