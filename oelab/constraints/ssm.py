"""What Systems Manager accepts of an association."""

from collections.abc import Iterator, Mapping, Sequence

from oelab.constraints.tags import of_key, tag_key, tag_value
from oelab.constraints.text import length, shape
from oelab.findings import Finding

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED")

_ASSOCIATION = "CloudFormation schema of AWS::SSM::Association"
_INSTANCE_ID = "Systems Manager API Reference, InstanceId"
_GROUPS = "Resource Groups API Reference, CreateGroup"

_TARGETS = 5
_VALUES = 50
_TAG_KEY = 128 - len("tag:")


def association_name(where: str, value: str) -> Iterator[Finding]:
    """`^[a-zA-Z0-9_\\-.]{3,128}$`. Source: CloudFormation schema of AWS::SSM::Association."""
    yield from length(where, value, 3, 128, _ASSOCIATION)
    if not value.strip():
        return
    if any(char.isspace() for char in value):
        yield Finding(
            subject=where,
            value=value,
            reason="must not contain white space",
            remedy=f"write {'-'.join(value.split())!r}",
            source=_ASSOCIATION,
        )
        return
    yield from shape(
        where,
        value,
        r"[\w.-]+",
        reason="must consist of letters, digits and _ - .",
        remedy="leave out all else",
        source=_ASSOCIATION,
    )


def compliance_severity(where: str, value: str) -> Iterator[Finding]:
    """One of `SEVERITIES`. Source: CloudFormation schema of AWS::SSM::Association."""
    if value not in SEVERITIES:
        meant = value.strip().upper()
        yield Finding(
            subject=where,
            value=value,
            reason=f"must be one of {', '.join(SEVERITIES)}",
            remedy=f"write {meant!r}" if meant in SEVERITIES else "choose one of them",
            source=_ASSOCIATION,
        )


def sync_compliance(where: str, value: str) -> Iterator[Finding]:
    """AUTO or MANUAL. Source: CloudFormation schema of AWS::SSM::Association."""
    if value not in ("AUTO", "MANUAL"):
        yield Finding(
            subject=where,
            value=value,
            reason="must be AUTO or MANUAL",
            remedy="take AUTO unless you report compliance by PutComplianceItems yourself",
            source=_ASSOCIATION,
        )


def target_tags(where: str, value: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """1 to 5 keys, each with 1 to 50 values.

    A key has 124 characters at most, as the schema gives 128 to the key with its `tag:` in front.
    It has no `+`, which a tag may have and a target may not.
    Sources: CloudFormation schema of AWS::SSM::Association, Target; Systems Manager API, Target.
    """
    yield from _count(where, value, "tag key", _TARGETS)
    for key, values in value.items():
        at = of_key(where, key)
        yield from tag_key(at, key)
        if _TAG_KEY < len(key) <= _TAG_KEY + len("tag:"):
            yield Finding(
                subject=at,
                value=key,
                reason=f"must have at most {_TAG_KEY} characters as the key of a target",
                remedy="'tag:' goes in front of it and the two share 128",
                source=_ASSOCIATION,
            )
        if "+" in key:
            yield Finding(
                subject=at,
                value=key,
                reason="must have no '+' as the key of a target",
                remedy="choose nodes by another tag",
                source="Systems Manager API, Target",
            )
        yield from _count(at, values, "value", _VALUES)
        for number, text in enumerate(values):
            yield from tag_value(f"{at}[{number}]", text)


def instance_ids(where: str, value: Sequence[str]) -> Iterator[Finding]:
    """1 to 50 ids of EC2 instances or hybrid nodes.

    Source: CloudFormation schema of AWS::SSM::Association, Target; Systems Manager API, InstanceId.
    """
    yield from _count(where, value, "id", _VALUES)
    for number, text in enumerate(value):
        yield from instance_id(f"{where}[{number}]", text)


def instance_id(where: str, value: str) -> Iterator[Finding]:
    """`i-` with 8 or 17 digits, or `mi-` with 17. Source: Systems Manager API, InstanceId."""
    everything = "to target every node say all nodes instead of naming ids"
    yield from shape(
        where,
        value,
        r"i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17}",
        reason="must be an instance id such as 'i-0123456789abcdef0' or 'mi-0123456789abcdef0'",
        remedy=everything if value == "*" else "copy it from the instance",
        source=_INSTANCE_ID,
    )


def resource_group_name(where: str, value: str) -> Iterator[Finding]:
    """1 to 300 letters, digits and `_.-`. Source: Resource Groups API, CreateGroup, Name.

    Names that start with AWS can be targeted, though only AWS creates them.
    """
    yield from length(where, value, 1, 300, _GROUPS)
    if value.strip():
        yield from shape(
            where,
            value,
            r"[\w.-]+",
            reason="must be the name of a resource group: letters, digits and _ . -",
            remedy="give the name alone and not its ARN",
            source=_GROUPS,
        )


def _count(
    where: str, value: Sequence[str] | Mapping[str, object], noun: str, at_most: int
) -> Iterator[Finding]:
    if not 1 <= len(value) <= at_most:
        yield Finding(
            subject=where,
            value=f"{len(value)} {noun}s" if value else "none",
            reason=f"must hold 1 to {at_most} {noun}s",
            remedy="spread them over several associations" if value else f"name a {noun}",
            source=_ASSOCIATION,
        )
