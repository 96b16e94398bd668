"""Checks settings by what AWS accepts of each value, and by what must hold between them."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from oelab.constraints.kinds import key_path
from oelab.findings import Finding
from oelab.settings.cross_checks import cross_findings
from oelab.settings.model import Settings
from oelab.settings.workload_checks import workload_findings


def findings(settings: Settings) -> tuple[Finding, ...]:
    """All that is wrong with the settings: first with single values, in the order of a file."""
    return (
        *_of_values("", settings),
        *cross_findings(settings),
        *workload_findings(settings),
    )


def _of_values(where: str, value: Any) -> Iterator[Finding]:
    """What the constraints of fields find, at every depth."""
    if isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _of_values(f"{where}[{number}]", each)
    elif is_dataclass(value):
        hints = get_type_hints(type(value), include_extras=True)
        for field in fields(value):
            at, each = key_path(where, field.name), getattr(value, field.name)
            for constraint in getattr(hints[field.name], "__metadata__", ()):
                yield from constraint.findings(at, each)
            yield from _of_values(at, each)
