"""Address ranges: what security groups, VPCs and subnets accept."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from oelab.findings import Finding

_CIDR = "VPC User Guide, IP addressing"
_EXAMPLE = "write it as in '10.0.0.0/16'"
_VPC_CIDR = "VPC User Guide, VPC CIDR blocks"
_SUBNET_CIDR = "VPC User Guide, subnet CIDR blocks"

_ADDRESSES_KEPT_BY_AWS = 5


def cidr(where: str, value: str) -> Iterator[Finding]:
    """An IPv4 range without host bits. Source: VPC User Guide, IP addressing.

    An IPv6 range is refused because the networks here have IPv4 addresses alone, where a rule for
    IPv6 would silently do nothing.
    """
    yield from _range(where, value, _notation(value))


def _range(where: str, value: str, notation: str) -> Iterator[Finding]:
    network = _network(value)
    if network is None:
        yield Finding(
            subject=where,
            value=value,
            reason="must be an address range in CIDR notation",
            remedy=notation,
            source=_CIDR,
        )
    elif isinstance(network, IPv6Network):
        yield Finding(
            subject=where,
            value=value,
            reason="must be an IPv4 range",
            remedy="write it as in '203.0.113.0/24'; the network has no IPv6 addresses",
            source=_CIDR,
        )
    elif network.network_address != ip_network(value.partition("/")[0]).network_address:
        yield Finding(
            subject=where,
            value=value,
            reason="must not have bits set beyond its prefix length",
            remedy=f"write {str(network)!r} for the network, or make the prefix longer",
            source=_CIDR,
        )


def vpc_cidr(where: str, value: str) -> Iterator[Finding]:
    """IPv4, /16 to /28. Source: VPC User Guide, VPC CIDR blocks."""
    yield from _block(where, value, _VPC_CIDR)


def subnet_cidr(where: str, value: str) -> Iterator[Finding]:
    """IPv4, /16 to /28. Source: VPC User Guide, subnet CIDR blocks."""
    yield from _block(where, value, _SUBNET_CIDR)


def inside(where: str, value: str, outer_where: str, outer: str) -> Iterator[Finding]:
    """A subnet lies in its VPC; no verdict where one of the two is no range itself.

    Source: VPC User Guide, subnet CIDR blocks.
    """
    subnet, vpc = _network(value), _network(outer)
    if not isinstance(subnet, IPv4Network) or not isinstance(vpc, IPv4Network):
        return
    if not subnet.subnet_of(vpc):
        yield Finding(
            subject=where,
            value=value,
            reason=f"must lie inside {outer_where} = {outer!r}",
            remedy=f"take a range between {vpc[0]} and {vpc[-1]}",
            source=_SUBNET_CIDR,
        )


def addresses(value: str) -> int:
    """How many instances a subnet of this range can hold.

    AWS keeps the first four addresses and the last. Source: VPC User Guide, subnet CIDR blocks.
    """
    return ip_network(value).num_addresses - _ADDRESSES_KEPT_BY_AWS


def _block(where: str, value: str, source: str) -> Iterator[Finding]:
    yield from _range(where, value, _EXAMPLE)
    network = _network(value)
    if isinstance(network, IPv4Network) and not 16 <= network.prefixlen <= 28:
        yield Finding(
            subject=where,
            value=value,
            reason="must be an IPv4 range between /16 and /28",
            remedy=_EXAMPLE,
            source=source,
        )


def _network(value: str) -> IPv4Network | IPv6Network | None:
    """The network an address range lies in; netmasks, scopes and bare addresses are none."""
    if not re.fullmatch(r"[0-9A-Fa-f:.]+/(0|[1-9][0-9]{0,2})", value):
        return None
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return None


def _notation(value: str) -> str:
    try:
        address = ip_network(value)
    except ValueError:
        return "write an address and a prefix length, as in '203.0.113.0/24'"
    return f"write {str(address)!r}"
