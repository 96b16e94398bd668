"""When inventory is collected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from oelab.constraints.ssm import schedule_expression, schedule_offset
from oelab.findings import Finding


@dataclass(frozen=True)
class InventorySchedule:
    """When an association runs, in UTC: made by one of the methods below, or from an expression.

    Whatever the schedule, State Manager also runs a rate association when it is created or changed
    and when a node comes online.
    """

    expression: str
    offset_days: int | None = None

    @classmethod
    def rate(
        cls, *, minutes: int | None = None, hours: int | None = None, days: int | None = None
    ) -> Self:
        """Every so many minutes, hours or days: 30 minutes to 31 days, in one of the units.

        AWS recommends a rate for inventory.
        """
        given = {"minute": minutes, "hour": hours, "day": days}
        units = [(unit, count) for unit, count in given.items() if count is not None]
        if len(units) != 1:
            raise TypeError("InventorySchedule.rate takes one of minutes, hours and days")
        unit, count = units[0]
        return cls(f"rate({count} {unit if count == 1 else unit + 's'})")

    @classmethod
    def cron(cls, expression: str, *, offset_days: int | None = None) -> Self:
        """At the times of a cron expression, without its `cron(…)`.

        State Manager takes fewer forms than other schedulers: every 1/2, 1, 2, 4, 8 or 12 hours,
        daily, weekly, on the nth or the last weekday of a month (`TUE#3`, `3L`).

        Args:
            expression: six fields, or seven with leading seconds of 0.
            offset_days: run this many days (1 to 6) after each time that the expression names.
        """
        return cls(f"cron({expression})", offset_days)

    def findings(self, where: str) -> Iterator[Finding]:
        """What State Manager would refuse about this schedule."""
        yield from schedule_expression(where, self.expression)
        yield from schedule_offset(f"{where}.offset_days", self.offset_days, self.expression)
