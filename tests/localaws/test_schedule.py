"""Schedule expressions: which are read, and when they fall due."""

from datetime import UTC, datetime

import pytest

from localaws.errors import AwsError
from localaws.systems_manager.schedule import parse


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(29 minutes)",
        "rate(1 hours)",
        "rate(2 hour)",
        "rate(31 days)",
        "rate(30 seconds)",
        "rate(30 minutes )",
        "cron(0 2 * * * *)",
        "cron(0 2 ? * ? *)",
        "cron(60 2 ? * * *)",
        "cron(0 24 ? * * *)",
        "cron(0 2 ? JAN * *)",
        "cron(5 0 2 ? * SUN *)",
        "cron(0 2 ? * XYZ *)",
        "cron(0 2 32 * ? *)",
        "cron(0 2)",
        "at(2026-02-30T10:00:00)",
        "at(tomorrow)",
        "",
        "30 minutes",
    ],
)
def test_refused(expression: str) -> None:
    with pytest.raises(AwsError) as caught:
        parse(expression)
    assert caught.value.code == "InvalidSchedule"


# 2026-03-18 is a Wednesday, the third one of its month.
NOW = "2026-03-18T10:20:30"


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("rate(30 minutes)", "2026-03-18T10:05:00"),
        ("rate(1 day)", "2026-03-18T09:05:00"),
        ("cron(0/30 * * * ? *)", "2026-03-18T10:00:00"),
        ("cron(15 10 ? * * *)", "2026-03-18T10:15:00"),
        ("cron(30 10 ? * * *)", "2026-03-17T10:30:00"),
        ("cron(0 2 ? * SUN *)", "2026-03-15T02:00:00"),
        ("cron(0 2 ? * WED#3 *)", "2026-03-18T02:00:00"),
        ("cron(0 2 ? * WED#2 *)", "2026-03-11T02:00:00"),
        ("cron(0 2 ? * 7L *)", "2026-02-28T02:00:00"),
        ("at(2026-03-18T08:00:00)", "2026-03-18T08:00:00"),
    ],
)
def test_the_latest_moment_due(expression: str, due: str) -> None:
    start = at("2026-03-18T09:05:00") - 30 * 86400
    assert parse(expression).last_due(start, 0, at(NOW)) == at(due)


def test_nothing_is_due_twice() -> None:
    schedule = parse("rate(30 minutes)")
    start = at("2026-03-18T10:00:00")
    assert schedule.last_due(start, start, start + 1799) is None
    assert schedule.last_due(start, start, start + 1800) == start + 1800
    assert schedule.last_due(start, start + 1800, start + 1801) is None
