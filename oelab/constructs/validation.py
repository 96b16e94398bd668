"""Raise what is wrong with a construct's properties, all of it at once."""

from collections.abc import Iterable

import aws_cdk as cdk

from oelab.findings import Finding, FindingsError

# How the CDK writes a token into a string. Where it is not to be seen, the CDK itself is asked.
PLACEHOLDER = "${Token["


def require(*checked: Iterable[Finding]) -> None:
    """Raise `FindingsError` with every fault of `checked`, but for those whose value is a token.

    What a token stands for is known at deployment only. Rules are asked first and tokens looked
    for afterwards, because values are seldom wrong and asking jsii costs a round trip.
    """
    faults = [fault for rule in checked for fault in rule if not _is_token(fault.value)]
    if faults:
        raise FindingsError(faults)


def _is_token(value: object) -> bool:
    if isinstance(value, str):
        if PLACEHOLDER in value:
            return True
        # The one element that stands for a whole list is told apart only within that list.
        return cdk.Token.is_unresolved(value) or cdk.Token.is_unresolved([value])
    return isinstance(value, int | float) and cdk.Token.is_unresolved(value)
