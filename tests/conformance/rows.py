"""The rows of the conformance tables: input, outcome and the AWS page that decides."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

FOLDER = Path(__file__).parent
MOST_ROWS_OF_A_BRANCH = 3

Row = dict[str, Any]


def table(name: str, kind: str = "row") -> list[Row]:
    """The rows of one kind; those without a source of their own have that of the table."""
    document = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    return [{"source": document["source"], **row} for row in document[kind]]


def rows(name: str, kind: str = "row") -> list[ParameterSet]:
    """The rows as parameters of a test, known by their branch."""
    return [pytest.param(row, id=row["branch"]) for row in table(name, kind)]


def kinds(name: str) -> list[str]:
    """The kinds of rows of a table."""
    document = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    return [kind for kind in document if kind != "source"]


def crowded(found: list[Row]) -> list[str]:
    """The branches that have more rows than it takes to show them."""
    counts = Counter(row["branch"] for row in found)
    return [branch for branch, count in counts.items() if count > MOST_ROWS_OF_A_BRANCH]
