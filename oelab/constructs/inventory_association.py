"""The State Manager association that gathers inventory."""

from typing import Annotated

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from oelab.constraints import ssm as accepted
from oelab.constraints.inventory import inventory_types
from oelab.constraints.ssm import ComplianceSeverity, SyncCompliance
from oelab.constructs.app_checks import InventoryChecks
from oelab.constructs.arguments import check_arguments
from oelab.constructs.inventory_logs import InventoryLogs
from oelab.constructs.inventory_schedule import InventorySchedule, Schedule
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.inventory_types import InventoryTypes
from oelab.systems_manager.targets import Targets, criteria_of


class InventoryAssociation(Construct):
    """Gathers inventory from managed nodes with the document AWS-GatherSoftwareInventory.

    Only one inventory association works on a node: two explicit ones both fail there, and next to
    an explicit one, one for all nodes is skipped there. `InventoryChecks`, which come with this
    construct, fail the synth of an app where that would happen, or where a node that it reaches
    could not become managed.

    Two properties of AWS::SSM::Association are not offered. `DocumentVersion` makes CloudFormation
    fail on a document that AWS owns. `WaitForSuccessTimeoutSeconds` fails the stack when no node
    is up yet, and makes drift detection wrong; wait for the nodes after the deployment instead.

    Args:
        targets: which nodes, by `InventoryTargets`; there is no default, since reaching all nodes
            is a decision.
        schedule: every 30 minutes where unset, as often as State Manager runs a rate.
        types: what to collect; AWS's quick setup's choice where unset.
        association_name: 3 to 128 letters, digits and _ - . without white space; State Manager
            shows only the id where unset.
        logs: where output goes; nowhere where unset.
        compliance_severity: of a failure.
        sync_compliance: AUTO unless you report compliance of your own.
        max_concurrency: on how many nodes at a time: a number from 1 to 9999999 or a percentage
            from 1% to 100%, as a string.
        max_errors: after how many failures no further node is tried: a number from 0 to 9999999
            or a percentage from 0% to 100%, as a string.

    Raises:
        FindingsError: all that State Manager would refuse. Sources: the registry schema of
            AWS::SSM::Association, the API reference of CreateAssociation, and "Reference: Cron and
            rate expressions for Systems Manager".
    """

    @check_arguments()
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        targets: Annotated[Targets, accepted.targets, "make them by InventoryTargets"],
        schedule: Schedule | None = None,
        types: Annotated[InventoryTypes, inventory_types] | None = None,
        association_name: Annotated[str, accepted.ASSOCIATION_NAME] | None = None,
        logs: InventoryLogs | None = None,
        compliance_severity: Annotated[
            ComplianceSeverity, accepted.COMPLIANCE_SEVERITY
        ] = ComplianceSeverity.UNSPECIFIED,
        sync_compliance: Annotated[SyncCompliance, accepted.SYNC_COMPLIANCE] = SyncCompliance.AUTO,
        max_concurrency: Annotated[str, accepted.MAX_CONCURRENCY] = "100%",
        max_errors: Annotated[str, accepted.MAX_ERRORS] = "100%",
    ) -> None:
        super().__init__(scope, construct_id)
        InventoryChecks.of(self)
        schedule = schedule or InventorySchedule.rate(minutes=30)
        types = types or InventoryTypes()
        # Rate control is always sent: AWS's pages disagree about what it is when left out.
        self.association = ssm.CfnAssociation(
            self,
            "Default",
            name=INVENTORY_DOCUMENT,
            association_name=association_name,
            targets=[
                ssm.CfnAssociation.TargetProperty(key=str(key), values=list(map(str, values)))
                for key, values in criteria_of(targets)
            ],
            parameters=types.parameters(),
            schedule_expression=schedule.expression,
            schedule_offset=schedule.offset_days,
            apply_only_at_cron_interval=None if schedule.offset_days is None else True,
            output_location=logs.output_location if logs else None,
            compliance_severity=compliance_severity,
            sync_compliance=sync_compliance,
            max_concurrency=max_concurrency,
            max_errors=max_errors,
        )
        """The association."""
        if logs and logs.node_access:
            # The first run starts at once, and its output is lost without the permission.
            self.association.node.add_dependency(logs.node_access)
