"""What every workload stands on."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab.constructs import ManagedInstancesRole
from oelab.settings import RoleSettings


class FoundationStack(cdk.Stack):
    """The role and instance profile of the managed instances."""

    def __init__(
        self, scope: Construct, construct_id: str, *, role: RoleSettings, **stack: Any
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        ManagedInstancesRole(
            self,
            "ManagedInstancesRole",
            role_name=role.name,
            description=role.description,
            restricted_permissions=role.restricted_permissions,
            tags=role.tags,
        )
