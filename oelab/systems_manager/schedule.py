"""When State Manager runs an association.

Source of every rule here: "Reference: Cron and rate expressions for Systems Manager" and the API
reference of CreateAssociation.
"""

import re
from collections.abc import Iterator

from oelab.findings import Finding

SOURCE = "Systems Manager user guide, reference-cron-and-rate-expressions"

SHORTEST_RATE_MINUTES = 30
LONGEST_RATE_MINUTES = 31 * 24 * 60

_MINUTES_IN = {"minute": 1, "hour": 60, "day": 24 * 60}
_RATE = re.compile(r"rate\((?P<count>[0-9]+) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_CRON = re.compile(r"cron\((?P<fields>.*)\)")

_MINUTE = r"[0-5]?[0-9]"
_HOUR = r"[01]?[0-9]|2[0-3]"
_WEEKDAY = r"SUN|MON|TUE|WED|THU|FRI|SAT|[1-7]"
_EVERY_HOURS = re.compile(r"\*|[0*]/(1|2|4|8|12)")
_EVERY_DAY = re.compile(r"\*|1/1")
_ON_WEEKDAY = re.compile(rf"({_WEEKDAY})(#[1-5])?|[1-7]L")


def association_schedule(where: str, value: str) -> Iterator[Finding]:
    """A rate of 30 minutes to 31 days, or a cron expression of a form that State Manager takes.

    Source: as above.
    """
    if rate := _RATE.fullmatch(value):
        yield from _rate(where, value, rate)
    elif cron := _CRON.fullmatch(value):
        yield from _cron(where, value, cron["fields"].split(" "))
    else:
        yield _fault(
            where,
            value,
            "must be a rate or a cron expression",
            "write it like 'rate(30 minutes)' or 'cron(0 2 ? * SUN *)'",
        )


def interval_minutes(where: str, value: int) -> Iterator[Finding]:
    """A rate in minutes: at least 30 and less than 31 days. Source: as above."""
    if value < SHORTEST_RATE_MINUTES:
        yield _fault(
            where,
            value,
            f"must be at least {SHORTEST_RATE_MINUTES}",
            f"State Manager runs a rate no more often than every {SHORTEST_RATE_MINUTES} minutes",
        )
    elif value >= LONGEST_RATE_MINUTES:
        yield _fault(
            where,
            value,
            f"must be less than {LONGEST_RATE_MINUTES}",
            "State Manager runs a rate at least once in 31 days; use a cron expression beyond that",
        )


def offset_days(where: str, value: int) -> Iterator[Finding]:
    """Days to wait after the time that a cron expression names: 1 to 6. Source: as above."""
    if not 1 <= value <= 6:
        yield _fault(where, value, "must be from 1 to 6", "leave it out to run on the day itself")


def offset_fits(where: str, value: int, expression: str) -> Iterator[Finding]:
    """An offset goes with a cron expression only. Source: as above."""
    if _RATE.fullmatch(expression):
        yield _fault(
            where,
            value,
            "must be left out for a rate",
            "an offset counts from the day that a cron expression names",
        )


def _rate(where: str, value: str, rate: re.Match[str]) -> Iterator[Finding]:
    count = int(rate["count"])
    if (count == 1) == bool(rate["plural"]):
        right = f"rate({count} {rate['unit']}{'' if count == 1 else 's'})"
        yield _fault(
            where, value, "must name its unit in the singular for 1 only", f"write {right!r}"
        )
    for fault in interval_minutes(where, count * _MINUTES_IN[rate["unit"]]):
        yield _fault(where, value, f"{fault.reason} minutes", fault.remedy)


def _cron(where: str, value: str, fields: list[str]) -> Iterator[Finding]:
    if len(fields) == 7:
        seconds, *fields = fields
        if seconds not in ("0", ""):
            yield _fault(
                where,
                value,
                f"must have 0 in its leading seconds field, not {seconds!r}",
                "State Manager starts associations on the minute; write 0 or leave the field out",
            )
    if len(fields) != 6 or "" in fields:
        yield _fault(
            where,
            value,
            "must have the six fields minutes, hours, day of month, month, day of week, year",
            "separate them by single spaces; a seventh in front is taken for seconds",
        )
        return
    minutes, hours, day_of_month, month, day_of_week, year = fields
    if month != "*":
        yield _fault(
            where,
            value,
            f"must have '*' for its month, not {month!r}",
            "State Manager does not support months for associations",
        )
    if year != "*":
        yield _fault(
            where, value, f"must have '*' for its year, not {year!r}", "associations run every year"
        )
    yield from _days(where, value, day_of_month, day_of_week)
    yield from _times(where, value, minutes, hours, is_daily=_is_daily(day_of_month, day_of_week))


def _is_daily(day_of_month: str, day_of_week: str) -> bool:
    return (day_of_month == "?" and day_of_week == "*") or (
        day_of_week == "?" and _EVERY_DAY.fullmatch(day_of_month) is not None
    )


def _days(where: str, value: str, day_of_month: str, day_of_week: str) -> Iterator[Finding]:
    if (day_of_month == "?") == (day_of_week == "?"):
        yield _fault(
            where,
            value,
            "must have '?' in exactly one of day of month and day of week",
            "write '? * MON' for a weekday, or '* * ?' for every day",
        )
    elif not (_is_daily(day_of_month, day_of_week) or _ON_WEEKDAY.fullmatch(day_of_week)):
        day = day_of_month if day_of_week == "?" else day_of_week
        yield _fault(
            where,
            value,
            f"must run every day, on one weekday, its nth or its last of a month, not on {day!r}",
            "write '*', 'TUE', 'TUE#3' or '3L' for the day of week and '?' for the day of month",
        )


def _times(
    where: str, value: str, minutes: str, hours: str, *, is_daily: bool
) -> Iterator[Finding]:
    at_one_time = re.fullmatch(_MINUTE, minutes) and re.fullmatch(_HOUR, hours)
    every_half_hour = re.fullmatch(r"[0*]/30", minutes) and hours == "*"
    every_hours = re.fullmatch(_MINUTE, minutes) and _EVERY_HOURS.fullmatch(hours)
    if at_one_time or (is_daily and (every_half_hour or every_hours)):
        return
    yield _fault(
        where,
        value,
        f"must run at one time of the day, or daily every half hour or every 1, 2, 4, 8 or 12 "
        f"hours, not at minutes {minutes!r} of hours {hours!r}",
        "write '15 13' for a time, '0/30 *' for every half hour, '0 0/4' for every 4 hours",
    )


def _fault(where: str, value: object, reason: str, remedy: str) -> Finding:
    return Finding(subject=where, value=value, reason=reason, remedy=remedy, source=SOURCE)
