"""Values of tags, ids and addresses, as far as a template gives them."""

import json

from oelab.systems_manager.targets import Opaque, Value
from oelab.systems_manager.tristate import Answer
from oelab.template.expression import Expression, Resource


def value_of(expression: Expression) -> Value:
    """The text of an expression, or an opaque value where only the deployment knows it."""
    text = expression.text()
    if text is not None and "${AWS::" not in text:
        return text
    stack, value = expression.follow()
    return Opaque(stack.path, json.dumps(value, sort_keys=True))


def find_named(name: Expression, resource_type: str, name_property: str) -> Resource | None:
    """The resource that a name or an ARN refers to, or that has it in the same place.

    That is an account, and for all but IAM a Region.
    """
    if found := name.resource(resource_type):
        return found
    wanted = (name.text() or "").rpartition("/")[2]
    here, is_global = name.stack.environment, resource_type.startswith("AWS::IAM::")
    for resource in name.stack.app.of_type(resource_type):
        there = resource.stack.environment
        is_here = there == here or (is_global and there.account == here.account)
        if wanted and is_here and resource.text_of(name_property) == wanted:
            return resource
    return None


def is_true(expression: Expression | None) -> Answer:
    """Whether a switch is on; one that is absent is not."""
    if expression is None:
        return False
    text = expression.text()
    return None if text is None else text == "true"
