"""A report as a JSON document."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum, IntEnum
from typing import Any

from oelab.findings import Finding

_FINDING = ("rule", "severity", "subject", "reason", "remedy", "source")


def to_json(report: Any) -> str:
    """A report, or any other dataclass, as an indented JSON object."""
    return json.dumps(_plain(report), indent=2)


def _plain(value: Any) -> Any:
    """Dataclasses as objects with their fields, enums by their names or texts."""
    if isinstance(value, Finding):
        return {name: str(getattr(value, name)) for name in _FINDING}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, IntEnum) else value.value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
