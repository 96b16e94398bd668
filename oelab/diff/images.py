"""What a deployment does whatever the templates say."""

from collections.abc import Iterator, Mapping

from oelab.diff.assembly import Stack
from oelab.diff.values import MOVING_PARAMETER, references


def moving_images(base: Mapping[str, Stack], head: Mapping[str, Stack]) -> Iterator[str]:
    """A note on the stacks whose instances a newer image replaces at any deployment, if any."""
    moving = [name for name in sorted(base.keys() & head.keys()) if _moves(head[name])]
    if moving:
        yield (
            f"the images of {', '.join(moving)} are what a parameter of Systems Manager holds: "
            "where it holds another than at the last deployment, as it does after each release of "
            "AWS, the next one replaces the instances, whatever this comparison says"
        )


def _moves(stack: Stack) -> bool:
    parameters = {
        name
        for name, parameter in stack.template.get("Parameters", {}).items()
        if parameter["Type"].startswith(MOVING_PARAMETER)
    }
    return any(
        references(stack.properties(logical_id).get("ImageId")) & parameters
        for logical_id in stack.resources
    )
