"""Which columns of a table a terminal has room for, and how wide each of them is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

GAP = 3
"""Cells between two columns."""

# Text that is folded more than this is no longer read with ease.
_NARROWEST = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """The width that a column would have, and the least that it can do with."""

    name: str
    width: int
    least: int


def measured(name: str, cells: Collection[str], *, prose: bool) -> Column:
    """The column of these cells; `prose` can be folded at spaces, anything else stays whole."""
    lines = [name, *(line for cell in cells for line in cell.split("\n"))]
    width = max(map(cell_len, lines))
    if not prose:
        return Column(name=name, width=width, least=width)
    word = max((cell_len(word) for line in lines for word in line.split()), default=0)
    return Column(name=name, width=width, least=max(word, min(width, _NARROWEST)))


def fitted(columns: Sequence[Column], needed: Collection[str], room: int) -> dict[int, int]:
    """The width of each column that is shown, by its index.

    Those `needed` are shown even if they don't fit: what is too wide can still be copied, and what
    is cut off can not. Of the others each is shown that has room, the first ones first.
    """
    widths = {i: column.least for i, column in enumerate(columns) if column.name in needed}
    spare = room - sum(widths.values()) - GAP * (len(widths) - 1)
    for index, column in enumerate(columns):
        if index not in widths and column.least + GAP <= spare:
            widths[index] = column.least
            spare -= column.least + GAP
    for index in sorted(widths):
        more = max(0, min(spare, columns[index].width - widths[index]))
        widths[index] += more
        spare -= more
    return dict(sorted(widths.items()))
