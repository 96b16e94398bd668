"""A report as a JSON document, and its rows as CSV."""

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum, IntEnum
from typing import Any, TextIO

from oelab.environment import Environment
from oelab.findings import Finding
from oelab.report import columns_of
from oelab.systems_manager.targets import Targets, criteria_of

# How a cell begins that a spreadsheet takes for a formula. Source: OWASP, "CSV
# Injection", and its Application Security Verification Standard, 1.2.10.
_FORMULA_STARTS = tuple("=+-@\0\t\r\n\uff1d\uff0b\uff0d\uff20")

FINDING = ("rule", "severity", "subject", "reason", "remedy", "source")
"""The fields of a finding that a document has, in addition to the parts of its subject."""


def to_json(report: Any) -> str:
    """A report, or any other dataclass, as an indented JSON object."""
    return json.dumps(to_plain(report), indent=2)


def to_plain(value: Any) -> Any:
    """Dataclasses as objects with their fields, times in UTC, enums by their names or texts.

    An environment is the fields `account`, `region` and, where one was named, `profile` of what it
    is a part of. So are the parts of a finding's subject.
    """
    if isinstance(value, Finding):
        plain = {name: str(getattr(value, name)) for name in FINDING}
        subject = to_plain(value.subject) if is_dataclass(value.subject) else {}
        return plain | {name: part for name, part in subject.items() if name not in ("name",)}
    if isinstance(value, Targets):
        return {str(key): to_plain(values) for key, values in criteria_of(value)}
    if isinstance(value, Environment):
        return dict(value.named_parts())
    if is_dataclass(value):
        return dict(_fields(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, IntEnum) else value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, Environment):
            yield from part.named_parts()
        else:
            yield field.name, to_plain(part)


def write_csv(
    rows: Iterable[object],
    columns: Sequence[str],
    file: TextIO,
    escape: Callable[[str], str],
    *,
    is_safe: bool = False,
) -> Collection[str]:
    """Write rows of one kind as RFC 4180 has it, one at a time.

    `columns` are keys of the mapping that is spread; the first row may add to them. With `is_safe`
    no value is one that a spreadsheet takes for a formula. Returns the keys of later rows that no
    column has.
    """
    writer = csv.writer(file, quoting=csv.QUOTE_ALL if is_safe else csv.QUOTE_MINIMAL)

    def write(cells: Iterable[str]) -> None:
        writer.writerow(escape(_as_text(cell) if is_safe else cell) for cell in cells)

    names: dict[str, None] = {}
    left_out: dict[str, None] = {}
    spread = ""
    for row in rows:
        if not names:
            spread = next((n for n, column in columns_of(type(row)).items() if column.spread), "")
        fields_of_row = to_plain(row)
        keys = fields_of_row.pop(spread, {})
        if not names:
            names = dict.fromkeys([*fields_of_row, *columns, *keys])
            write(names)
        cells = fields_of_row | keys
        write(_cell(cells.get(name)) for name in names)
        left_out |= dict.fromkeys(keys.keys() - names.keys())
    return left_out


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value in (None, [], {}) else json.dumps(value)


def _as_text(cell: str) -> str:
    """The cell, after an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
