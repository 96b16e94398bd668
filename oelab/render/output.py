"""Where a command prints: data to stdout, messages to stderr, colour on a terminal only."""

import logging
import sys
import textwrap
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

# What inventory holds may be chosen by anybody on a node. A terminal takes control characters for
# orders, and shows text in another order, or in part, where formatting characters (bidirectional
# controls, zero-width spaces and joiners) are in it. Source: categories of the Unicode Standard.
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Zl", "Zp")
# Invisible letters and marks: Default_Ignorable_Code_Point without the variation selectors.
_INVISIBLE_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"


class _Console(Console):
    def on_broken_pipe(self) -> None:
        # Rich would end the program with the code of findings.
        raise BrokenPipeError


class Output:
    """Prints for one run of a command; with `is_quiet` only data and errors."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self.is_quiet = is_quiet
        self.is_terminal = is_terminal()
        # Made when used, so that they write to what stdout and stderr are then.
        self.data = _Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self.messages = _Console(
            file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True
        )

    def say(self, message: str) -> None:
        """A message for a person, such as that all is well."""
        if not self.is_quiet:
            self.messages.print(escape_invisible(message))

    def fail(self, message: str) -> None:
        """Why the command could not do its work."""
        style = "red" if self.messages.is_terminal else None
        self.messages.print(escape_invisible(message), style=style)

    def print(self, text: str = "") -> None:
        """Lines of data; what is too long for a terminal goes on in the next line, indented."""
        for line in escape_invisible(text).split("\n"):
            if not self.is_terminal:
                # A program that searches for words must find them in one line.
                self.data.print(line, soft_wrap=True)
                continue
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

    def print_whole(self, text: str) -> None:
        """Lines of data as they are, however long."""
        self.data.print(escape_invisible(text), soft_wrap=True)

    @contextmanager
    def logging_calls(self) -> Iterator[None]:
        """Print what is logged about calls and programs, for as long as the block lasts."""
        handler = logging.Handler()
        handler.emit = lambda record: self.messages.print(  # type: ignore[method-assign]
            escape_invisible(record.getMessage())
        )
        logger = logging.getLogger("oelab")
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)


def is_terminal() -> bool:
    """Whether a person reads the data, and not a program."""
    return sys.stdout.isatty()


def escape_invisible(text: str) -> str:
    """The text with control, formatting and other invisible characters spelled out.

    Tab and line feed stay. Written as Python does, like what the output's encoding lacks.
    """
    if text.isprintable() and not any(each in text for each in _INVISIBLE_LETTERS):
        return text
    return "".join(map(_escape, text))


def _escape(character: str) -> str:
    is_invisible = unicodedata.category(character) in _INVISIBLE_CATEGORIES
    if character in "\t\n" or not (is_invisible or character in _INVISIBLE_LETTERS):
        return character
    return character.encode("unicode_escape").decode()
