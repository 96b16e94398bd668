"""What a question has brought."""

from collections.abc import Callable
from dataclasses import dataclass

Value = str | int | float | None
Row = tuple[Value, ...]

Progress = Callable[[str, int, int], None]
"""Called in the course of the work with what is counted, how many are done, and of how many, which
is 0 where that is not known."""


def no_progress(unit: str, done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class UnreadItem:
    """What could not be read, and so has no part in the answer."""

    name: str
    """The key of an object, or a version of a package."""
    reason: str
    """Why, and what to do about it."""


@dataclass(frozen=True)
class Result:
    """What an engine answers: rows with a value for each column of the query."""

    rows: tuple[Row, ...]
    unread: tuple[UnreadItem, ...] = ()
    scanned_bytes: int | None = None
    """What Athena has read, where it was asked."""


@dataclass(frozen=True, kw_only=True)
class QueryReport:
    """The answer to a question."""

    schema: str = "oelab.query/1"
    """The name and the version of the form of the document."""
    question: str
    """The name of the question."""
    columns: tuple[str, ...]
    """The names of the columns."""
    rows: tuple[Row, ...]
    """The rows, each with a value for each column: texts, or whole or broken numbers."""
    unread: tuple[UnreadItem, ...] = ()
    """What could not be read; where there is any, the rows may not be all."""
    scanned_bytes: int | None = None
    """What Athena has read; none where it was not asked."""
    usd: float | None = None
    """What that costs by its list price in us-east-1."""
