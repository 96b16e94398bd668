"""A stack before and after a change, evaluated so that values which say the same are equal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from oelab.diff.effects import Replacement
from oelab.diff.replacement import create_only
from oelab.environment import Environment
from oelab.template.assembly import Stack, Template
from oelab.template.expression import Expression

Definitions = Mapping[str, Mapping[str, Any]]
"""Resources of a template by logical id, their values evaluated with the parameters' defaults."""


@dataclass(frozen=True)
class StackUpdate:
    """Two versions of a stack, the resources of both, and the create-only properties of those that
    are in both: by logical id, then by the path of the property."""

    base: Stack
    head: Stack
    before: Definitions
    after: Definitions
    create_only: Mapping[str, Mapping[tuple[str, ...], Replacement]]


def update_of(base: Stack, head: Stack) -> StackUpdate:
    """The update from one version of a stack to the other.

    Both are taken for deployed to one environment, which neither may name.
    """
    before, after = create_only(base), create_only(head)
    return StackUpdate(
        base,
        head,
        _compared(base, head),
        _compared(head, base),
        {
            logical_id: before.get(logical_id, {}) | after.get(logical_id, {})
            for logical_id in base.resources.keys() & head.resources.keys()
        },
    )


def definitions(stack: Stack) -> Definitions:
    """The evaluated resources of a stack."""
    return {
        logical_id: _evaluated(Expression(stack, resource.definition))
        for logical_id, resource in stack.resources.items()
    }


def properties(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a resource, by its definition."""
    found: Mapping[str, Any] = definition.get("Properties", {})
    return found


def _evaluated(definition: Expression) -> Mapping[str, Any]:
    found: dict[str, Any] = definition.evaluate(with_defaults=True)
    if "Condition" in found:
        condition = Expression(definition.stack, {"Condition": found["Condition"]})
        found["Condition"] = condition.evaluate(with_defaults=True)
    return found


def _compared(stack: Stack, other: Stack) -> Definitions:
    """The resources, with only those keys of mappings that the other version has as well.

    A stack that asks for a missing key cannot be deployed. So what a new or lost key says was or
    will be asked for by no stack, and a further Region changes nothing in the others.
    """
    others = other.template.get("Mappings", {})
    mappings = {
        name: {key: entry for key, entry in mapping.items() if key in others.get(name, mapping)}
        for name, mapping in stack.template.get("Mappings", {}).items()
    }
    template: Template = {**stack.template, "Mappings": mappings}
    return definitions(replace(stack, template=template, environment=Environment()))
