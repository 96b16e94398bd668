"""What the command line says of itself."""

import re
from functools import cache

from typer.testing import CliRunner

from oelab.cli import app


@cache
def help_of_oelab() -> dict[str, str]:
    """The help of each command by its words, such as `image pin`, on 80 columns.

    That of the program itself stands under the empty word.
    """
    pages: dict[str, str] = {}
    left = [""]
    while left:
        command = left.pop()
        words = [*command.split(), "--help"]
        result = CliRunner(env={"COLUMNS": "80"}).invoke(app, words, prog_name="oelab")
        pages[command] = result.stdout
        listed = pages[command].partition("\nCommands:\n")[2].partition("\n\n")[0]
        left += [
            f"{command} {word}".strip()
            for word in re.findall(r"^  ([a-z][\w-]*)", listed, re.MULTILINE)
        ]
    return pages
