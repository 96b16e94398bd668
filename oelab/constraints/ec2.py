"""What EC2 accepts of an instance and the place it runs in."""

from collections.abc import Iterator, Sequence

from oelab.constraints.text import length, shape
from oelab.findings import Finding

_REGIONS = "EC2 User Guide, Regions and Zones"
_INSTANCE_TYPES = "EC2 User Guide, instance type names"
_IDS = "EC2 User Guide, resource ids"
_KEY_PAIR = "EC2 API Reference, CreateKeyPair"
_SETUP = "Systems Manager User Guide, setting up managed nodes"
_AT_LAUNCH = "EC2 User Guide, run commands at launch"
_INTERFACE = "VPC User Guide, quotas"

_USER_DATA_LIMIT = 16 * 1024

_HEX = r"([0-9a-f]{8}|[0-9a-f]{17})"
_DIRECTION = "(north|south|central|((north|south)?(east|west)))"
_REGION = rf"[a-z]{{2,4}}(-[a-z]+)?-{_DIRECTION}-[1-9]\d?"
_SIZE = r"(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)"


def region_name(where: str, value: str) -> Iterator[Finding]:
    """The shape of a Region's code, of any partition. Source: EC2 User Guide, Regions and Zones.

    Whether the Region exists is not asked: a list would age with each new one.
    """
    yield from shape(
        where,
        value,
        _REGION,
        reason="must be the code of a Region",
        remedy="write it as in 'us-east-1'",
        source=_REGIONS,
    )


def availability_zone(where: str, value: str) -> Iterator[Finding]:
    """A Region and a letter, or a Local or Wavelength Zone. Source: EC2 User Guide, as above."""
    yield from shape(
        where,
        value,
        rf"{_REGION}([a-z]|(-[a-z0-9]+)+-[1-9]\d?[a-z]?)",
        reason="must be the name of an Availability Zone",
        remedy="write it as in 'us-east-1a', and not the id of the zone as in 'use1-az1'",
        source=_REGIONS,
    )


def instance_type(where: str, value: str) -> Iterator[Finding]:
    """A family and a size. Source: EC2 User Guide, instance type names."""
    yield from shape(
        where,
        value,
        rf"[a-z][a-z0-9]*(-[a-z0-9]+)*\.{_SIZE}",
        reason="must be an instance type, a family and a size",
        remedy="write it as in 't3.micro'",
        source=_INSTANCE_TYPES,
    )


def image(where: str, value: str) -> Iterator[Finding]:
    """An AMI id, or the path of a public parameter. Source: EC2 User Guide, find an AMI."""
    yield from shape(
        where,
        value,
        rf"ami-{_HEX}|(/[\w.-]+)+",
        reason="must be an AMI id or the path of a public parameter",
        remedy="write it as in 'ami-0123456789abcdef0' or "
        "'/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'",
        source="EC2 User Guide, find an AMI",
    )


def image_id(where: str, value: str) -> Iterator[Finding]:
    """`ami-` with 8 or 17 hexadecimal digits. Source: EC2 User Guide, resource ids."""
    yield from _id(where, value, "ami", "an Amazon Machine Image")


def root_device_name(where: str, value: str) -> Iterator[Finding]:
    """A device below `/dev`. Source: EC2 User Guide, device names for volumes."""
    yield from shape(
        where,
        value,
        r"/dev/[a-z0-9]{2,}",
        reason="must be a device name",
        remedy="write the name that the image gives its root volume, as in '/dev/xvda'",
        source="EC2 User Guide, device names for volumes",
    )


def subnet_id(where: str, value: str) -> Iterator[Finding]:
    """`subnet-` with 8 or 17 hexadecimal digits. Source: EC2 User Guide, resource ids."""
    yield from _id(where, value, "subnet", "a subnet")


def security_group_id(where: str, value: str) -> Iterator[Finding]:
    """`sg-` with 8 or 17 hexadecimal digits. Source: EC2 User Guide, resource ids."""
    yield from _id(where, value, "sg", "a security group")


def security_groups(where: str, value: Sequence[object]) -> Iterator[Finding]:
    """1 to 16 groups, or their ids. Source: VPC User Guide, quotas."""
    if not 1 <= len(value) <= 16:
        yield Finding(
            subject=where,
            value=f"{len(value)} groups",
            reason="must hold 1 to 16 security groups",
            remedy="an interface takes 5, and 16 after a quota increase",
            source=_INTERFACE,
        )
    for number, group in enumerate(value):
        if isinstance(group, str):
            yield from security_group_id(f"{where}[{number}]", group)


def key_name(where: str, value: str) -> Iterator[Finding]:
    """1 to 255 ASCII characters. Source: EC2 API, CreateKeyPair, KeyName."""
    yield from length(where, value, 1, 255, _KEY_PAIR)
    yield from shape(
        where,
        value,
        r"[\x20-\x7e]*",
        reason="must consist of printable ASCII characters",
        remedy="give the name of the key pair as EC2 lists it",
        source=_KEY_PAIR,
    )


def user_data(where: str, value: object) -> Iterator[Finding]:
    """Text of at most 16 KB as UTF-8. Source: EC2 User Guide, run commands at launch."""
    if not isinstance(value, str):
        yield Finding(
            subject=where,
            value=type(value).__name__,
            reason="must be text",
            remedy="give what `render()` of a UserData returns",
            source=_AT_LAUNCH,
        )
    elif (size := len(value.encode(errors="replace"))) > _USER_DATA_LIMIT:
        yield Finding(
            subject=where,
            value=f"{size} bytes",
            reason=f"must have at most {_USER_DATA_LIMIT} bytes",
            remedy="let it fetch from S3 what is longer",
            source=_AT_LAUNCH,
        )


def _id(where: str, value: str, prefix: str, noun: str) -> Iterator[Finding]:
    yield from shape(
        where,
        value,
        f"{prefix}-{_HEX}",
        reason=f"must be the id of {noun}",
        remedy=f"write it as in '{prefix}-0123456789abcdef0'",
        source=_IDS,
    )


def managed_node_egress(where: str, value: Sequence[int]) -> Iterator[Finding]:
    """TCP ports from 1 to 65535, 443 among them.

    Source: Systems Manager user guide, setting up managed nodes: the agent calls out over HTTPS.
    """
    if 443 not in value:
        yield Finding(
            subject=where,
            value=value,
            reason="must contain 443",
            remedy="add it; without HTTPS no node reaches Systems Manager",
            source=_SETUP,
        )
    for port in value:
        if not 1 <= port <= 65535:
            yield Finding(
                subject=where,
                value=port,
                reason="must hold ports from 1 to 65535",
                remedy="write (443,) for HTTPS alone",
                source=_SETUP,
            )
