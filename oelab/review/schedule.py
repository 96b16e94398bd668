"""When an association runs next: computed here, because no API tells.

State Manager takes few forms of cron (see `oelab.rules.schedule`), so the hours ahead are tried
one by one. All times are UTC.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.*)\)")
_AT = re.compile(r"at\((.*)\)")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
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
        moment = datetime.fromisoformat(once[1]).replace(tzinfo=UTC)
        return moment if moment > now else None
    offset = timedelta(days=offset_days)
    named = next(_cron_times(expression, now - offset), None)
    return named + offset if named else None


@dataclass(frozen=True)
class _Cron:
    minutes: tuple[int, ...]
    hours: frozenset[int]
    day_of_week: str

    def falls_on(self, day: datetime) -> bool:
        if self.day_of_week in ("*", "?"):
            return True
        name, _, nth = self.day_of_week.partition("#")
        is_last = name.endswith("L") and name[:-1].isdigit()
        weekday = _WEEKDAYS.index(name) if name in _WEEKDAYS else int(name.rstrip("L")) - 1
        if (day.weekday() + 1) % 7 != weekday:
            return False
        if is_last:
            return (day + timedelta(days=7)).month != day.month
        return not nth or (day.day - 1) // 7 + 1 == int(nth)


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
    matched = _CRON.fullmatch(expression)
    fields = matched[1].split() if matched else []
    # A seventh field in front holds seconds, which are 0.
    if len(fields) == 7:
        fields = fields[1:]
    if len(fields) != 6:
        return None
    minutes, hours = _numbers(fields[0], 60), _numbers(fields[1], 24)
    if not minutes or not hours:
        return None
    return _Cron(minutes, frozenset(hours), fields[4].upper())


def _numbers(field: str, below: int) -> tuple[int, ...]:
    if field == "*":
        return tuple(range(below))
    start, _, step = field.partition("/")
    first = 0 if start == "*" else int(start) if start.isdigit() else below
    if step:
        return tuple(range(first, below, int(step))) if step.isdigit() and int(step) else ()
    return (first,) if first < below else ()
