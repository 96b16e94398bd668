"""The report of `oelab query`: the rows of an answer, or the questions explained."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from oelab.queries import Query
from oelab.report import Column, Report

Value = str | int | float | None
Row = tuple[Value, ...]

Progress = Callable[[str, int, int], None]
"""Called in the course of the work with what is counted, how many are done, and of how many, which
is 0 where that is not known."""

_EXAMPLES = 5


def no_progress(unit: str, done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class UnreadItem:
    """What could not be read, and so has no part in the answer."""

    name: str
    """The key of an object, a version of a package, or the IAM action of a call."""
    reason: str
    """Why, and what to do about it."""


@dataclass(frozen=True)
class NamedRow:
    """A row of an answer with the names of its columns."""

    values: Annotated[Mapping[str, Value], Column("", needed=True, spread=True)]


@dataclass(frozen=True, kw_only=True)
class QueryReport(Report):
    """The answer of `oelab query NAME`."""

    empty = "nothing matches"
    schema: str = "oelab.query/1"
    question: str
    """The name of the question."""
    columns: tuple[str, ...]
    """The names of the columns."""
    rows: tuple[Row, ...] = ()
    """The rows, each with a value for each column: texts, or whole or broken numbers."""
    unread: tuple[UnreadItem, ...] = ()
    """What could not be read; where there is any, the rows may not be all."""
    scanned_bytes: int | None = None
    """What Athena has read; none where it was not asked."""
    usd: float | None = None
    """What that costs by its list price in us-east-1."""
    written_to: str = ""
    """The Parquet file that the rows were written to, or ""."""

    @classmethod
    def of(cls, query: Query, rows: Iterable[Row] = (), **others: Any) -> Self:
        """The answer to a question, with the columns that it declares."""
        columns = tuple(column.name for column in query.columns)
        return cls(question=query.name, columns=columns, rows=tuple(rows), **others)

    @property
    def table_rows(self) -> Sequence[NamedRow]:
        """The rows with the names of the columns."""
        return [NamedRow(dict(zip(self.columns, row, strict=True))) for row in self.rows]

    @property
    def not_read(self) -> Iterator[str]:
        """What could not be read, with some examples for each reason."""
        names: dict[str, list[str]] = {}
        for each in self.unread:
            names.setdefault(each.reason, []).append(each.name)
        for reason, named in names.items():
            more = f" and {len(named) - _EXAMPLES} more" if len(named) > _EXAMPLES else ""
            yield f"not read: {', '.join(named[:_EXAMPLES])}{more}: {reason}"


@dataclass(frozen=True, kw_only=True)
class QuestionsReport(Report):
    """The questions that `oelab query` can answer, as it lists them."""

    table = ("questions",)
    schema: str = "oelab.questions/1"
    questions: tuple[Query, ...]
    """The questions by name."""
