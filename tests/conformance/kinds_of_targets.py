"""The kinds of targets as settings and constructs take them: the rows of targets.toml."""

from dataclasses import fields
from typing import Any, get_type_hints

from oelab.constraints.kinds import OrBlank
from oelab.constructs import InventoryTargets
from oelab.settings import TargetSettings
from oelab.settings.from_toml import Reader
from oelab.systems_manager.targets import Targets
from tests.conformance.rows import Row, rows, table

KINDS = rows("targets", "kind")
IN_SETTINGS: list[Row] = [row for row in table("targets", "kind") if "setting" in row]

FACTORIES = [
    name for name, each in vars(InventoryTargets).items() if isinstance(each, staticmethod)
]
SETTINGS = {field.name for field in fields(TargetSettings)}
CONSTRAINTS = {
    each.constraint
    for hint in get_type_hints(TargetSettings, include_extras=True).values()
    for each in getattr(hint, "__metadata__", ())
    if isinstance(each, OrBlank)
}
"""What settings hold the kinds to."""


def by_factory(row: Row, value: Any) -> Targets:
    """The targets as code writes them: a list is the arguments, and true is none."""
    factory = getattr(InventoryTargets, row["factory"])
    arguments = value if isinstance(value, list) else [] if value is True else [value]
    targets: Targets = factory(*arguments)
    return targets


def by_setting(row: Row, value: Any) -> TargetSettings:
    """The targets as a settings file has them."""
    reader = Reader()
    found = reader.read("targets", TargetSettings, {row["setting"]: value})
    assert reader.findings == []
    assert isinstance(found, TargetSettings)
    return found
