"""What S3 accepts, and what State Manager accepts of it."""

import re
from collections.abc import Iterator

from oelab.constraints.text import length, shape
from oelab.findings import Finding

_BUCKET_NAMES = "S3 User Guide, general purpose bucket naming rules"
_OUTPUT_LOCATION = "Systems Manager API Reference, S3OutputLocation"

_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def bucket_name(where: str, value: str) -> Iterator[Finding]:
    """3 to 63 lower-case letters, digits, dots and hyphens, none of it reserved.

    Source: S3 User Guide, general purpose bucket naming rules.
    """
    yield from length(where, value, 3, 63, _BUCKET_NAMES)
    if not value.strip():
        return
    yield from shape(
        where,
        value,
        r"[a-z0-9.-]+",
        reason="must consist of lower-case letters, digits, dots and hyphens",
        remedy="give the name of the bucket alone, without s3:// or an ARN",
        source=_BUCKET_NAMES,
    )
    yield from shape(
        where,
        value,
        r"[^.-](.*[^.-])?",
        reason="must start and end with a letter or a digit",
        remedy="leave out the dot or hyphen there",
        source=_BUCKET_NAMES,
    )
    yield from _bucket_name_is_free(where, value)


def _bucket_name_is_free(where: str, value: str) -> Iterator[Finding]:
    def fault(reason: str, remedy: str) -> Finding:
        return Finding(
            subject=where, value=value, reason=reason, remedy=remedy, source=_BUCKET_NAMES
        )

    if ".." in value:
        yield fault("must not have two dots in a row", "leave one out")
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", value, re.ASCII):
        yield fault("must not look like an IP address", "give the name of a bucket")
    for prefix in _RESERVED_PREFIXES:
        if value.startswith(prefix):
            yield fault(f"must not start with {prefix!r}", "S3 keeps that prefix to itself")
    for suffix in _RESERVED_SUFFIXES:
        if value.endswith(suffix):
            yield fault(f"must not end with {suffix!r}", "S3 keeps that suffix to itself")


def key_prefix(where: str, value: str) -> Iterator[Finding]:
    """Up to 500 characters, no slash at either end. Source: Systems Manager, S3OutputLocation.

    CloudFormation lets 1024 pass, the API behind it does not. Slashes at the ends would make
    empty folder names, as the agent puts one after the prefix. What stands for other characters in
    a policy would let nodes write elsewhere. Source: IAM User Guide, Resource element.
    """
    yield from length(where, value, 0, 500, _OUTPUT_LOCATION)
    if value.startswith("/") or value.endswith("/"):
        yield Finding(
            subject=where,
            value=value,
            reason="must not start or end with a slash",
            remedy=f"write {value.strip('/')!r}; the agent puts its own slash after it",
            source=_OUTPUT_LOCATION,
        )
    if found := [character for character in "*?$" if character in value]:
        yield Finding(
            subject=where,
            value=value,
            reason="must not hold * ? or $, which stand for others in the policy of the nodes",
            remedy=f"leave out {' '.join(map(repr, found))}",
            source="IAM User Guide, JSON policy elements: Resource",
        )


def expire_days(where: str, value: int) -> Iterator[Finding]:
    """1 day or more. Source: S3 API Reference, LifecycleExpiration."""
    if value < 1:
        yield Finding(
            subject=where,
            value=value,
            reason="must be at least 1",
            remedy="S3 deletes objects by whole days",
            source="S3 API Reference, LifecycleExpiration",
        )
