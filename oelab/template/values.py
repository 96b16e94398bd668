"""Compare the values of tags, ids and names, as far as a template gives them."""

import json
from dataclasses import dataclass, field

from oelab.systems_manager.tristate import Answer
from oelab.template.expression import Expression


@dataclass(frozen=True)
class Value:
    """A text, or an expression whose text only the deployment knows.

    Two equal expressions of one stack have one `identity`, so they are known to be equal even
    where their text is unknown.
    """

    text: str | None
    identity: tuple[str, str] = field(default=("", ""))

    def __str__(self) -> str:
        return self.identity[1] if self.text is None else self.text


def value_of(expression: Expression) -> Value:
    """The value of an expression."""
    text = expression.text()
    if text is not None and "${AWS::" not in text:
        return Value(text)
    stack, value = expression.follow()
    return Value(None, (stack.path, json.dumps(value, sort_keys=True)))


def equal(one: Value, other: Value) -> Answer:
    """Whether two values are the same, None where only the deployment knows."""
    if one == other:
        return True
    return None if one.text is None or other.text is None else False
