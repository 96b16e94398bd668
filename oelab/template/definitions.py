"""The resources of a stack with their values evaluated, and those of the stacks nested in it."""

from collections.abc import Mapping
from typing import Any

from oelab.environment import Environment
from oelab.template.app import all_resources
from oelab.template.assembly import Stack
from oelab.template.expression import Expression, Resource

Definitions = Mapping[str, Mapping[str, Any]]
"""Resources by logical id, those of a nested stack after its own, such as `Network/Vpc`."""


def definitions(stack: Stack, environment: Environment | None = None) -> Definitions:
    """The resources with the defaults of the parameters, by default where the app deploys them."""
    return {
        resource.nested_id: _evaluated(resource, environment or stack.environment)
        for resource in all_resources(stack)
    }


def properties(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a resource, by its definition."""
    found: Mapping[str, Any] = definition.get("Properties", {})
    return found


def _evaluated(resource: Resource, environment: Environment) -> Mapping[str, Any]:
    expressions = [Expression(resource.stack, resource.definition), *_conditions(resource)]
    found: dict[str, Any]
    found, *conditions = (
        each.evaluate(with_defaults=True, environment=environment) for each in expressions
    )
    if conditions:
        found["Condition"] = conditions[0] if len(conditions) == 1 else {"Fn::And": conditions}
    return found


def _conditions(resource: Resource) -> list[Expression]:
    """The conditions under which a resource exists: its own, and those of its nested stacks."""
    stack = resource.stack
    own = [Expression(stack, {"Condition": resource.condition})] if resource.condition else []
    if stack.arguments is None:
        return own
    return [*_conditions(Resource(stack.arguments.stack, stack.name)), *own]
