"""The questions about the whole fleet, each one SQL text that Athena and DuckDB both answer.

A file here is a question: its name, the statement, and in the comment above it the title, notes,
the parameters (one `?` each, in this order) and the columns. It is the workgroup's named query, the
statement that DuckDB runs and the documentation. Questions read only the views in `views/`, which
read the tables of `oelab.systems_manager.data_sync`.

Both engines must give the same answer, so the statements keep to what they have in common; the
tests refuse what is known to differ.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from oelab.systems_manager.data_sync import NODES, tables

_FIELD = re.compile(r"-- (parameter|column) (\w+) (text|integer|number|versions|workload): (.+)")
_SOURCE = re.compile(r"\b(FROM|JOIN) (\w+)")
# Views that others read come first.
_VIEWS = ("node", "software", "workload", "compliance_item", "compliance_summary", "capture")


@dataclass(frozen=True)
class Field:
    """A parameter or a column."""

    name: str
    """Its name."""
    kind: str
    """`text`, `integer` or `number`; a parameter may also be `versions`, a comparison such as
    `<3.0.14` that stands for all versions which satisfy it, or `workload`, a text that some node
    must have as its tag `Workload`."""
    description: str
    """What it is."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question, or a view that questions read."""

    name: str
    """Its name."""
    title: str
    """What it asks, in a sentence."""
    notes: str
    """What to know about the answer, or nothing."""
    parameters: tuple[Field, ...]
    """What must be given."""
    columns: tuple[Field, ...]
    """What each row of the answer has."""
    text: str
    """The whole file, its comment included."""

    def __str__(self) -> str:
        return self.name

    @property
    def statement(self) -> str:
        """The statement without the comment above it."""
        return "\n".join(line for line in self.text.splitlines() if not line.startswith("--"))

    @property
    def named_query(self) -> str:
        """What the workgroup keeps: the file without its columns, which every result names."""
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if not line.startswith("-- column "))

    @property
    def sources(self) -> frozenset[str]:
        """The tables and views that it reads itself."""
        return frozenset(name for _, name in _SOURCE.findall(self.statement))


@cache
def questions() -> Mapping[str, Query]:
    """The questions, by name in alphabetical order."""
    found = (file for file in files("oelab.queries").iterdir() if file.name.endswith(".sql"))
    return {
        question.name: question
        for question in sorted(map(_read, found), key=lambda each: each.name)
    }


@cache
def views() -> Mapping[str, Query]:
    """The views, by name; each after those that it reads."""
    folder = files("oelab.queries") / "views"
    return {name: _read(folder / f"{name}.sql") for name in _VIEWS}


def tables_of(query: Query) -> frozenset[str]:
    """The names of the tables that a question or a view reads, directly or through views."""
    through_views = (tables_of(views()[name]) for name in query.sources.intersection(views()))
    return query.sources.intersection(tables()).union(*through_views)


def without_partitions(statement: str) -> str:
    """A view's statement for tables without partition keys: the paths of the objects have them.

    `"$path"` is Athena's. Objects outside of the folders of nodes are left out.
    """
    columns = (
        """regexp_extract("$path", '/accountid=([0-9]+)/', 1) AS accountid, """
        """regexp_extract("$path", '/region=([a-z0-9-]+)/', 1) AS region"""
    )
    condition = f""""$path" LIKE '%/resourcetype={NODES}/%'"""
    rows = rf"\1 (SELECT *, {columns} FROM \2 WHERE {condition})"
    return re.sub(rf"\b(FROM|JOIN) ({'|'.join(tables())})\b", rows, statement)


def _read(file: Traversable) -> Query:
    text = file.read_text("utf-8")
    fields = [(section, Field(*parts)) for section, *parts in _FIELD.findall(text)]
    comment = (line[2:].strip() for line in _FIELD.sub("", text).splitlines() if line[:2] == "--")
    title, *notes = filter(None, comment)
    return Query(
        name=file.name.removesuffix(".sql"),
        title=title,
        notes=" ".join(notes),
        parameters=tuple(field for section, field in fields if section == "parameter"),
        columns=tuple(field for section, field in fields if section == "column"),
        text=text,
    )
