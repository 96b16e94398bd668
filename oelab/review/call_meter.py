"""How far a review is with its calls."""

import threading


class CallMeter:
    """Counts the calls of all connections; made for several threads.

    `expected` is how many there will be, as far as it is known, which may be slightly too low: 0 as
    long as the number of nodes is not known.
    """

    def __init__(self) -> None:
        self.made = 0
        self.expected = 0
        self._lock = threading.Lock()

    def count(self) -> None:
        """Count a call that has been answered."""
        with self._lock:
            self.made += 1

    def expect(self, calls: int) -> None:
        """Expect so many calls more, which may be partly made."""
        with self._lock:
            self.expected += calls
