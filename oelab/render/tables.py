"""Rows as tables: whole for programs, fitted to a terminal for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text

from oelab.environment import Environment
from oelab.render.output import Output, escape_control_characters
from oelab.report import Column, columns_of
from oelab.systems_manager.targets import Targets, describe

GAP = 3
"""Cells between two columns."""

# Text that is folded more than this is no longer read with ease.
_NARROWEST = 24
_VERDICT = "Verdict"
_STYLES = {"ok": "green", "unread": "magenta"}
# What an entry is about, among the keys that are columns of their own.
_MAIN_KEYS = ("Name", "Version")


@dataclass(frozen=True, kw_only=True)
class ShownColumn:
    """A column with its cells."""

    column: Column
    cells: Sequence[str]

    @cached_property
    def width(self) -> int:
        """The number of terminal cells of its longest line."""
        return max(cell_len(line) for line in self._lines())

    @cached_property
    def least(self) -> int:
        """The width that it can do with: prose is folded at spaces, anything else stays whole."""
        if not self.column.prose:
            return self.width
        words = (cell_len(word) for line in self._lines() for word in line.split())
        return max(max(words, default=0), min(self.width, _NARROWEST))

    def _lines(self) -> Iterator[str]:
        yield self.column.title
        for cell in self.cells:
            yield from cell.split("\n")


def print_table(out: Output, rows: Sequence[Any]) -> None:
    """A line for each row, with all columns, for a program.

    A terminal that is too narrow gets prose folded, and in addition to the columns that are needed
    those that fit; a line says which do not.
    """
    columns = [
        ShownColumn(column=column, cells=[_cell(out, value) for value in values])
        for column, values in values_of(rows)
    ]
    if not out.is_terminal:
        _print_whole(out, columns)
        return
    widths = fit(columns, out.data.width)
    total = sum(widths.values()) + GAP * (len(widths) - 1)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1), width=total)
    for index, width in widths.items():
        table.add_column(columns[index].column.title, overflow="fold", width=width)
    for number in range(len(rows)):
        table.add_row(*(_styled(columns[index], number) for index in widths))
    out.data.print(table, crop=False)
    left_out = [each.column.title for i, each in enumerate(columns) if i not in widths]
    if left_out:
        plural = "" if len(left_out) == 1 else "s"
        note = f"{len(left_out)} column{plural} left out for want of room"
        out.print(f"{note}: {', '.join(left_out)}; --json has all")


def print_facts(out: Output, row: Any, *, indent: str = "  ") -> None:
    """The fields of one row that a table shows, in a line each, but for its name and verdict."""
    _, *columns = values_of([row])
    facts = [("Environment", str(row.environment))]
    facts += [(each.title, as_text(v)) for each, (v,) in columns if each.title != _VERDICT]
    width = max(len(title) for title, _ in facts)
    for title, text in facts:
        out.print(f"{indent}{title:<{width}}  {text}")


def values_of(rows: Sequence[Any]) -> Iterator[tuple[Column, list[Any]]]:
    """The columns of rows of one kind, with the value of each row.

    Account, Region and profile are columns where the rows differ in them.
    """
    environments = [each.environment for each in rows if hasattr(each, "environment")]
    for name in Environment._fields:
        values = [getattr(each, name) for each in environments]
        if len({*values}) > 1:
            yield Column(name.capitalize(), needed=True), values
    for name, column in columns_of(type(rows[0])).items():
        values = [getattr(each, name) for each in rows]
        if not column.spread:
            yield column, values
            continue
        keys = dict.fromkeys(key for value in values for key in value)
        main = [key for key in _MAIN_KEYS if key in keys] or [*keys][:1]
        for key in keys:
            is_needed = column.needed or key in main
            spread = replace(column, title=escape_control_characters(key), needed=is_needed)
            yield spread, [value.get(key) for value in values]


def as_text(value: Any) -> str:
    """A value as a person reads it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M UTC}"
        case Mapping():
            return ", ".join(f"{key} ({item})" for key, item in value.items()) or "-"
        case targets if isinstance(targets, Targets):
            return describe(targets) or "-"
        case None | "":
            return "-"
    return str(value)


def fit(columns: Sequence[ShownColumn], room: int) -> dict[int, int]:
    """The width of each column that is shown, by its index.

    Those that are needed are shown even if they do not fit: what is too wide can still be copied,
    and what is cut off can not. Of the others each is shown that has room, the first ones first.
    """
    widths = {i: each.least for i, each in enumerate(columns) if each.column.needed}
    spare = room - sum(widths.values()) - GAP * (len(widths) - 1)
    for index, each in enumerate(columns):
        if index not in widths and each.least + GAP <= spare:
            widths[index] = each.least
            spare -= each.least + GAP
    for index in sorted(widths):
        more = max(0, min(spare, columns[index].width - widths[index]))
        widths[index] += more
        spare -= more
    return dict(sorted(widths.items()))


def _cell(out: Output, value: Any) -> str:
    text = as_text(value)
    # Inventory is free text: a row is a line for programs, and a tab has no width to measure.
    if not out.is_terminal:
        return escape_control_characters(" ".join(text.split()))
    return escape_control_characters("\n".join(line.expandtabs() for line in text.splitlines()))


def _styled(shown: ShownColumn, number: int) -> str | Text:
    cell = shown.cells[number]
    return Text(cell, style=_STYLES.get(cell, "red")) if shown.column.title == _VERDICT else cell


def _print_whole(out: Output, columns: Sequence[ShownColumn]) -> None:
    # As Rich would draw them, which takes seconds and 60 MB for 10,000 nodes.
    rows = zip(*([each.column.title, *each.cells] for each in columns), strict=True)
    widths = [each.width for each in columns]
    head, *rest = ((" " * GAP).join(map(set_cell_size, row, widths)).rstrip() for row in rows)
    line = "-" if out.data.options.ascii_only else "─"
    rule = line * (sum(widths) + GAP * (len(widths) - 1))
    out.data.file.write("\n".join((head, rule, *rest)) + "\n")
