"""Raise what is wrong with a construct's properties, all of it at once."""

from collections.abc import Iterable

import aws_cdk as cdk

from oelab.findings import Finding, FindingsError

# How the CDK writes a token into a string. Where it is not to be seen, the CDK itself is asked.
PLACEHOLDER = "${Token["


def require(*checked: Iterable[Finding]) -> None:
    """Raise `FindingsError` with all findings of `checked`, except those whose value is a token.

    What a token stands for is known at deployment only. Values are checked first and tokens looked
    for afterwards, because values are seldom wrong and asking jsii costs a round trip.
    """
    found = [finding for findings in checked for finding in findings]
    found = [finding for finding in found if not _is_token(finding.value)]
    if found:
        raise FindingsError(found)


def text(value: object) -> str | None:
    """The name or id where one is given; a construct in its place brings a valid one."""
    return value if isinstance(value, str) else None


def _is_token(value: object) -> bool:
    if isinstance(value, str):
        if PLACEHOLDER in value:
            return True
        # The one element that stands for a whole list is recognized only within that list.
        return cdk.Token.is_unresolved(value) or cdk.Token.is_unresolved([value])
    return isinstance(value, int | float) and cdk.Token.is_unresolved(value)
