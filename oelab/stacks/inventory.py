"""The stack OELabInventory: associations, their log bucket, and what existing instances need."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab.constructs import (
    ComplianceSeverity,
    InstanceProfileAttachment,
    InventoryAssociation,
    InventoryLogs,
    InventorySchedule,
    InventoryTargets,
)
from oelab.settings import PROFILE_ATTACHMENT, ExistingInstanceSettings, Settings


class InventoryStack(cdk.Stack):
    """The inventory associations, and where their output goes.

    Where settings ask for it, also the association that attaches the profile of the nodes' role to
    existing instances without any. The role and its profile have the same name.

    The nodes' role belongs to another stack and is known here only by its name.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, **stack: Any
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        inventory, logs = settings.inventory, None
        if inventory.logs.bucket or inventory.logs.create_bucket:
            role_name = settings.role.name_in(self.region)
            logs = InventoryLogs(
                self,
                "Logs",
                bucket=inventory.logs.bucket or None,
                prefix=inventory.logs.prefix or None,
                node_roles=[iam.Role.from_role_name(self, "NodeRole", role_name)],
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
        if settings.existing_instances.attach_profile:
            self._attach_profile(settings.existing_instances, settings.role.name_in(self.region))

    def _attach_profile(self, existing: ExistingInstanceSettings, role_name: str) -> None:
        scope = Construct(self, "ExistingInstances")
        profile = iam.InstanceProfile.from_instance_profile_attributes(
            scope,
            "NodeProfile",
            instance_profile_arn=f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:"
            f"instance-profile/{role_name}",
            role=iam.Role.from_role_name(scope, "NodeRole", role_name),
        )
        InstanceProfileAttachment(
            scope,
            "ProfileAttachment",
            instance_profile=profile,
            targets=InventoryTargets.tags(existing.tags),
            schedule=InventorySchedule.rate(minutes=existing.interval_minutes),
            association_name=PROFILE_ATTACHMENT,
        )
