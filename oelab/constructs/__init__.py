"""The constructs of this library, to be used in any CDK app.

Raises:
    NotInstalledError: the extra `cdk` or Node is missing, or Node is too old.
"""

from oelab.installation import require_cdk

require_cdk()

from oelab.constraints.ssm import ComplianceSeverity as ComplianceSeverity
from oelab.constraints.ssm import SyncCompliance as SyncCompliance
from oelab.constructs.app_checks import InventoryChecks as InventoryChecks
from oelab.constructs.app_checks import synth_or_exit as synth_or_exit
from oelab.constructs.fleet_access import FleetAccess as FleetAccess
from oelab.constructs.inventory_association import InventoryAssociation as InventoryAssociation
from oelab.constructs.inventory_logs import InventoryLogs as InventoryLogs
from oelab.constructs.managed_instance import ManagedInstance as ManagedInstance
from oelab.constructs.managed_instances_role import ManagedInstancesRole as ManagedInstancesRole
from oelab.constructs.systems_manager_endpoints import (
    SystemsManagerEndpoints as SystemsManagerEndpoints,
)
from oelab.constructs.template_validation import TemplateValidation as TemplateValidation
from oelab.constructs.template_validation import ValidationEngine as ValidationEngine
from oelab.constructs.workload_network import WorkloadNetwork as WorkloadNetwork
from oelab.systems_manager.inventory_types import FileRule as FileRule
from oelab.systems_manager.inventory_types import InventoryTypes as InventoryTypes
from oelab.systems_manager.inventory_types import RegistryRule as RegistryRule
from oelab.systems_manager.targets import AllNodes as AllNodes
from oelab.systems_manager.targets import Nodes as Nodes
from oelab.systems_manager.targets import ResourceGroup as ResourceGroup
from oelab.systems_manager.targets import Tags as Tags
