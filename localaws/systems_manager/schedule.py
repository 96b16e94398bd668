"""When State Manager runs an association: rate, cron and at expressions, in UTC.

Source: "Reference: Cron and rate expressions for Systems Manager", section "Cron and rate
expressions for associations", in the Systems Manager user guide. Associations take fewer forms of
cron than maintenance windows: every half hour, every 1, 2, 4, 8 or 12 hours, and one time of the
day, either daily or on one weekday, which may be the nth or the last of the month. So a day of the
month, its last day (`L`), a range of weekdays (`MON-FRI`) and every 3 hours (`0/3`) are refused.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SHORTEST_RATE = timedelta(minutes=30)
RATE_LIMIT = timedelta(days=31)  # a rate must be below it
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
LAST = -1

_RATE = re.compile(r"rate\(([0-9]+) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_MINUTE = re.compile(r"[0-5]?[0-9]")
_HOUR = re.compile(r"[01]?[0-9]|2[0-3]")
_EVERY_HALF_HOUR = re.compile(r"[0*]/30")
_EVERY_HOURS = re.compile(r"[0*]/(1|2|4|8|12)")
_WEEKDAY = re.compile(rf"({'|'.join(WEEKDAYS)}|[1-7])(?:#([1-5]))?|([1-7])L")
# The fifth weekday of its kind in a month (`#5`) can be 119 days after the one before.
_SEARCH_DAYS = 120


@dataclass(frozen=True)
class Cron:
    """The times of the day, and the weekday (0 is Sunday) unless they are those of every day.

    `nth` is 0 for every such weekday, or says which of the month's it is; `LAST` is the last one.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    weekday: int | None = None
    nth: int = 0

    def falls_on(self, day: datetime) -> bool:
        if self.weekday is None:
            return True
        if day.isoweekday() % 7 != self.weekday:
            return False
        if self.nth == LAST:
            return (day + timedelta(days=7)).month != day.month
        return self.nth in (0, (day.day - 1) // 7 + 1)

    def next_after(self, moment: datetime) -> datetime | None:
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        days = (midnight + timedelta(days=count) for count in range(_SEARCH_DAYS))
        times = (
            day.replace(hour=hour, minute=minute)
            for day in days
            if self.falls_on(day)
            for hour in self.hours
            for minute in self.minutes
        )
        return next((time for time in times if time > moment), None)


def accepts(expression: str) -> bool:
    """Whether State Manager takes the expression as an association's schedule."""
    return parse(expression) is not None


def next_run(
    expression: str, after: datetime, *, start: datetime, offset_days: int = 0
) -> datetime | None:
    """The first run later than `after`, or None where there is none or the expression is refused.

    Args:
        start: what the intervals of a rate are counted from.
        offset_days: ScheduleOffset, the days between the time that a cron names and the run.
    """
    schedule = parse(expression)
    if isinstance(schedule, timedelta):
        return start + ((after - start) // schedule + 1) * schedule
    if isinstance(schedule, datetime):
        return schedule if schedule > after else None
    if schedule is None:
        return None
    offset = timedelta(days=offset_days)
    named = schedule.next_after(after - offset)
    return named + offset if named else None


def parse(expression: str) -> timedelta | datetime | Cron | None:
    """A rate's interval, the moment of an at, or a cron; None for what State Manager refuses."""
    if rate := _RATE.fullmatch(expression):
        return _rate(int(rate[1]), rate[2], is_plural=bool(rate[3]))
    if once := _AT.fullmatch(expression):
        try:
            return datetime.fromisoformat(once[1]).replace(tzinfo=UTC)
        except ValueError:
            return None
    if cron := _CRON.fullmatch(expression):
        return _cron(cron[1].split(" "))
    return None


def _rate(count: int, unit: str, *, is_plural: bool) -> timedelta | None:
    interval = timedelta(**{f"{unit}s": count})
    is_right = is_plural == (count != 1) and SHORTEST_RATE <= interval < RATE_LIMIT
    return interval if is_right else None


def _cron(fields: list[str]) -> Cron | None:
    if len(fields) == 7 and fields[0] == "0":
        fields = fields[1:]  # optional seconds, which must be 0
    if len(fields) != 6:
        return None
    minutes, hours, month_day, month, week_day, year = fields
    if (month, year) != ("*", "*"):
        return None
    is_daily = (month_day, week_day) in (("?", "*"), ("*", "?"), ("1/1", "?"))
    if is_daily:
        return _at_times(minutes, hours) or _every(minutes, hours)
    on = _WEEKDAY.fullmatch(week_day)
    times = _at_times(minutes, hours)
    if month_day != "?" or not on or not times:
        return None
    name, nth, last = on.groups()
    return Cron(times.minutes, times.hours, _weekday(name or last), LAST if last else int(nth or 0))


def _at_times(minute: str, hour: str) -> Cron | None:
    if _MINUTE.fullmatch(minute) and _HOUR.fullmatch(hour):
        return Cron((int(minute),), (int(hour),))
    return None


def _every(minutes: str, hours: str) -> Cron | None:
    if _EVERY_HALF_HOUR.fullmatch(minutes) and hours == "*":
        return Cron((0, 30), tuple(range(24)))
    step = _EVERY_HOURS.fullmatch("*/1" if hours == "*" else hours)
    if step and _MINUTE.fullmatch(minutes):
        return Cron((int(minutes),), tuple(range(0, 24, int(step[1]))))
    return None


def _weekday(text: str) -> int:
    return WEEKDAYS.index(text) if text in WEEKDAYS else int(text) - 1
