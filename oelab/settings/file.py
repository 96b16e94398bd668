"""Settings from a TOML file, or one report of all that is wrong with it."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from oelab import tags as lab_tags
from oelab.findings import Finding, FindingsError
from oelab.settings.checks import findings
from oelab.settings.from_toml import Reader, without
from oelab.settings.model import Settings

_POSITION = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)")


class SettingsError(FindingsError):
    """A settings file that cannot be used: its text is the whole report."""

    def __init__(self, path: Path, found: Iterable[Finding]) -> None:
        super().__init__(found)
        self.path = path

    def report(self) -> str:
        """The file and the number of findings, then a line for each fault."""
        count = len(self.findings)
        head = f"{self.path}: {count} fault{'' if count == 1 else 's'}"
        return "\n".join([head, *(f"  {fault}" for fault in self.findings)])

    def __str__(self) -> str:
        return self.report()


def load(path: Path) -> Settings:
    """The settings of a TOML file; what it leaves out is as in the lab.

    `[tags]` and `[role.tags]` are added to those of the lab. A workload that does not mention
    `instance_profile` gets the profile of the role. Raises `SettingsError` with all findings of
    the file.
    """
    table = _parse(path, _read(path))
    reader = Reader()
    settings = _completed(reader.table("", Settings, table), table)
    found = [*reader.faults, *without(findings(settings), reader.unread)]
    if found:
        raise SettingsError(path, found)
    return settings


def _completed(settings: Settings, table: dict[str, Any]) -> Settings:
    given = table.get("workloads")
    tables = given if isinstance(given, list) else [{}] * len(settings.workloads)
    workloads = tuple(
        workload
        if isinstance(each, dict) and "instance_profile" in each
        else replace(workload, instance_profile=settings.role.name)
        for workload, each in zip(settings.workloads, tables, strict=True)
    )
    tags = {**lab_tags.SHARED_BY_INSTANCES, **settings.tags}
    role = replace(settings.role, tags={**lab_tags.OF_ROLE, **settings.role.tags})
    return replace(settings, tags=tags, role=role, workloads=workloads)


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, str(path), f"must be a readable file: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        at = _position(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        rule = "must be UTF-8"
        remedy = "save the file as UTF-8"
        raise _unusable(path, content[error.start : error.end], rule, at, remedy) from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    # tomllib reads \r\n as an end of line, but takes it for two characters in a position.
    text = text.replace("\r\n", "\n")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        lines = text.split("\n")
        located = _POSITION.fullmatch(str(error))
        what = located["what"] if located else str(error).partition(" (at end")[0]
        line = int(located["line"]) if located else len(lines)
        column = int(located["column"]) if located else len(lines[-1]) + 1
        rule = f"must be TOML: {what}"
        remedy = "mend the line, or the one before it"
        raise _unusable(path, lines[line - 1], rule, _position(line, column), remedy) from error
    except RecursionError as error:
        raise _unusable(path, str(path), "must not nest so many tables") from error


def _position(line: int, column: int) -> str:
    return f"line {line}, column {column}"


def _unusable(
    path: Path,
    value: object,
    reason: str,
    where: str = "settings file",
    remedy: str = "name another one; an empty file stands for the lab's settings",
) -> SettingsError:
    return SettingsError(path, [Finding(subject=where, value=value, reason=reason, remedy=remedy)])
