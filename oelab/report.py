"""What the reports of all commands have in common, and how tables show their rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, get_type_hints

from oelab.exit_codes import ExitCode
from oelab.findings import Finding, Severity


@dataclass(frozen=True)
class Column:
    """How a table shows a field of a row.

    What is `needed` is shown on a narrow terminal too. `prose` may be folded between words. The
    keys of a mapping that is `spread` are columns of their own; `title` follows each key.
    """

    title: str
    needed: bool = False
    prose: bool = False
    spread: bool = False


def columns_of(kind: type[object]) -> Mapping[str, Column]:
    """The columns of a kind of rows, by the name of the field."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        name: each
        for name, hint in hints.items()
        for each in getattr(hint, "__metadata__", ())
        if isinstance(each, Column)
    }


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a command has found, ready to be rendered as text, JSON or CSV."""

    schema: str
    """The name and the version of the form of the document."""
    findings: tuple[Finding, ...] = ()
    """What is wrong, the most serious first, and notes on what is good to know."""
    table: ClassVar[tuple[str, ...]] = ("findings",)
    """The fields with the rows that CSV has: the first one that has any counts."""
    empty: ClassVar[str] = ""
    """What to say where there is nothing to report."""

    @property
    def exit_code(self) -> ExitCode:
        """Whether anything is wrong; notes do not count.

        What could not be read weighs more than what was found: it may hide something worse.
        """
        if [*self.not_read]:
            return ExitCode.UNREAD
        is_wrong = any(each.severity is not Severity.NOTE for each in self.findings)
        return ExitCode.FINDINGS if is_wrong else ExitCode.WELL

    @property
    def table_rows(self) -> Sequence[object]:
        """The rows that CSV has: dataclasses of one kind."""
        return next(filter(None, (getattr(self, name) for name in self.table)), ())

    @property
    def not_read(self) -> Iterable[str]:
        """What could not be read for it, in a line for each reason."""
        return ()


@dataclass(frozen=True, kw_only=True)
class RowStream:
    """Rows that are read while they are printed; `conclude` gives the report once all have been.

    `columns` are the keys of their mapping that is spread, as far as they are known before.
    """

    rows: Iterable[object]
    columns: Sequence[str]
    conclude: Callable[[], Report]
