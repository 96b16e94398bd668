"""The two shapes that most rules have: a length and a set of allowed characters."""

import re
from collections.abc import Iterator

from oelab.findings import Finding


def length(where: str, value: str, at_least: int, at_most: int, source: str) -> Iterator[Finding]:
    """Between `at_least` and `at_most` characters, of which not all are white space."""
    if at_least and not value.strip():
        yield Finding(
            subject=where,
            value=value,
            reason="must not be blank",
            remedy=f"give it {at_least} to {at_most} characters",
            source=source,
        )
    elif not at_least <= len(value) <= at_most:
        yield Finding(
            subject=where,
            value=value,
            reason=f"must have {at_least} to {at_most} characters",
            remedy=f"it has {len(value)}",
            source=source,
        )


def shape(
    where: str, value: str, pattern: str, reason: str, remedy: str, source: str
) -> Iterator[Finding]:
    """The whole value matches `pattern`, in which classes such as `\\w` are ASCII."""
    if not re.fullmatch(pattern, value, re.ASCII):
        yield Finding(subject=where, value=value, reason=reason, remedy=remedy, source=source)
