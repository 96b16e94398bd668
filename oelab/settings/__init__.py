"""The settings of the app: frozen values in, from TOML or from Python."""

from oelab.settings.inventory import (
    AssociationSettings,
    FileRule,
    InventorySettings,
    LogSettings,
    RegistryRule,
    TargetSettings,
    TypeSettings,
)
from oelab.settings.model import (
    FOUNDATION_STACK,
    INVENTORY_STACK,
    RoleSettings,
    Settings,
    WorkloadSettings,
)

__all__ = [
    "FOUNDATION_STACK",
    "INVENTORY_STACK",
    "AssociationSettings",
    "FileRule",
    "InventorySettings",
    "LogSettings",
    "RegistryRule",
    "RoleSettings",
    "Settings",
    "TargetSettings",
    "TypeSettings",
    "WorkloadSettings",
]
