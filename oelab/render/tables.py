"""Rows as tables: whole for programs, fitted to a terminal for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from oelab.environment import Environment
from oelab.render.output import Output, escape_invisible
from oelab.report import Column, columns_of
from oelab.review.evaluate.seen_node import count
from oelab.systems_manager.targets import Targets, describe

GAP = 3
"""Cells between two columns."""

# Text that is folded more than this is no longer read with ease.
_NARROWEST = 24
# Cells that are wider push only their own row out of line.
_WIDEST = 80
# Of a cell that is longer, such as one with a script in it, a terminal shows an excerpt.
_LONGEST = 500
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
        return max(map(cell_len, (self.column.title, *self._lines)))

    @cached_property
    def padded_width(self) -> int:
        """The width that rows are padded to: cells that are much longer do not count."""
        widths = (width for width in map(cell_len, self._lines) if width <= _WIDEST)
        return max(cell_len(self.column.title), max(widths, default=0))

    @cached_property
    def least(self) -> int:
        """The width that it can do with.

        Titles and prose are folded at spaces, anything else stays whole.
        """
        words = self.column.title.split()
        if not self.column.prose:
            return max(map(cell_len, (*words, *self._lines)), default=0)
        words += (word for line in self._lines for word in line.split())
        return max(max(map(cell_len, words), default=0), min(self.width, _NARROWEST))

    @cached_property
    def _lines(self) -> Sequence[str]:
        return [line for cell in self.cells for line in cell.split("\n")]


def print_table(out: Output, rows: Sequence[Any]) -> None:
    """A line for each row, with all columns, for a program.

    A terminal that is too narrow gets prose folded, and in addition to the columns that are needed
    those that fit; a line says which do not. Where even those that are needed do not fit, each row
    is a block of lines.
    """
    columns = [
        ShownColumn(column=column, cells=[_cell(out, value) for value in values])
        for column, values in values_of(rows)
    ]
    if not out.is_terminal:
        _print_whole(out, columns)
        return
    widths = fit(columns, out.data.width)
    if not widths:
        for number in range(len(rows)):
            if number:
                out.print()
            _print_block(out, [(each.column.title, each.cells[number]) for each in columns])
        return
    total = sum(widths.values()) + GAP * (len(widths) - 1)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1), width=total)
    for index, width in widths.items():
        table.add_column(columns[index].column.title, overflow="fold", width=width)
    for number in range(len(rows)):
        table.add_row(*(_styled(columns[index], number) for index in widths))
    out.data.print(table, crop=False)
    left_out = [each.column.title for i, each in enumerate(columns) if i not in widths]
    if left_out:
        note = f"{count(len(left_out), 'column')} left out for want of room"
        out.print(f"{note}: {', '.join(left_out)}; --json has all")


def print_facts(out: Output, row: Any, *, indent: str = "  ") -> None:
    """The fields of one row that a table shows, in a line each, but for its name and verdict."""
    _, *columns = values_of([row])
    facts = [("Environment", str(row.environment))]
    facts += [(each.title, _cell(out, v)) for each, (v,) in columns if each.title != _VERDICT]
    _print_block(out, facts, indent=indent)


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
            spread = replace(column, title=escape_invisible(key) + column.title, needed=is_needed)
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
    """The width of each column that is shown, by its index; none if the needed ones do not fit.

    Of the others each is shown that has room, the first ones first.
    """
    widths = {i: each.least for i, each in enumerate(columns) if each.column.needed}
    spare = room - sum(widths.values()) - GAP * (len(widths) - 1)
    if spare < 0:
        return {}
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
        return escape_invisible(" ".join(text.split()))
    if len(text) > _LONGEST:
        text = f"{text[:_WIDEST]}... ({len(text):,} characters; --json has all)"
    return escape_invisible("\n".join(line.expandtabs() for line in text.splitlines()))


def _print_block(out: Output, facts: Sequence[tuple[str, str]], *, indent: str = "") -> None:
    """A line for each title and its text."""
    width = max(len(title) for title, _ in facts)
    for title, text in facts:
        first, *others = text.split("\n")
        out.print(f"{indent}{title:<{width}}  {first}")
        for line in others:
            out.print(f"{indent}{'':<{width}}  {line}")


def _styled(shown: ShownColumn, number: int) -> str | Text:
    cell = shown.cells[number]
    return Text(cell, style=_STYLES.get(cell, "red")) if shown.column.title == _VERDICT else cell


def _print_whole(out: Output, columns: Sequence[ShownColumn]) -> None:
    # As Rich would draw them, which takes seconds and 60 MB for 10,000 nodes.
    rows = zip(*([each.column.title, *each.cells] for each in columns), strict=True)
    widths = [each.padded_width for each in columns]
    head, *rest = ((" " * GAP).join(map(_padded, row, widths)).rstrip() for row in rows)
    line = "-" if out.data.options.ascii_only else "─"
    rule = line * (sum(widths) + GAP * (len(widths) - 1))
    out.data.file.write("\n".join((head, rule, *rest)) + "\n")


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))
