"""The server's clock: the machine's time plus what a test has advanced it by."""

import time
from datetime import UTC, datetime


class Clock:
    """Schedules, registrations and record times all follow this clock."""

    def __init__(self) -> None:
        self._advanced_seconds = 0.0

    def now(self) -> float:
        return time.time() + self._advanced_seconds

    def advance(self, minutes: float) -> None:
        if minutes < 0:
            raise ValueError(f"minutes must not be negative, got {minutes}; time runs forward")
        self._advanced_seconds += minutes * 60


def iso(seconds: float) -> str:
    """The form Systems Manager uses in inventory and compliance: 2026-03-01T10:00:00Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
