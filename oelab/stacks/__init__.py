"""The stacks of the app, and how they stand together."""

from collections.abc import Callable
from typing import Any, TypeVar

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

T = TypeVar("T")


def define_stacks(scope: cdk.Stage, settings: Settings) -> None:
    """Define every stack of `settings` in `scope`, an app or a Stage in one.

    Stacks know each other by name: there is no export and no import, and each template stands by
    itself. Only the order of deployment ties them.

    Of several environments, those of one account are a Stage, since its Regions share a foundation
    and the CDK takes no dependency between Stages. There the path of a stack is such as
    `Account111122223333/eu-west-1/OELabStack1`, while its name is the same in each environment.
    """
    environments = settings.all_environments
    if len(environments) == 1:
        _define_environment(scope, settings, environments[0])
        return
    stages: dict[str, cdk.Stage] = {}
    foundations: dict[str, FoundationStack] = {}
    for environment in environments:
        account = environment.account
        if account not in stages:
            stages[account] = cdk.Stage(scope, f"Account{account}")
        region_scope = Construct(stages[account], environment.region)
        shared = foundations.get(account)
        foundations[account] = _define_environment(region_scope, settings, environment, shared)


def _define_environment(
    scope: Construct,
    settings: Settings,
    environment: EnvironmentSettings,
    foundation: FoundationStack | None = None,
) -> FoundationStack:
    """Define the stacks of one environment, and return the foundation that they depend on.

    That is the given one of another Region where the environment has none.
    """

    def define(kind: Callable[..., T], stack_name: str, description: str, **options: Any) -> T:
        account, region = environment.account or None, environment.region or None
        return kind(
            scope,
            stack_name,
            settings=settings,
            description=description,
            # In a Stage the name would begin with that of the Stage.
            stack_name=stack_name,
            env=cdk.Environment(account=account, region=region),
            tags={lab_tags.OWNER: settings.owner},
            # The template carries no bootstrap parameter, so anyone can launch it as it is.
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
            **options,
        )

    if settings.has_foundation(environment):
        description = "The role that makes EC2 instances managed nodes, and access for people"
        foundation = define(FoundationStack, FOUNDATION_STACK, description)
    assert foundation
    for workload in settings.workloads:
        description = f"Web and app servers of the workload {workload.name}"
        stack = define(WorkloadStack, workload.stack_name, description, workload=workload)
        stack.add_stack_dependency(foundation, "names its instance profile")
    description = "The State Manager associations that gather inventory"
    inventory = define(InventoryStack, INVENTORY_STACK, description)
    inventory.add_stack_dependency(foundation, "names its role")
    if settings.fleet_data.enabled:
        # Its modules of the CDK take long to import.
        from oelab.stacks.fleet_data import FleetDataStack

        description = "The inventory of the whole fleet in one bucket, and Athena's tables over it"
        define(FleetDataStack, FLEET_DATA_STACK, description, environment=environment)
    return foundation
