"""Reads a settings file, or raises one report of all that is wrong with it."""

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


class SettingsError(FindingsError):
    """A settings file that cannot be used: its text is the whole report."""

    def __init__(self, path: Path, found: Iterable[Finding]) -> None:
        super().__init__(found)
        self.path = path

    def __str__(self) -> str:
        count = len(self.findings)
        head = f"{self.path}: {count} fault{'' if count == 1 else 's'}"
        return "\n".join([head, *(f"  {finding}" for finding in self.findings)])


def load(path: Path) -> Settings:
    """The settings of a TOML file; what it leaves out is as in the lab.

    `[tags]` and `[role.tags]` are added to those of the lab. Raises `SettingsError` with all
    findings of the file.
    """
    reader = Reader()
    given: Settings = reader.read("", Settings, _parse(path))
    role = replace(given.role, tags={**lab_tags.OF_ROLE, **given.role.tags})
    settings = replace(given, role=role, tags={**lab_tags.SHARED_BY_INSTANCES, **given.tags})
    found = [*reader.findings, *without(findings(settings), reader.unread)]
    if found:
        raise SettingsError(path, found)
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        # tomllib reads \r\n as an end of line, but takes it for two characters in a position.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise _unusable(path, f"must be a readable file: {error.strerror}") from error
    except ValueError as error:
        raise _unusable(path, f"must be TOML in UTF-8: {error}") from error
    except RecursionError as error:
        raise _unusable(path, "must not nest so many tables") from error


def _unusable(path: Path, reason: str) -> SettingsError:
    remedy = "fix it, or name another one; an empty file stands for the lab's settings"
    found = Finding("SettingsFile", "settings file", reason, remedy, str(path))
    return SettingsError(path, [found])
