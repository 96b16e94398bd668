"""The stack OELabFoundation: the role of managed nodes, and the policies of people."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab.constructs import FleetAccess, ManagedInstancesRole
from oelab.settings import Settings


class FoundationStack(cdk.Stack):
    """The role of the managed instances, and what people need who review and operate them."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, **stack: Any
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self.managed_instances_role: ManagedInstancesRole | None = None
        """The role, where it does not exist already."""
        role = settings.role
        if role.create:
            self.managed_instances_role = ManagedInstancesRole(
                self,
                "ManagedInstancesRole",
                role_name=role.name_in(self.region),
                description=role.description,
                restricted_permissions=role.restricted_permissions,
                tags=role.tags,
            )
        access = FleetAccess(self, "FleetAccess", owner=settings.owner)
        cdk.CfnOutput(
            self,
            "ReviewerPolicyArn",
            description="Attach it to the roles of people who review the fleet",
            value=access.reviewer.managed_policy_arn,
        )
        cdk.CfnOutput(
            self,
            "OperatorPolicyArn",
            description="Attach it and the reviewer's to the roles of people who run the inventory",
            value=access.operator.managed_policy_arn,
        )
