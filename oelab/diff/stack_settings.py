"""What a change does beside the resources of a stack, in words."""

from collections.abc import Iterator
from typing import Any

from oelab.diff.assembly import Stack
from oelab.diff.values import is_function, text


def beside_the_resources(base: Stack, head: Stack) -> Iterator[str]:
    """Each difference in a line: protection, tags, environment, order of work, and the sections."""
    if base.termination_protection != head.termination_protection:
        yield f"termination protection {'on' if head.termination_protection else 'off'}"
    for key in sorted(base.tags.keys() | head.tags.keys()):
        yield from _difference(f"stack tag {key}", base.tags.get(key), head.tags.get(key))
    yield from _difference("environment", base.environment or None, head.environment or None)
    for logical_id in sorted(base.resources.keys() & head.resources.keys()):
        orders = (side.resources[logical_id].get("DependsOn") for side in (base, head))
        yield from _difference(f"{logical_id}.DependsOn", *orders)
    before, after = _sections(base, head), _sections(head, base)
    for section in sorted(before.keys() | after.keys()):
        yield from _difference(section, before.get(section), after.get(section))


def _sections(stack: Stack, other: Stack) -> dict[str, Any]:
    """A template but its resources; a parameter that the other lacks is its default alone."""
    there = other.template.get("Parameters", {})
    parameters = {
        name: definition if name in there else definition.get("Default", definition["Type"])
        for name, definition in stack.template.get("Parameters", {}).items()
    }
    return {
        section: parameters if section == "Parameters" else content
        for section, content in stack.template.items()
        if section != "Resources"
    }


def _difference(what: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    old, new = ({} if value is None else value for value in (before, after))
    if _is_table(old) and _is_table(new):
        for key in sorted(old.keys() | new.keys()):
            yield from _difference(f"{what}.{key}", old.get(key), new.get(key))
    elif before is None:
        yield f"{what} added: {text(after)}"
    elif after is None:
        yield f"{what} removed, it was {text(before)}"
    else:
        yield f"{what} from {text(before)} to {text(after)}"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and not is_function(value)
