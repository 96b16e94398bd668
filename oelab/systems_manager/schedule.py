"""When State Manager runs an association: which schedules it documents, and the next run, in UTC.

Source of every rule here: "Reference: Cron and rate expressions for Systems Manager" in the Systems
Manager user guide, and the API reference of CreateAssociation. A form that these do not document
for associations is refused, and its next run is unknown where AWS has accepted it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import NamedTuple

SOURCE = "Systems Manager user guide, reference-cron-and-rate-expressions"

RATE_MINUTES = range(30, 31 * 24 * 60)
"""The intervals of rates: 30 minutes and more, and less than 31 days."""
_MINUTES_IN = {"minute": 1, "hour": 60, "day": 24 * 60}
LAST = -1
"""Stands for the last of a month's weekdays."""

_RATE = re.compile(r"rate\((?P<count>[0-9]+) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_ONCE = re.compile(r"at\((?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)")
_CRON = re.compile(r"cron\((?P<fields>.*)\)")

_CRON_FIELDS = ("seconds", "minutes", "hours", "day of month", "month", "day of week", "year")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MINUTE = "(?P<minute>[0-5]?[0-9])"
_TIME = f"{_MINUTE} (?P<hour>[01]?[0-9]|2[0-3])"
_EVERY_HOURS = rf"{_MINUTE} (\*|[0*]/(?P<step>1|2|4|8|12))"
_CRON_FORMS = (
    r"0 [0*]/30 \* (\*|1/1) \* \? \*",
    r"0 [0*]/30 \* \? \* \* \*",
    rf"0 {_EVERY_HOURS} (\*|1/1) \* \? \*",
    rf"0 {_EVERY_HOURS} \? \* \* \*",
    rf"0 {_TIME} (\*|1/1) \* \? \*",
    rf"0 {_TIME} \? \* \* \*",
    rf"0 {_TIME} \? \* (?P<weekday>[1-7]|{'|'.join(_WEEKDAYS)})(#(?P<nth>[1-5]))? \*",
    rf"0 {_TIME} \? \* (?P<weekday>[1-7])(?P<nth>L) \*",
)
"""The forms of cron expressions: a pattern for each field, separated by spaces."""
# Two runs of the rarest form, a fifth weekday of a month, are at most 14 weeks apart.
_DAYS_AHEAD = 200


class Cron(NamedTuple):
    """A run at each of the minutes of each of the hours, daily or on one weekday.

    `weekday` is 1 for Sunday to 7, None for every day. `nth` is which of the month's such weekdays:
    1 to 5, `LAST`, or None for all.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    weekday: int | None = None
    nth: int | None = None

    def moments(self, after: datetime) -> Iterator[datetime]:
        """The times after a moment, for 200 days."""
        today = after.replace(hour=0, minute=0, second=0, microsecond=0)
        days = (today + timedelta(days=count) for count in range(_DAYS_AHEAD))
        for day, hour, minute in product(filter(self._is_on, days), self.hours, self.minutes):
            moment = day.replace(hour=hour, minute=minute)
            if moment > after:
                yield moment

    def _is_on(self, day: datetime) -> bool:
        if self.weekday is None:
            return True
        if day.isoweekday() % 7 + 1 != self.weekday:
            return False
        if self.nth == LAST:
            return (day + timedelta(days=7)).month != day.month
        return self.nth is None or (day.day - 1) // 7 + 1 == self.nth


Schedule = timedelta | Cron | datetime
"""The interval of a rate, the times of a cron expression, or the moment of a single run."""


def parse(expression: str) -> Schedule | None:
    """What an expression says; None where it is empty or of a form that is not documented."""
    if rate := _RATE.fullmatch(expression):
        return _rate(int(rate["count"]), rate["unit"], is_plural=bool(rate["plural"]))
    if once := _ONCE.fullmatch(expression):
        try:
            return datetime.fromisoformat(once["moment"]).replace(tzinfo=UTC)
        except ValueError:
            return None
    fields = " ".join(_cron_fields(expression))
    matches = (re.fullmatch(form, fields) for form in _CRON_FORMS)
    return next((_cron(match.groupdict()) for match in matches if match), None)


def interval(schedule: Schedule | None) -> timedelta | None:
    """The time between two runs; None for a single run and an unknown schedule."""
    match schedule:
        case timedelta():
            return schedule
        case Cron():
            first, second = islice(schedule.moments(datetime(2024, 1, 1, tzinfo=UTC)), 2)
            return second - first
    return None


def next_run(
    schedule: Schedule | None, *, last_run: datetime | None, now: datetime, offset_days: int = 0
) -> datetime | None:
    """The next run after `now`, None where it is unknown or there is none.

    A rate is counted from the last run, and one that is overdue is due now. The offset is added to
    the times that a cron expression names.
    """
    match schedule:
        case timedelta():
            return max(last_run + schedule, now) if last_run else None
        case datetime():
            return schedule if schedule > now else None
        case Cron():
            offset = timedelta(days=offset_days)
            return next(schedule.moments(now - offset)) + offset
    return None


def misfit(expression: str) -> str:
    """What no form of a cron expression has, such as `the hours '0/3'`; "" for another kind."""
    fields = _cron_fields(expression)
    if not fields:
        return ""
    if len(fields) != len(_CRON_FIELDS):
        return f"{len(fields)} fields"
    misfits = [
        [
            f"the {name} {field!r}"
            for name, field, pattern in zip(_CRON_FIELDS, fields, form.split(" "), strict=True)
            if not re.fullmatch(pattern, field)
        ]
        for form in _CRON_FORMS
    ]
    nearest = min(misfits, key=len)
    return ", ".join(nearest)


def _rate(count: int, unit: str, *, is_plural: bool) -> timedelta | None:
    minutes = count * _MINUTES_IN[unit]
    is_right = minutes in RATE_MINUTES and is_plural == (count != 1)
    return timedelta(minutes=minutes) if is_right else None


def _cron_fields(expression: str) -> list[str]:
    """The fields of a cron expression, with the seconds, which may be left out; else none."""
    cron = _CRON.fullmatch(expression)
    fields = cron["fields"].split(" ") if cron else []
    return ["0", *fields] if len(fields) == len(_CRON_FIELDS) - 1 else fields


def _cron(found: Mapping[str, str | None]) -> Cron:
    """What the groups of a form say."""
    minute, hour, step = found.get("minute"), found.get("hour"), found.get("step")
    weekday = nth = None
    if day := found.get("weekday"):
        weekday = _WEEKDAYS.index(day) + 1 if day in _WEEKDAYS else int(day)
    if ordinal := found.get("nth"):
        nth = LAST if ordinal == "L" else int(ordinal)
    return Cron(
        minutes=(int(minute),) if minute else (0, 30),
        hours=(int(hour),) if hour else tuple(range(0, 24, int(step or 1))),
        weekday=weekday,
        nth=nth,
    )
