"""A stack before and after a change, evaluated so that values which say the same are equal."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from oelab.diff.effects import Path, is_described, replacements
from oelab.diff.vocabulary import Replacement
from oelab.environment import Environment
from oelab.template.app import all_resources
from oelab.template.assembly import Stack
from oelab.template.expression import Expression, Resource

Definitions = Mapping[str, Mapping[str, Any]]
"""Resources by logical id, those of a nested stack after its own, such as `Network/Vpc`."""


@dataclass(frozen=True)
class StackUpdate:
    """The resources of a stack before and after a change, and what an update of the properties of
    those that are in both does: by logical id, then by the path of the property."""

    name: str
    before: Definitions
    after: Definitions
    replacements: Mapping[str, Mapping[Path, Replacement]]

    def subject(self, logical_id: str) -> str:
        """How a finding names one of the resources: `Stack/LogicalId`."""
        return f"{self.name}/{logical_id}"


def update_of(base: Stack, head: Stack) -> StackUpdate:
    """The update from one version of a stack to the other.

    Both are taken for deployed to one environment, of which each may name a part.
    """
    places = zip(base.environment, head.environment, strict=True)
    environment = Environment(*(before or after for before, after in places))
    before, after = replacements(base), replacements(head)
    # What is in a nested stack can be compared where both of its templates are known.
    unknown = tuple(
        f"{resource.nested_id}/"
        for side in (base, head)
        for resource in all_resources(side)
        if not is_described(resource)
    )
    old, new = (
        {i: each for i, each in definitions(side, environment).items() if not i.startswith(unknown)}
        for side in (base, head)
    )
    return StackUpdate(
        head.name,
        {i: _with_shared_keys(each, new.get(i)) for i, each in old.items()},
        {i: _with_shared_keys(each, old.get(i)) for i, each in new.items()},
        {i: before.get(i, {}) | after.get(i, {}) for i in sorted(old.keys() & new.keys())},
    )


def _with_shared_keys(value: Any, other: Any) -> Any:
    """A value with only those keys of mappings that the other version of it has as well.

    A stack that asks for a missing key without a default cannot be deployed. So what a new or lost
    key says was or will be asked for by no stack, and a further Region changes nothing in the
    others.
    """
    match value, other:
        case (
            {"Fn::FindInMap": [dict() as mapping, key, second]},
            {"Fn::FindInMap": [dict() as others, _, _]},
        ):
            shared = {name: entry for name, entry in mapping.items() if name in others}
            return {"Fn::FindInMap": [shared, key, second]}
        case dict(), dict():
            return {key: _with_shared_keys(each, other.get(key)) for key, each in value.items()}
        case list(), list() if len(value) == len(other):
            return [*map(_with_shared_keys, value, other)]
    return value


def definitions(stack: Stack, environment: Environment | None = None) -> Definitions:
    """The resources with the defaults of the parameters, by default where the app deploys them."""
    return {
        resource.nested_id: _evaluated(resource, environment) for resource in all_resources(stack)
    }


def properties(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a resource, by its definition."""
    found: Mapping[str, Any] = definition.get("Properties", {})
    return found


def _evaluated(resource: Resource, environment: Environment | None) -> Mapping[str, Any]:
    evaluate = partial(Expression.evaluate, with_defaults=True, environment=environment)
    found: dict[str, Any] = evaluate(Expression(resource.stack, resource.definition))
    conditions = [*map(evaluate, _conditions(resource))]
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
