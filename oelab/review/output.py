"""What a command prints: data to stdout, messages to stderr, colour on a terminal only."""

import json
import sys
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.cells import set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from oelab.review.column_widths import GAP, fitted, measured
from oelab.review.models import Unread
from oelab.review.verdicts.verdict import OK, UNREAD

# C0 and C1 but for tab and line feed: a terminal takes them for orders, and who is on a node may
# have chosen what inventory says. Written as Python does, like what no letter of the output fits.
_CONTROLS = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
}
_STYLES = {OK: "green", UNREAD: "magenta"}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        # Rich would end the program with the code of findings.
        raise BrokenPipeError


class Output:
    """Prints for one run of a command."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.on_terminal = is_terminal()
        # Made when used, so that they write to what stdout and stderr are then.
        self.data = _Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self.messages = _Console(
            file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True
        )

    def say(self, message: str) -> None:
        """A message for the person; not with --quiet."""
        if not self.quiet:
            self.messages.print(harmless(message))

    def fail(self, message: str) -> None:
        """Why the command could not do its work; with --quiet too."""
        self.messages.print(harmless(message), style="red" if self.messages.is_terminal else None)

    def warn_unread(self, unread: Iterable[Unread]) -> None:
        """What could not be read, a line for each reason."""
        calls: dict[tuple[str, str], list[str]] = {}
        for each in unread:
            calls.setdefault((str(each.place), each.reason), []).append(each.call)
        for (place, reason), named in calls.items():
            self.fail(f"{place}: not read: {', '.join(dict.fromkeys(named))}: {reason}")

    def print(self, text: str = "") -> None:
        """Lines of data; what is too long for a terminal goes on below, further in."""
        text = harmless(text)
        if not self.on_terminal:
            # Whoever searches for words must find them in one line.
            self.data.print(text, soft_wrap=True)
            return
        for line in text.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            wrapped = textwrap.wrap(
                line,
                width=self.data.width,
                subsequent_indent=f"{indent}  ",
                # Ids, ARNs and addresses stay whole, to be copied.
                break_long_words=False,
                break_on_hyphens=False,
            )
            self.data.print("\n".join(wrapped), soft_wrap=True)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str | Text]],
        *,
        needed: Collection[str] | None = None,
        prose: Collection[str] = (),
        all_in: str = "--json",
    ) -> None:
        """A table with a line for each row, and all columns, for whatever is no terminal.

        A terminal that is too narrow gets `prose` folded at spaces, and beside the columns that
        are `needed` (all, if not given) those that fit; a line says which don't.
        """
        columns = [harmless(each) for each in columns]
        cells = [[self._cell(cell) for cell in row] for row in rows]
        measures = [
            measured(name, [str(row[index]) for row in cells], prose=name in prose)
            for index, name in enumerate(columns)
        ]
        if not self.on_terminal:
            self._lines([columns, *cells], [each.width for each in measures])
            return
        widths = fitted(measures, columns if needed is None else needed, self.data.width)
        table = Table(
            box=SIMPLE_HEAD,
            pad_edge=False,
            show_edge=False,
            padding=(0, 1),
            width=sum(widths.values()) + GAP * (len(widths) - 1),
        )
        for index, width in widths.items():
            table.add_column(columns[index], overflow="fold", width=width)
        for row in cells:
            table.add_row(*(row[index] for index in widths))
        self.data.print(table, crop=False)
        left_out = [name for index, name in enumerate(columns) if index not in widths]
        if left_out:
            self.print(
                f"{len(left_out)} column{'' if len(left_out) == 1 else 's'} left out for want of "
                f"room: {', '.join(left_out)}; {all_in} has all"
            )

    def _lines(self, rows: Iterable[Sequence[str | Text]], widths: Sequence[int]) -> None:
        # As Rich would draw them, which takes seconds and 60 MB for 10,000 nodes.
        head, *rest = (
            (" " * GAP).join(map(set_cell_size, map(str, row), widths)).rstrip() for row in rows
        )
        line = "-" if self.data.options.ascii_only else "─"
        rule = line * (sum(widths) + GAP * (len(widths) - 1))
        self.data.file.write("\n".join((head, rule, *rest)) + "\n")

    def _cell(self, value: str | Text) -> str | Text:
        if isinstance(value, Text):
            return value
        # Inventory is free text: a row is a line for programs, and a tab has no width to measure.
        if not self.on_terminal:
            return harmless(" ".join(value.split()))
        return harmless("\n".join(line.expandtabs() for line in value.splitlines()))

    def json(self, schema: str, body: Mapping[str, object]) -> None:
        """A document that names its schema."""
        document = {"schema": schema, **body}
        self.data.file.write(json.dumps(document, indent=2, default=_plain) + "\n")


def is_terminal() -> bool:
    """Whether a person reads the data, and no program does."""
    return sys.stdout.isatty()


def harmless(text: str) -> str:
    """The text with its control characters spelled out, so that no terminal obeys them."""
    return text.translate(_CONTROLS)


def coloured(verdict: str, *notes: str) -> Text:
    """A verdict in its colour, with what is to be noted beside it."""
    return Text(harmless("; ".join((verdict, *notes))), style=_STYLES.get(verdict, "red"))


def unread_documents(unread: Iterable[Unread]) -> list[dict[str, str]]:
    """What could not be read, as every JSON document holds it."""
    return [{"place": str(each.place), "call": each.call, "reason": each.reason} for each in unread]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
