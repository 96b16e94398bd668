"""When an association runs next: computed here, because no API tells.

State Manager takes few forms of cron (see `oelab.systems_manager.schedule`), so the hours ahead
are tried one by one. All times are UTC.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.*)\)")
_AT = re.compile(r"at\((.*)\)")
_ANY = re.compile(r"\*|\?|1/1")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WEEKDAY = re.compile(
    rf"[*?]|((?P<name>{'|'.join(_WEEKDAYS)})|(?P<number>[1-7]))(#(?P<nth>[1-5])|(?P<last>L))?"
)
_LAST = -1
# Beyond two months every form has come round.
_HOURS_AHEAD = 24 * 70


def interval(expression: str) -> timedelta | None:
    """The time between two runs, or None for a schedule that is empty, once or unknown."""
    if rate := _RATE.fullmatch(expression):
        return timedelta(**{f"{rate[2]}s": int(rate[1])})
    times = _cron_times(expression, datetime(2024, 1, 1, tzinfo=UTC))
    first, second = next(times, None), next(times, None)
    return second - first if first and second else None


def next_run(
    expression: str, *, last_run: datetime | None, now: datetime, offset_days: int = 0
) -> datetime | None:
    """The next run after `now`, or None where it cannot be told.

    A rate is counted from the last run; one that is overdue is due now.
    """
    if _RATE.fullmatch(expression):
        every = interval(expression)
        return max(last_run + every, now) if last_run and every else None
    if once := _AT.fullmatch(expression):
        moment = _moment(once[1])
        return moment if moment and moment > now else None
    offset = timedelta(days=offset_days)
    named = next(_cron_times(expression, now - offset), None)
    return named + offset if named else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


@dataclass(frozen=True)
class _Cron:
    """The times of a day, and the weekday if one is named; 0 is Sunday.

    `nth` tells which of the month's weekdays: 0 all of them, `_LAST` the last one.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    weekday: int | None
    nth: int

    def falls_on(self, day: datetime) -> bool:
        if self.weekday is None:
            return True
        if (day.weekday() + 1) % 7 != self.weekday:
            return False
        if self.nth == _LAST:
            return (day + timedelta(days=7)).month != day.month
        return not self.nth or (day.day - 1) // 7 + 1 == self.nth


def _cron_times(expression: str, after: datetime) -> Iterator[datetime]:
    cron = _parse(expression)
    if cron is None:
        return
    hour = after.replace(minute=0, second=0, microsecond=0)
    for _ in range(_HOURS_AHEAD):
        if hour.hour in cron.hours and cron.falls_on(hour):
            for minute in cron.minutes:
                moment = hour.replace(minute=minute)
                if moment > after:
                    yield moment
        hour += timedelta(hours=1)


def _parse(expression: str) -> _Cron | None:
    """What the expression says, or None where any of its fields is of a form not known here."""
    matched = _CRON.fullmatch(expression)
    fields = matched[1].upper().split() if matched else []
    # A seventh field in front holds seconds, which are 0.
    if len(fields) == 7:
        fields = fields[1:]
    if len(fields) != 6:
        return None
    minutes, hours = _numbers(fields[0], 60), _numbers(fields[1], 24)
    weekday = _WEEKDAY.fullmatch(fields[4])
    any_date = all(_ANY.fullmatch(fields[index]) for index in (2, 3, 5))
    if not (minutes and hours and weekday and any_date):
        return None
    return _Cron(minutes, hours, _weekday(weekday), _nth(weekday))


def _numbers(field: str, below: int) -> tuple[int, ...]:
    if field == "*":
        return tuple(range(below))
    start, _, step = field.partition("/")
    first = 0 if start == "*" else int(start) if start.isdecimal() else below
    if step:
        return tuple(range(first, below, int(step))) if step.isdecimal() and int(step) else ()
    return (first,) if first < below else ()


def _weekday(field: re.Match[str]) -> int | None:
    if field["name"]:
        return _WEEKDAYS.index(field["name"])
    return int(field["number"]) - 1 if field["number"] else None


def _nth(field: re.Match[str]) -> int:
    return _LAST if field["last"] else int(field["nth"] or 0)
