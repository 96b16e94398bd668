"""Values of tags, ids and addresses, as far as a template gives them."""

import json

from oelab.systems_manager.targets import Opaque, Value
from oelab.systems_manager.tristate import Answer
from oelab.template.expression import Expression


def value_of(expression: Expression) -> Value:
    """The text of an expression, or an opaque value where only the deployment knows it."""
    text = expression.text()
    if text is not None and "${AWS::" not in text:
        return text
    stack, value = expression.follow()
    return Opaque(stack.path, json.dumps(value, sort_keys=True))


def is_true(expression: Expression | None) -> Answer:
    """Whether a switch is on; one that is absent is not."""
    if expression is None:
        return False
    text = expression.text()
    return None if text is None else text == "true"
