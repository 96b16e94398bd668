"""The constructs of this library, to be used in any CDK app.

Raises:
    NotInstalledError: the extra `cdk` or Node is missing, or Node is too old.
"""

from oelab.installation import require_cdk

require_cdk()

from oelab.constraints.ssm import ComplianceSeverity, SyncCompliance
from oelab.constructs.app_checks import InventoryChecks, synth_or_exit
from oelab.constructs.fleet_access import FleetAccess
from oelab.constructs.instance_profile_attachment import InstanceProfileAttachment
from oelab.constructs.inventory_association import InventoryAssociation
from oelab.constructs.inventory_logs import InventoryLogs
from oelab.constructs.inventory_schedule import InventorySchedule
from oelab.constructs.inventory_targets import InventoryTargets
from oelab.constructs.managed_instance import ManagedInstance
from oelab.constructs.managed_instances_role import ManagedInstancesRole
from oelab.constructs.systems_manager_endpoints import SystemsManagerEndpoints
from oelab.constructs.template_validation import TemplateValidation
from oelab.constructs.workload_network import WorkloadNetwork
from oelab.systems_manager.inventory_types import FileRule, InventoryTypes, RegistryRule

__all__ = [
    "ComplianceSeverity",
    "FileRule",
    "FleetAccess",
    "InstanceProfileAttachment",
    "InventoryAssociation",
    "InventoryChecks",
    "InventoryLogs",
    "InventorySchedule",
    "InventoryTargets",
    "InventoryTypes",
    "ManagedInstance",
    "ManagedInstancesRole",
    "RegistryRule",
    "SyncCompliance",
    "SystemsManagerEndpoints",
    "TemplateValidation",
    "WorkloadNetwork",
    "synth_or_exit",
]
