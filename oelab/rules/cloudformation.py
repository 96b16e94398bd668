"""What CloudFormation accepts."""

from collections.abc import Iterator

from oelab.rules.fault import Fault
from oelab.rules.text import length, shape

RESOURCES_PER_STACK = 500
"""Source: CloudFormation User Guide, quotas."""

_CREATE_STACK = "CloudFormation API Reference, CreateStack"


def stack_name(where: str, value: str) -> Iterator[Fault]:
    """A letter and up to 127 letters, digits or hyphens. Source: CloudFormation, CreateStack."""
    yield from length(where, value, 1, 128, _CREATE_STACK)
    if value.strip():
        yield from shape(
            where,
            value,
            r"[A-Za-z][A-Za-z0-9-]*",
            rule="must consist of letters, digits and hyphens and start with a letter",
            remedy="leave out all else, white space and underscores too",
            source=_CREATE_STACK,
        )
