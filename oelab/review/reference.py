"""Writes the command reference from the commands' own help: `python -m oelab.review.reference`."""

import sys

COMMANDS = (
    "preflight",
    "wait",
    "status",
    "associations",
    "inventory",
    "compliance",
    "compare",
    "image pin",
    "image check",
)
"""In the order in which help lists them."""

_WIDTH = "80"
_HEAD = """# Commands

Written from the commands' own help by `python -m oelab.review.reference`; change it there.
What the JSON documents hold, and how many calls a review makes, is in [review.md](review.md).
"""


def reference() -> str:
    """The reference in Markdown, the same on every machine."""
    sections = [_section("oelab", [])]
    sections += [_section(f"oelab {name}", name.split()) for name in COMMANDS]
    return "\n".join([_HEAD, *sections])


def _section(title: str, arguments: list[str]) -> str:
    from typer.testing import CliRunner

    from oelab.review.cli import app

    environment = {"COLUMNS": _WIDTH, "TERMINAL_WIDTH": _WIDTH, "NO_COLOR": "1"}
    shown = CliRunner().invoke(app, [*arguments, "--help"], prog_name="oelab", env=environment)
    lines = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
    return f"## {title}\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
