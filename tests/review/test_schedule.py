"""The next run, computed."""

from datetime import UTC, datetime, timedelta

import pytest

from oelab.review.schedule import interval, next_run

# A Thursday.
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 2 ? * SUN *)", "2026-01-04 02:00"),
        ("cron(0 2 ? * 1 *)", "2026-01-04 02:00"),
        ("cron(15 13 * * ? *)", "2026-01-01 13:15"),
        ("cron(15 13 1/1 * ? *)", "2026-01-01 13:15"),
        ("cron(0 0/4 * * ? *)", "2026-01-01 16:00"),
        ("cron(0/30 * * * ? *)", "2026-01-01 12:30"),
        ("cron(0 0/30 * * * ? *)", "2026-01-01 12:30"),
        ("cron(0 10 ? * TUE#3 *)", "2026-01-20 10:00"),
        ("cron(0 10 ? * 3L *)", "2026-01-27 10:00"),
        ("cron(0 10 ? * tueL *)", "2026-01-27 10:00"),
        ("at(2026-07-07T15:55:00)", "2026-07-07 15:55"),
    ],
)
def test_a_named_time(expression: str, expected: str) -> None:
    assert next_run(expression, last_run=None, now=NOON) == at(expected)


def test_an_offset_counts_days_from_the_named_time() -> None:
    found = next_run("cron(0 2 ? * THU *)", last_run=None, now=NOON, offset_days=2)
    assert found == at("2026-01-03 02:00")


@pytest.mark.parametrize(
    "expression", ["", "cron(nonsense)", "at(2020-07-07T15:55:00)", "at(noon)"]
)
def test_what_cannot_be_told(expression: str) -> None:
    assert next_run(expression, last_run=NOON, now=NOON) is None


@pytest.mark.parametrize(
    "field",
    [
        "cron(0 2 ? * MON-FRI *)",
        "cron(0 2 ? * MON,TUE *)",
        "cron(0 2 ? * L *)",
        "cron(0 2 ? * 0 *)",
        "cron(0 2 ? * SUN#6 *)",
        "cron(0 2 L * ? *)",
        "cron(0 2 1-7 * ? *)",
        "cron(0 2 1 * ? *)",
        "cron(0 2 ? 1/3 SUN *)",
        "cron(0 2 ? * SUN 2030)",
        "cron(0,30 2 * * ? *)",
        "cron(0 ² * * ? *)",
    ],
)
def test_a_field_of_an_unknown_form_leaves_the_schedule_unknown(field: str) -> None:
    assert next_run(field, last_run=NOON, now=NOON) is None
    assert interval(field) is None


def test_a_rate_counts_from_the_last_run_and_is_due_when_overdue() -> None:
    every = "rate(30 minutes)"
    assert next_run(every, last_run=NOON, now=NOON) == NOON + timedelta(minutes=30)
    assert next_run(every, last_run=NOON - timedelta(days=1), now=NOON) == NOON
    assert next_run(every, last_run=None, now=NOON) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 hour)", timedelta(hours=1)),
        ("rate(30 minutes)", timedelta(minutes=30)),
        ("rate(2 days)", timedelta(days=2)),
        ("cron(0 0/4 * * ? *)", timedelta(hours=4)),
        ("cron(0 2 ? * SUN *)", timedelta(days=7)),
        ("", None),
        ("at(2026-07-07T15:55:00)", None),
    ],
)
def test_the_interval(expression: str, expected: timedelta | None) -> None:
    assert interval(expression) == expected
