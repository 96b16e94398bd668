"""When State Manager runs an association: what it accepts, and the next run. All times are UTC.

Source of every rule here: "Reference: Cron and rate expressions for Systems Manager" in the Systems
Manager user guide, and the API reference of CreateAssociation. A form that these do not document
for associations is refused, and its next run is unknown where AWS has accepted it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, product

from oelab.findings import Finding, Rule

SOURCE = "Systems Manager user guide, reference-cron-and-rate-expressions"

SHORTEST_RATE_MINUTES = 30
LONGEST_RATE_MINUTES = 31 * 24 * 60
MINUTES_IN = {"minute": 1, "hour": 60, "day": 24 * 60}
"""By the unit of a rate."""
LAST = -1
"""Stands for the last of a month's weekdays."""

_RATE = re.compile(r"rate\((?P<count>[0-9]+) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_CRON = re.compile(r"cron\((?P<fields>.*)\)")
_ONCE = re.compile(r"at\((?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)")

_MINUTE = re.compile(r"[0-5]?[0-9]")
_HALF_HOURS = re.compile(r"[0*]/30")
_HOUR = re.compile(r"[01]?[0-9]|2[0-3]")
_EVERY_HOURS = re.compile(r"\*|[0*]/(?P<step>1|2|4|8|12)")
_EVERY_DAY = ("*", "1/1")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WEEKDAY = re.compile(
    rf"(?P<day>[1-7]|{'|'.join(_WEEKDAYS)})(#(?P<nth>[1-5]))?|(?P<last_day>[1-7])L"
)
# Two runs of the rarest form, a fifth weekday of a month, are at most 14 weeks apart.
_DAYS_AHEAD = 200


@dataclass(frozen=True)
class Rate:
    """A run every `interval`, counted from the last run."""

    interval: timedelta


@dataclass(frozen=True)
class Cron:
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
        day = after.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_DAYS_AHEAD):
            if self._is_on(day):
                for hour, minute in product(self.hours, self.minutes):
                    moment = day.replace(hour=hour, minute=minute)
                    if moment > after:
                        yield moment
            day += timedelta(days=1)

    def _is_on(self, day: datetime) -> bool:
        if self.weekday is None:
            return True
        if day.isoweekday() % 7 + 1 != self.weekday:
            return False
        if self.nth == LAST:
            return (day + timedelta(days=7)).month != day.month
        return self.nth is None or (day.day - 1) // 7 + 1 == self.nth


@dataclass(frozen=True)
class Once:
    """One run at `moment`."""

    moment: datetime


Schedule = Rate | Cron | Once


def parse(expression: str) -> Schedule | None:
    """What an expression says; None where it is empty or of a form that is not documented."""
    read = _read(expression)
    return None if isinstance(read, list) else read


def interval(schedule: Schedule | None) -> timedelta | None:
    """The time between two runs; None for a single run and an unknown schedule."""
    match schedule:
        case Rate():
            return schedule.interval
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
        case Rate():
            return max(last_run + schedule.interval, now) if last_run else None
        case Once():
            return schedule.moment if schedule.moment > now else None
        case Cron():
            offset = timedelta(days=offset_days)
            return next(schedule.moments(now - offset)) + offset
    return None


def association_schedule(where: str, value: str) -> Iterator[Finding]:
    """A rate of 30 minutes to 31 days, a cron expression of a form for associations, or one time.

    The forms are every half hour, every 1, 2, 4, 8 or 12 hours, daily, on one weekday, and on the
    nth or the last one of a month. Source: as above.
    """
    read = _read(value)
    for refusal in read if isinstance(read, list) else ():
        yield replace(refusal, subject=where, value=value)


def interval_minutes(where: str, value: int) -> Iterator[Finding]:
    """A rate in minutes: at least 30 and less than 31 days. Source: as above."""
    for refusal in _interval(value):
        yield replace(refusal, subject=where, value=value)


def offset_days(where: str, value: int) -> Iterator[Finding]:
    """Days to wait after the time that a cron expression names: 1 to 6. Source: as above."""
    if not 1 <= value <= 6:
        remedy = "leave it out to run on the day itself"
        yield _refusal(Rule.SCHEDULE_OFFSET, "must be from 1 to 6", remedy, where, value)


def offset_fits(where: str, value: int, expression: str) -> Iterator[Finding]:
    """An offset goes with a cron expression only. Source: as above."""
    kind, _, _ = expression.partition("(")
    if kind in ("rate", "at"):
        yield _refusal(
            Rule.SCHEDULE_OFFSET,
            f"must be left out for {'a rate' if kind == 'rate' else 'a single run'}",
            "an offset counts from the day that a cron expression names",
            where,
            value,
        )


def _refusal(
    rule: Rule, reason: str, remedy: str, where: str = "", value: object = None
) -> Finding:
    """What is wrong with a value; an expression is read before it is known where it stands."""
    return Finding(
        rule=rule, subject=where, value=value, reason=reason, remedy=remedy, source=SOURCE
    )


