"""What is collected from the managed nodes."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constructs import (
    ComplianceSeverity,
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
)
from oelab.settings import InventorySettings


class InventoryStack(cdk.Stack):
    """The inventory associations, and where their output goes.

    The nodes' role belongs to another stack and is known here only by its name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        inventory: InventorySettings,
        node_role_name: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        logs = None
        if inventory.logs.bucket or inventory.logs.create_bucket:
            logs = InventoryLogs(
                self,
                "Logs",
                bucket=inventory.logs.bucket or None,
                prefix=inventory.logs.prefix or None,
                node_roles=[iam.Role.from_role_name(self, "NodeRole", node_role_name)],
            )
        # A scope of their own, since people name them and the names must not meet other ids.
        associations = Construct(self, "Associations")
        for association in inventory.associations:
            InventoryAssociation(
                associations,
                association.name,
                association_name=association.name,
                targets=association.targets.as_targets(),
                schedule=InventorySchedule.rate(minutes=association.interval_minutes),
                types=association.types,
                logs=logs,
                compliance_severity=ComplianceSeverity(association.severity),
            )
