"""The stacks of the app, and how they stand together."""

from dataclasses import replace
from typing import Any

import aws_cdk as cdk

from oelab import tags as lab_tags
from oelab.settings import (
    FLEET_DATA_STACK,
    FOUNDATION_STACK,
    INVENTORY_STACK,
    Settings,
    WorkloadSettings,
)
from oelab.stacks.foundation import FoundationStack
from oelab.stacks.inventory import InventoryStack
from oelab.stacks.launch_image import LaunchImage
from oelab.stacks.workload import WorkloadStack
from oelab.systems_manager.data_sync_cost import FleetEstimate, types_of


def define_stacks(app: cdk.App, settings: Settings) -> None:
    """Define every stack of `settings` in `app`.

    Stacks know each other by name: there is no export and no import, and each template stands by
    itself. Only the order of deployment ties them.
    """
    image = LaunchImage.of(settings)
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
            workload=_with_profile(workload, settings.role.name, node_role_name),
            image=image,
            instance_tags=settings.tags,
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
    if settings.fleet_data.enabled:
        _define_fleet_data(app, settings)


def _define_fleet_data(app: cdk.App, settings: Settings) -> None:
    # Its modules of the CDK take long to import.
    from oelab.stacks.fleet_data import FleetDataStack, warn_of_cost

    fleet_data, associations = settings.fleet_data, settings.inventory.associations
    stack = FleetDataStack(
        app,
        FLEET_DATA_STACK,
        description="The inventory of the whole fleet in one bucket, and Athena's tables over it",
        fleet_data=fleet_data,
        **_common(settings),
    )
    estimate = FleetEstimate(
        nodes=fleet_data.expected_nodes or sum(each.instances for each in settings.workloads),
        types=max(types_of(each.types) for each in associations),
        interval_minutes=min(each.interval_minutes for each in associations),
    )
    warn_of_cost(stack, estimate, fleet_data.warn_above_usd_a_day)


def _with_profile(workload: WorkloadSettings, role: str, name: str) -> WorkloadSettings:
    """The workload with the profile of the role, if that is the one it has, by its full name."""
    if workload.instance_profile != role:
        return workload
    return replace(workload, instance_profile=name)


def _common(settings: Settings) -> dict[str, Any]:
    return {
        "env": cdk.Environment(account=settings.account or None, region=settings.region or None),
        "tags": {lab_tags.OWNER: settings.owner},
        # The template carries no bootstrap parameter, so anyone can launch it as it is.
        "synthesizer": cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    }
