"""What CloudFormation accepts."""

from collections.abc import Iterator

from oelab.constraints.text import length, shape
from oelab.findings import Finding

RESOURCES_PER_STACK = 500
"""Source: CloudFormation User Guide, quotas."""

_CREATE_STACK = "CloudFormation API Reference, CreateStack"


def stack_name(where: str, value: str) -> Iterator[Finding]:
    """A letter and up to 127 letters, digits or hyphens. Source: CloudFormation, CreateStack."""
    yield from length(where, value, 1, 128, _CREATE_STACK)
    if value.strip():
        yield from shape(
            where,
            value,
            r"[A-Za-z][A-Za-z0-9-]*",
            reason="must consist of letters, digits and hyphens and start with a letter",
            remedy="leave out all else, white space and underscores too",
            source=_CREATE_STACK,
        )
