"""What a change does in addition to the resources of a stack, in a line each."""

from collections.abc import Iterator
from typing import Any

from oelab.template.assembly import Stack
from oelab.template.expression import Expression
from oelab.template.intrinsics import format_value, function_of


def compare_settings(base: Stack, head: Stack) -> Iterator[str]:
    """The changes of protection, tags, environment, order of work, and sections of the template."""
    if base.termination_protection != head.termination_protection:
        yield f"termination protection {'on' if head.termination_protection else 'off'}"
    yield from _difference("stack tag", {**base.tags}, {**head.tags}, separator=" ")
    yield from _difference("environment", str(base.environment), str(head.environment))
    for logical_id in sorted(base.resources.keys() & head.resources.keys()):
        before, after = (side.resources[logical_id].definition for side in (base, head))
        order = "DependsOn"
        yield from _difference(f"{logical_id}.{order}", before.get(order), after.get(order))
    for section in sorted((base.template.keys() | head.template.keys()) - {"Resources"}):
        old, new = (
            Expression(side, side.template.get(section)).evaluate()
            if section == "Outputs"
            else side.template.get(section)
            for side in (base, head)
        )
        yield from _difference(section, old, new)


def _difference(what: str, before: Any, after: Any, separator: str = ".") -> Iterator[str]:
    if before == after:
        return
    old, new = (value or {} for value in (before, after))
    if _is_table(old) and _is_table(new):
        for key in sorted(old.keys() | new.keys()):
            yield from _difference(f"{what}{separator}{key}", old.get(key), new.get(key))
    elif before in (None, ""):
        yield f"{what} added: {format_value(after)}"
    elif after in (None, ""):
        yield f"{what} removed, it was {format_value(before)}"
    else:
        yield f"{what} from {format_value(before)} to {format_value(after)}"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and not function_of(value)
