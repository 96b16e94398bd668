"""Settings from a TOML file, or one report of all that is wrong with it."""

import tomllib
from collections.abc import Iterable, Mapping
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

    `[tags]` and `[role.tags]` are added to those of the lab. A workload that does not mention
    `instance_profile` gets the profile of the role. Raises `SettingsError` with all findings of
    the file.
    """
    table = _parse(path)
    reader = Reader()
    settings = _completed(reader.read("", Settings, table), table)
    found = [*reader.findings, *without(findings(settings), reader.unread)]
    if found:
        raise SettingsError(path, found)
    return settings


def _completed(settings: Settings, table: Mapping[str, Any]) -> Settings:
    given = table.get("workloads")
    tables = given if isinstance(given, list) else [{}] * len(settings.workloads)
    workloads = tuple(
        workload
        if isinstance(each, dict) and "instance_profile" in each
        else replace(workload, instance_profile=settings.role.name)
        for workload, each in zip(settings.workloads, tables, strict=True)
    )
    role = replace(settings.role, tags={**lab_tags.OF_ROLE, **settings.role.tags})
    tags = {**lab_tags.SHARED_BY_INSTANCES, **settings.tags}
    return replace(settings, tags=tags, role=role, workloads=workloads)


def _parse(path: Path) -> dict[str, Any]:
    try:
        # tomllib reads \r\n as an end of line, but takes it for two characters in a position.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise _unusable(path, f"must be a readable file: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _unusable(path, f"must be UTF-8, which byte {error.start + 1} is not") from error
    except tomllib.TOMLDecodeError as error:
        raise _unusable(path, f"must be TOML: {error}") from error
    except RecursionError as error:
        raise _unusable(path, "must not nest so many tables") from error


def _unusable(path: Path, reason: str) -> SettingsError:
    remedy = "fix it, or name another one; an empty file stands for the lab's settings"
    found = Finding(
        rule="SettingsFile", subject="settings file", value=str(path), reason=reason, remedy=remedy
    )
    return SettingsError(path, [found])
