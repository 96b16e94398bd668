"""When an association collects inventory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Self, TypeAlias

import aws_cdk as cdk

from oelab.constraints.ssm import schedule_expression, schedule_offset
from oelab.findings import Finding


@dataclass(frozen=True)
class InventorySchedule:
    """When an association runs, in UTC: made by one of the methods below, or from an expression.

    Whatever the schedule, State Manager also runs a rate association when it is created or changed
    and when a node comes online. What State Manager would refuse is reported by the association
    that gets the schedule.
    """

    expression: str
    offset_days: int | None = None

    @classmethod
    def rate(
        cls, *, minutes: float | None = None, hours: float | None = None, days: float | None = None
    ) -> Self:
        """Every so many minutes, hours or days: 30 minutes to less than 31 days, in one of the
        units, as a whole number.

        AWS recommends a rate for inventory. A number that only the deployment knows must not be 1,
        which State Manager takes with a unit in the singular only.
        """
        given = {"minute": minutes, "hour": hours, "day": days}
        counts = [
            # A token of a number is a float.
            f"{cdk.Tokenization.stringify_number(count) if isinstance(count, float) else count} "
            f"{unit if count == 1 else unit + 's'}"
            for unit, count in given.items()
            if count is not None
        ]
        return cls(f"rate({' '.join(counts)})")

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


def _constrained(where: str, value: InventorySchedule) -> Iterator[Finding]:
    yield from schedule_expression(where, value.expression)
    yield from schedule_offset(f"{where}.offset_days", value.offset_days, value.expression)


Schedule: TypeAlias = Annotated[InventorySchedule, _constrained, "make it by InventorySchedule"]
"""The schedule of an association, as a construct takes it."""
