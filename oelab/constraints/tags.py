"""What AWS accepts as tags of EC2 instances and IAM roles."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping

from oelab.constraints.text import length
from oelab.findings import Finding

TAGS_PER_RESOURCE = 50

_TAGS = "EC2 User Guide, tag restrictions"
_SYMBOLS = "_.:/=+-@"


def tag_key(where: str, value: str) -> Iterator[Finding]:
    """1 to 128 characters, not starting with `aws:`. Source: EC2 User Guide, tag restrictions.

    EC2 itself would take any character; IAM and Systems Manager, which see the same tags, take
    letters, digits, spaces and `_.:/=+-@`.
    """
    yield from length(where, value, 1, 128, _TAGS)
    yield from _characters(where, value)


def tag_value(where: str, value: str) -> Iterator[Finding]:
    """0 to 256 characters, with the same limits as a key. Source: EC2 User Guide, as above."""
    yield from length(where, value, 0, 256, _TAGS)
    yield from _characters(where, value)


def tags(
    where: str, value: Mapping[str, str], at_most: int = TAGS_PER_RESOURCE
) -> Iterator[Finding]:
    """At most 50 tags a resource, or fewer where others are added. Source: as above."""
    if len(value) > at_most:
        yield Finding(
            subject=where,
            value=len(value),
            reason=f"must hold at most {at_most} tags",
            remedy=f"a resource has {TAGS_PER_RESOURCE} at most, those added to it included",
            source=_TAGS,
        )
    for key, text in value.items():
        yield from tag_key(of_key(where, key), key)
        yield from tag_value(of_key(where, key), text)


def of_key(where: str, key: str) -> str:
    """The path of one key in a table, quoted where TOML would need it: `tags."Patch Group"`."""
    return f"{where}.{key if re.fullmatch(r'[A-Za-z0-9_-]+', key) else json.dumps(key)}"


def _characters(where: str, value: str) -> Iterator[Finding]:
    if value.lower().startswith("aws:"):
        yield Finding(
            subject=where,
            value=value,
            reason="must not start with 'aws:' in any case",
            remedy="AWS keeps that prefix to itself",
            source=_TAGS,
        )
    odd = sorted({char for char in value if not _is_allowed(char)})
    if odd:
        yield Finding(
            subject=where,
            value=value,
            reason=f"must consist of letters, digits, spaces and {' '.join(_SYMBOLS)}",
            remedy=f"leave out {' '.join(map(repr, odd))}",
            source=_TAGS,
        )


def _is_allowed(char: str) -> bool:
    """Unicode letters, numbers and separators: `\\p{L}`, `\\p{N}` and `\\p{Z}` of AWS's pattern."""
    return char in _SYMBOLS or unicodedata.category(char)[0] in "LNZ"
