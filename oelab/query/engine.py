"""What can answer a question."""

import re
from collections.abc import Sequence
from typing import Protocol

from oelab.queries import Query
from oelab.query.parameters import Parameter
from oelab.query.report import Result

Argument = Parameter | Sequence[str]
"""A value in the place of a `?`; several of them for one that stands in `IN (?)`."""


class Engine(Protocol):
    """Runs the statement of a question."""

    def run(self, query: Query, arguments: Sequence[Argument]) -> Result:
        """The rows of a question with these arguments for its parameters."""


def expanded(query: Query, arguments: Sequence[Argument]) -> tuple[str, list[Parameter]]:
    """The statement with a `?` for each value, and the values."""
    values = [[each] if isinstance(each, str | int) else list(each) for each in arguments]
    marks = iter(", ".join("?" * len(each)) for each in values)
    statement = re.sub(r"\?", lambda _: next(marks), query.statement)
    return statement, [value for each in values for value in each]
