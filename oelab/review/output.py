"""What a command prints: data to stdout, messages to stderr, colour on a terminal only."""

import json
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from oelab.review.models import Unread

WIDE = 120
"""From so many columns on, tables show more."""

# Columns that others give way to: their content is to be copied, or stands in the documentation.
_WHOLE = ("Instance", "Verdict")

_STYLES = {"ok": "green", "unread": "magenta"}


class Output:
    """Prints for one run of a command."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        # Made when used, so that they write to what stdout and stderr are then.
        self.data = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self.messages = Console(
            file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True
        )

    @property
    def wide(self) -> bool:
        """Whether there is room for more than the most important columns."""
        return self.data.width >= WIDE

    def say(self, message: str) -> None:
        """A message for the person; not with --quiet."""
        if not self.quiet:
            self.messages.print(message)

    def fail(self, message: str) -> None:
        """Why the command could not do its work; with --quiet too."""
        self.messages.print(message, style="red" if self.messages.is_terminal else None)

    def warn_unread(self, unread: Iterable[Unread]) -> None:
        """What could not be read, a line for each reason."""
        calls: dict[tuple[str, str], list[str]] = {}
        for each in unread:
            calls.setdefault((str(each.place), each.reason), []).append(each.call)
        for (place, reason), named in calls.items():
            self.fail(f"{place}: not read: {', '.join(dict.fromkeys(named))}: {reason}")

    def print(self, text: str = "") -> None:
        """Lines of data; what is too long for the terminal goes on below, further in."""
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

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
        """A table as wide as its content, folded where the terminal is narrower."""
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
        for column in columns:
            table.add_column(column, overflow="fold", no_wrap=column in _WHOLE)
        for row in rows:
            table.add_row(*row)
        self.data.print(table)

    def json(self, schema: str, body: Mapping[str, object]) -> None:
        """A document that names its schema."""
        document = {"schema": schema, **body}
        self.data.file.write(json.dumps(document, indent=2, default=_plain) + "\n")


def coloured(verdict: str, *notes: str) -> Text:
    """A verdict in its colour, with what is to be noted beside it."""
    return Text("; ".join((verdict, *notes)), style=_STYLES.get(verdict, "red"))


def unread_documents(unread: Iterable[Unread]) -> list[dict[str, str]]:
    """What could not be read, as every JSON document holds it."""
    return [{"place": str(each.place), "call": each.call, "reason": each.reason} for each in unread]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
