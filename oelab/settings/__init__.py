"""The settings of the app: frozen values, from TOML or from Python, checked by the same rules."""

from oelab.settings.checks import findings as findings
from oelab.settings.existing_instances import PROFILE_ATTACHMENT as PROFILE_ATTACHMENT
from oelab.settings.existing_instances import ExistingInstanceSettings as ExistingInstanceSettings
from oelab.settings.file import SettingsError as SettingsError
from oelab.settings.file import load as load
from oelab.settings.fleet_data import FleetDataSettings as FleetDataSettings
from oelab.settings.inventory import AssociationSettings as AssociationSettings
from oelab.settings.inventory import InventorySettings as InventorySettings
from oelab.settings.inventory import LogSettings as LogSettings
from oelab.settings.inventory import TargetSettings as TargetSettings
from oelab.settings.model import FIXED_STACKS as FIXED_STACKS
from oelab.settings.model import FLEET_DATA_STACK as FLEET_DATA_STACK
from oelab.settings.model import FOUNDATION_STACK as FOUNDATION_STACK
from oelab.settings.model import INVENTORY_STACK as INVENTORY_STACK
from oelab.settings.model import EnvironmentSettings as EnvironmentSettings
from oelab.settings.model import InstanceKind as InstanceKind
from oelab.settings.model import RoleSettings as RoleSettings
from oelab.settings.model import Settings as Settings
from oelab.settings.model import WorkloadSettings as WorkloadSettings
from oelab.systems_manager.inventory_types import InventoryTypes as InventoryTypes
