"""The stacks of the app, and how they stand together."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab import tags as lab_tags
from oelab.settings import (
    FLEET_DATA_STACK,
    FOUNDATION_STACK,
    INVENTORY_STACK,
    EnvironmentSettings,
    Settings,
)
from oelab.stacks.foundation import FoundationStack
from oelab.stacks.inventory import InventoryStack
from oelab.stacks.workload import WorkloadStack
from oelab.systems_manager.data_sync_cost import FleetEstimate, types_of


def define_stacks(app: cdk.App, settings: Settings) -> None:
    """Define every stack of `settings` in `app`.

    Stacks know each other by name: there is no export and no import, and each template stands by
    itself. Only the order of deployment ties them.

    Of several environments, those of one account are a Stage, since its Regions share a foundation
    and the CDK takes no dependency between Stages. There the path of a stack is such as
    `Account111122223333/eu-west-1/OELabStack1`, while its name is the same in each environment.
    """
    environments = settings.all_environments
    if len(environments) == 1:
        _define_environment(app, settings, environments[0])
        return
    stages: dict[str, cdk.Stage] = {}
    foundations: dict[str, FoundationStack] = {}
    for environment in environments:
        account = environment.account
        if account not in stages:
            stages[account] = cdk.Stage(app, f"Account{account}")
        scope = Construct(stages[account], environment.region)
        shared = foundations.get(account)
        foundations[account] = _define_environment(scope, settings, environment, shared)


def _define_environment(
    scope: Construct,
    settings: Settings,
    environment: EnvironmentSettings,
    foundation: FoundationStack | None = None,
) -> FoundationStack:
    """Define the stacks of one environment, and return the foundation that they depend on.

    That is the given one of another Region where the environment has none.
    """
    node_role_name = settings.role.name_in(environment.region or cdk.Aws.REGION)
    if settings.has_foundation(environment):
        foundation = FoundationStack(
            scope,
            FOUNDATION_STACK,
            description="The role that makes EC2 instances managed nodes, and access for people",
            role=settings.role,
            role_name=node_role_name,
            owner=settings.owner,
            **_common(settings, environment, FOUNDATION_STACK),
        )
    assert foundation
    for workload in settings.workloads:
        stack = WorkloadStack(
            scope,
            workload.stack_name,
            description=f"Web and app servers of the workload {workload.name}",
            workload=workload,
            settings=settings,
            **_common(settings, environment, workload.stack_name),
        )
        stack.add_stack_dependency(foundation, "names its instance profile")
    inventory = InventoryStack(
        scope,
        INVENTORY_STACK,
        description="The State Manager associations that gather inventory",
        inventory=settings.inventory,
        existing_instances=settings.existing_instances,
        node_role_name=node_role_name,
        **_common(settings, environment, INVENTORY_STACK),
    )
    inventory.add_stack_dependency(foundation, "names its role")
    if settings.fleet_data.enabled:
        _define_fleet_data(scope, settings, environment)
    return foundation


def _define_fleet_data(
    scope: Construct, settings: Settings, environment: EnvironmentSettings
) -> None:
    # Its modules of the CDK take long to import.
    from oelab.stacks.fleet_data import FleetDataStack, warn_of_cost

    fleet_data, associations = settings.fleet_data, settings.inventory.associations
    stack = FleetDataStack(
        scope,
        FLEET_DATA_STACK,
        description="The inventory of the whole fleet in one bucket, and Athena's tables over it",
        fleet_data=settings.fleet_data_in(environment),
        bucket_name=settings.fleet_bucket_name,
        **_common(settings, environment, FLEET_DATA_STACK),
    )
    estimate = FleetEstimate(
        nodes=fleet_data.expected_nodes or sum(each.instances for each in settings.workloads),
        types=max(types_of(each.types) for each in associations),
        interval_minutes=min(each.interval_minutes for each in associations),
    )
    warn_of_cost(stack, estimate, fleet_data.warn_above_usd_a_day)


def _common(
    settings: Settings, environment: EnvironmentSettings, stack_name: str
) -> dict[str, Any]:
    account, region = environment.account or None, environment.region or None
    return {
        # In a Stage the name would begin with that of the Stage.
        "stack_name": stack_name,
        "env": cdk.Environment(account=account, region=region),
        "tags": {lab_tags.OWNER: settings.owner},
        # The template carries no bootstrap parameter, so anyone can launch it as it is.
        "synthesizer": cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    }