def _read(expression: str) -> Schedule | list[Finding]:
    """The schedule of an expression, or everything that is wrong with it."""
    if rate := _RATE.fullmatch(expression):
        return _read_rate(int(rate["count"]), rate["unit"], is_plural=bool(rate["plural"]))
    if cron := _CRON.fullmatch(expression):
        return _read_cron(cron["fields"].split(" "))
    if once := _ONCE.fullmatch(expression):
        try:
            return Once(datetime.fromisoformat(once["moment"]).replace(tzinfo=UTC))
        except ValueError:
            reason, remedy = "must name a date and time that exist", "check the day of the month"
            return [_refusal(Rule.SCHEDULE_FORM, reason, remedy)]
    return [
        _refusal(
            Rule.SCHEDULE_FORM,
            "must be a rate or a cron expression",
            "write it like 'rate(30 minutes)' or 'cron(0 2 ? * SUN *)', or like "
            "'at(2027-07-07T15:55:00)' for a single run",
        )
    ]


def _read_rate(count: int, unit: str, *, is_plural: bool) -> Rate | list[Finding]:
    minutes = count * MINUTES_IN[unit]
    refusals = list(_interval(minutes, " minutes"))
    if is_plural == (count == 1):
        right = f"rate({count} {unit}{'' if count == 1 else 's'})"
        reason = "must name its unit in the singular for 1 only"
        refusals.insert(0, _refusal(Rule.SCHEDULE_RATE_UNIT, reason, f"write {right!r}"))
    return refusals or Rate(timedelta(minutes=minutes))


def _interval(minutes: int, unit: str = "") -> Iterator[Finding]:
    if minutes < SHORTEST_RATE_MINUTES:
        yield _refusal(
            Rule.SCHEDULE_INTERVAL,
            f"must be at least {SHORTEST_RATE_MINUTES}{unit}",
            f"State Manager runs a rate no more often than every {SHORTEST_RATE_MINUTES} minutes",
        )
    elif minutes >= LONGEST_RATE_MINUTES:
        yield _refusal(
            Rule.SCHEDULE_INTERVAL,
            f"must be less than {LONGEST_RATE_MINUTES}{unit}",
            "State Manager runs a rate at least once in 31 days; use a cron expression beyond that",
        )


def _read_cron(fields: list[str]) -> Cron | list[Finding]:
    if len(fields) not in (6, 7) or "" in fields:
        return [
            _refusal(
                Rule.SCHEDULE_CRON_FIELDS,
                "must have the six fields minutes, hours, day of month, month, day of week, year",
                "separate them by single spaces; a seventh in front is taken for seconds",
            )
        ]
    if len(fields) == 6:
        fields = ["0", *fields]
    seconds, minutes, hours, day_of_month, month, day_of_week, year = fields
    day = _read_day(day_of_month, day_of_week)
    times = _read_times(minutes, hours, is_daily=day == (None, None) or isinstance(day, Finding))
    refusals = [
        *_fixed_fields(seconds=(seconds, "0"), month=(month, "*"), year=(year, "*")),
        *(part for part in (day, times) if isinstance(part, Finding)),
    ]
    if refusals or isinstance(day, Finding) or isinstance(times, Finding):
        return refusals
    return Cron(*times, *day)


def _fixed_fields(**fields: tuple[str, str]) -> Iterator[Finding]:
    """The fields that may hold one value only; each is given with that value."""
    for name, (given, only) in fields.items():
        if given != only:
            yield _refusal(
                Rule.SCHEDULE_CRON_FIXED_FIELD,
                f"must have {only!r} for its {name}, not {given!r}",
                f"State Manager supports no other {name} for associations",
            )


def _read_day(day_of_month: str, day_of_week: str) -> tuple[int | None, int | None] | Finding:
    """The weekday and which of the month's such days, as in `Cron`."""
    if (day_of_month == "?") == (day_of_week == "?"):
        return _refusal(
            Rule.SCHEDULE_CRON_DAYS,
            "must have '?' in exactly one of day of month and day of week",
            "write '? * MON' for a weekday, or '* * ?' for every day",
        )
    if day_of_week == "*" or day_of_month in _EVERY_DAY:
        return None, None
    if weekday := _WEEKDAY.fullmatch(day_of_week):
        if weekday["last_day"]:
            return int(weekday["last_day"]), LAST
        name = weekday["day"]
        number = int(name) if name.isdecimal() else _WEEKDAYS.index(name) + 1
        return number, int(weekday["nth"]) if weekday["nth"] else None
    day = day_of_month if day_of_week == "?" else day_of_week
    return _refusal(
        Rule.SCHEDULE_CRON_DAYS,
        f"must run every day, on one weekday, its nth or its last of a month, not on {day!r}",
        "write '*', 'TUE', 'TUE#3' or '3L' for the day of week and '?' for the day of month",
    )


def _read_times(
    minutes: str, hours: str, *, is_daily: bool
) -> tuple[tuple[int, ...], tuple[int, ...]] | Finding:
    """The minutes and the hours, as in `Cron`."""
    if is_daily and hours == "*" and _HALF_HOURS.fullmatch(minutes):
        return (0, 30), tuple(range(24))
    if _MINUTE.fullmatch(minutes):
        if _HOUR.fullmatch(hours):
            return (int(minutes),), (int(hours),)
        if is_daily and (every := _EVERY_HOURS.fullmatch(hours)):
            return (int(minutes),), tuple(range(0, 24, int(every["step"] or 1)))
    return _refusal(
        Rule.SCHEDULE_CRON_TIMES,
        "must run at one time of the day, or daily every half hour or every 1, 2, 4, 8 or 12 "
        f"hours, not at minutes {minutes!r} of hours {hours!r}",
        "write '15 13' for a time, '0/30 *' for every half hour, '0 0/4' for every 4 hours",
    )
