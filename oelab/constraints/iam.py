"""What IAM accepts."""

from collections.abc import Iterator

from oelab.constraints.text import length, shape
from oelab.findings import Finding

_CREATE_ROLE = "IAM API Reference, CreateRole"
_CREATE_INSTANCE_PROFILE = "IAM API Reference, CreateInstanceProfile"
_ACCOUNT_ID = "AWS Account Management, account identifiers"

ROLE_NAME_LENGTH = 64


def account_id(where: str, value: str) -> Iterator[Finding]:
    """12 digits, leading zeros included. Source: AWS Account Management, account identifiers."""
    yield from shape(
        where,
        value,
        r"\d{12}",
        reason="must be an account id of 12 digits",
        remedy="write it in quotes, with its leading zeros and without hyphens",
        source=_ACCOUNT_ID,
    )


def role_name(where: str, value: str) -> Iterator[Finding]:
    """1 to 64 of the characters of IAM names. Source: IAM API, CreateRole, RoleName."""
    yield from _name(where, value, at_most=ROLE_NAME_LENGTH, source=_CREATE_ROLE)


def role_description(where: str, value: str) -> Iterator[Finding]:
    """Up to 1000 Latin-1 characters. Source: IAM API, CreateRole, Description."""
    yield from length(where, value, 0, 1000, source=_CREATE_ROLE)
    yield from shape(
        where,
        value,
        r"[\t\n\r\x20-\x7e\xa1-\xff]*",
        reason="must consist of Latin-1 characters",
        remedy="leave out dashes, quotes and letters that Latin-1 does not know",
        source=_CREATE_ROLE,
    )


def instance_profile_name(where: str, value: str) -> Iterator[Finding]:
    """1 to 128 of the characters of IAM names. Source: IAM API, CreateInstanceProfile."""
    if value.startswith("arn:"):
        yield Finding(
            subject=where,
            value=value,
            reason="must be the name of an instance profile and not its ARN",
            remedy=f"give {value.rpartition('/')[2]!r}, the part after the last slash",
            source=_CREATE_INSTANCE_PROFILE,
        )
        return
    yield from _name(where, value, at_most=128, source=_CREATE_INSTANCE_PROFILE)


def _name(where: str, value: str, *, at_most: int, source: str) -> Iterator[Finding]:
    yield from length(where, value, 1, at_most, source)
    if value.strip():
        yield from shape(
            where,
            value,
            r"[\w+=,.@-]+",
            reason="must consist of letters, digits and _ + = , . @ -",
            remedy="leave out all else, white space too",
            source=source,
        )
