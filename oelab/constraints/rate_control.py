"""How fast State Manager goes through the targets of an association.

Source: the registry schema of AWS::SSM::Association, `MaxConcurrency` and `MaxErrors`.
"""

import re
from collections.abc import Iterator

from oelab.findings import Finding

SOURCE = "AWS::SSM::Association schema"

_CONCURRENCY = re.compile(r"[1-9][0-9]{0,6}|[1-9][0-9]?%|100%")
_ERRORS = re.compile(r"0|[1-9][0-9]{0,6}|0%|[1-9][0-9]?%|100%")


def max_concurrency(where: str, value: str) -> Iterator[Finding]:
    """A number from 1 to 9999999 or a percentage from 1% to 100%, as a string. Source: as above."""
    if not _matches(_CONCURRENCY, value):
        yield Finding(
            subject=where,
            value=value,
            reason="must be a number from 1 to 9999999 or a percentage from 1% to 100%, "
            "as a string",
            remedy="write it like '50' or '10%'",
            source=SOURCE,
        )


def max_errors(where: str, value: str) -> Iterator[Finding]:
    """A number from 0 to 9999999 or a percentage from 0% to 100%, as a string. Source: as above."""
    if not _matches(_ERRORS, value):
        yield Finding(
            subject=where,
            value=value,
            reason="must be a number from 0 to 9999999 or a percentage from 0% to 100%, "
            "as a string",
            remedy="write it like '0' or '10%'",
            source=SOURCE,
        )


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
