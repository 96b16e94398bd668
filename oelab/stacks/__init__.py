"""The stacks of the app, and how they stand together."""

from typing import Any

import aws_cdk as cdk

from oelab import tags as lab_tags
from oelab.settings import FOUNDATION_STACK, INVENTORY_STACK, Settings
from oelab.stacks.foundation import FoundationStack
from oelab.stacks.inventory import InventoryStack
from oelab.stacks.workload import WorkloadStack


def define_stacks(app: cdk.App, settings: Settings) -> None:
    """Define every stack of `settings` in `app`.

    Stacks know each other by name: there is no export and no import, and each template stands by
    itself. Only the order of deployment ties them.
    """
    node_role_name = settings.role.name_in(settings.region or cdk.Aws.REGION)
    foundation = FoundationStack(
        app,
        FOUNDATION_STACK,
        description="The role that makes EC2 instances managed nodes, and access for people",
        role=settings.role,
        role_name=node_role_name,
        owner=settings.owner,
        **_common(settings),
    )
    for workload in settings.workloads:
        stack = WorkloadStack(
            app,
            workload.stack_name,
            description=f"Web and app servers of the workload {workload.name}",
            workload=workload,
            settings=settings,
            **_common(settings),
        )
        stack.add_stack_dependency(foundation, "names its instance profile")
    inventory = InventoryStack(
        app,
        INVENTORY_STACK,
        description="The State Manager associations that gather inventory",
        inventory=settings.inventory,
        node_role_name=node_role_name,
        **_common(settings),
    )
    inventory.add_stack_dependency(foundation, "names its role")


def _common(settings: Settings) -> dict[str, Any]:
    return {
        "env": cdk.Environment(account=settings.account or None, region=settings.region or None),
        "tags": {lab_tags.OWNER: settings.owner},
        # The template carries no bootstrap parameter, so anyone can launch it as it is.
        "synthesizer": cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    }
