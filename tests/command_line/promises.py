"""What docs/review.md promises of each command: the table of exit codes and of the rows of CSV."""

import shlex
from dataclasses import dataclass

from tests.synthesis import ROOT

_HEAD = "| command | `--csv` | nothing | a part | all |"


@dataclass(frozen=True)
class Promise:
    """A command with arguments, and what it does.

    `rows` is the list of the document that CSV has the rows of, "" where there is no CSV; `codes`
    are the exit codes where nothing, a part and all is there.
    """

    arguments: tuple[str, ...]
    rows: str
    codes: tuple[int, ...]


def _promises() -> dict[str, Promise]:
    page = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
    table = page.partition(_HEAD)[2].partition("\n\n")[0]
    found = {}
    for line in table.splitlines()[2:]:
        command, rows, *codes = (cell.strip(" `") for cell in line.strip("|").split("|"))
        found[command] = Promise(tuple(shlex.split(command)), rows, tuple(map(int, codes)))
    return found


PROMISES = _promises()
"""By the command as the page writes it."""
