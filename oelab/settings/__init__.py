"""The settings of the app: frozen values, from TOML or from Python, checked by the same rules."""

from oelab.settings.checks import findings
from oelab.settings.file import SettingsError, load
from oelab.settings.fleet_data import FleetDataSettings
from oelab.settings.inventory import (
    AssociationSettings,
    InventorySettings,
    LogSettings,
    TargetSettings,
)
from oelab.settings.model import (
    FIXED_STACKS,
    FLEET_DATA_STACK,
    FOUNDATION_STACK,
    INVENTORY_STACK,
    InstanceKind,
    RoleSettings,
    Settings,
    WorkloadSettings,
)
from oelab.systems_manager.inventory_types import InventoryTypes

__all__ = [
    "FIXED_STACKS",
    "FLEET_DATA_STACK",
    "FOUNDATION_STACK",
    "INVENTORY_STACK",
    "AssociationSettings",
    "FleetDataSettings",
    "InstanceKind",
    "InventorySettings",
    "InventoryTypes",
    "LogSettings",
    "RoleSettings",
    "Settings",
    "SettingsError",
    "TargetSettings",
    "WorkloadSettings",
    "findings",
    "load",
]
