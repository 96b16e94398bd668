"""State Manager's schedule expressions: rate, cron and at, in UTC.

The rules are those of the user guide's "Cron and rate expressions for associations": a rate of at
least 30 minutes and under 31 days, singular only for 1; a cron without months.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from localaws.errors import AwsError

_RATE = re.compile(r"^rate\((\d+) (minute|minutes|hour|hours|day|days)\)$")
_AT = re.compile(r"^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$")
_CRON = re.compile(r"^cron\(([^()]+)\)$")
# The forms for associations; maintenance windows take more.
_ONE_TIME = re.compile(r"^\d+ \d+$")
_EVERY = re.compile(r"^(\d+ (\*|[0*]/(1|2|4|8|12))|[0*]/30 \*)$")
_WEEKDAY = re.compile(r"^((SUN|MON|TUE|WED|THU|FRI|SAT|[1-7])(#[1-5])?|[1-7]L)$")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
SHORTEST_RATE = 30 * 60
LONGEST_RATE = 31 * 86400
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# A fifth weekday of a month may be 14 weeks after the one before.
_SEARCH_DAYS = 100


@dataclass(frozen=True)
class Schedule:
    """A parsed expression; exactly one of the three kinds is set."""

    rate_seconds: int = 0
    at: float = 0.0
    cron: tuple[str, ...] = ()

    def last_due(self, start: float, after: float, now: float) -> float | None:
        """The latest moment in (after, now] at which a run is due; `start` anchors a rate."""
        if self.rate_seconds:
            due = start + (now - start) // self.rate_seconds * self.rate_seconds
        elif self.at:
            due = self.at
        else:
            due = self._last_cron(now)
        return due if after < due <= now else None

    def _last_cron(self, now: float) -> float:
        minutes, hours, month_days, _, week_days = self.cron[:5]
        day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_SEARCH_DAYS):
            if _matches_day(day, month_days, week_days):
                for hour in sorted(_numbers(hours, 0, 23), reverse=True):
                    for minute in sorted(_numbers(minutes, 0, 59), reverse=True):
                        moment = day.replace(hour=hour, minute=minute).timestamp()
                        if moment <= now:
                            return moment
            day -= timedelta(days=1)
        return 0.0


def parse(expression: str) -> Schedule:
    """Raises InvalidSchedule for what State Manager would not run."""
    rate = _RATE.match(expression)
    if rate:
        return _parse_rate(int(rate[1]), rate[2], expression)
    once = _AT.match(expression)
    if once:
        try:
            moment = datetime.strptime(once[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        except ValueError as error:
            raise _invalid(expression) from error
        return Schedule(at=moment.timestamp())
    cron = _CRON.match(expression)
    if cron:
        return _parse_cron(cron[1].split(" "), expression)
    raise _invalid(expression)


def _parse_rate(count: int, unit: str, expression: str) -> Schedule:
    if (count == 1) == unit.endswith("s") or count == 0:
        raise _invalid(expression)
    seconds = count * _SECONDS[unit.removesuffix("s")]
    if not SHORTEST_RATE <= seconds < LONGEST_RATE:
        raise _invalid(expression, ": a rate must be at least 30 minutes and less than 31 days")
    return Schedule(rate_seconds=seconds)


def _parse_cron(fields: list[str], expression: str) -> Schedule:
    if len(fields) == 7 and fields[0] == "0":
        # Leading seconds, which must be 0.
        fields = fields[1:]
    if len(fields) != 6:
        raise _invalid(expression)
    minutes, hours, month_days, months, week_days, years = fields
    if months != "*" or years != "*" or [month_days, week_days].count("?") != 1:
        raise _invalid(expression)
    is_daily = month_days in ("*", "1/1") or week_days == "*"
    times = f"{minutes} {hours}"
    is_at_times = _ONE_TIME.match(times) or (is_daily and _EVERY.match(times))
    if not is_at_times or not (is_daily or _WEEKDAY.match(week_days)):
        raise _invalid(expression)
    try:
        if not _numbers(minutes, 0, 59) or not _numbers(hours, 0, 23):
            raise _invalid(expression)
    except ValueError as error:
        raise _invalid(expression) from error
    return Schedule(cron=tuple(fields))


def _numbers(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (int(end) for end in span.split("-"))
        else:
            first = int(span)
            last = high if step else first
        if not low <= first <= last <= high:
            raise ValueError(field)
        found.update(range(first, last + 1, int(step or 1)))
    return found


def _matches_day(day: datetime, month_days: str, week_days: str) -> bool:
    if month_days == "?":
        return _matches_week_day(day, week_days.upper())
    return True


def _matches_week_day(day: datetime, field: str) -> bool:
    if field == "*":
        return True
    number = day.isoweekday() % 7 + 1  # SUN is 1
    if "#" in field:
        name, _, nth = field.partition("#")
        return number == _day_number(name) and (day.day - 1) // 7 + 1 == int(nth)
    if field.endswith("L"):
        return number == _day_number(field[:-1]) and (day + timedelta(days=7)).month != day.month
    for index, name in enumerate(_DAYS, start=1):
        field = field.replace(name, str(index))
    return number in _numbers(field, 1, 7)


def _day_number(name: str) -> int:
    number = _DAYS.index(name) + 1 if name in _DAYS else int(name)
    if not 1 <= number <= 7:
        raise ValueError(name)
    return number


def _invalid(expression: str, reason: str = "") -> AwsError:
    return AwsError("InvalidSchedule", f"The schedule is invalid: {expression}{reason}")
