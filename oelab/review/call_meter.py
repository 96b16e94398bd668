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

    def add(self, *, made: int = 0, expected: int = 0) -> None:
        """Count calls that have been answered, and so many more that are expected."""
        with self._lock:
            self.made += made
            self.expected += expected
