"""Address ranges: what security groups, VPCs and subnets accept; forms and sources in ec2.toml.

An IPv6 range is refused because the networks here have IPv4 addresses only, where a rule for IPv6
would silently do nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from oelab.constraints.kinds import Text
from oelab.constraints.rules import violation
from oelab.findings import Finding


@dataclass(frozen=True)
class AddressRange(Text):
    """An IPv4 range without bits beyond its prefix length."""

    def _check(self, where: str, value: Any) -> Iterator[Finding]:
        """One finding for its notation and size, one for bits beyond its prefix length."""
        yield from super()._check(where, value)
        network = _network(value)
        if network and str(network) != value:
            reason = "must not have bits set beyond its prefix length"
            remedy = f"write {str(network)!r} for the network, or make the prefix longer"
            yield self._finding(where, value, remedy, reason)


_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ADDRESS = rf"({_BYTE}\.){{3}}{_BYTE}"
_VPC_BLOCK = f"{_ADDRESS}/(1[6-9]|2[0-8])"

CIDR = AddressRange.declared("ec2.Cidr", pattern=f"{_ADDRESS}/([0-9]|[12][0-9]|3[0-2])")
VPC_CIDR = AddressRange.declared("ec2.VpcCidr", pattern=_VPC_BLOCK)
SUBNET_CIDR = AddressRange.declared("ec2.SubnetCidr", pattern=_VPC_BLOCK)


def inside(where: str, value: str, outer_where: str, outer: str) -> Iterator[Finding]:
    """A subnet lies in its VPC; nothing is found where one of the two is not a range itself.

    Source: VPC User Guide, subnet CIDR blocks.
    """
    subnet, vpc = _network(value), _network(outer)
    if subnet and vpc and not subnet.subnet_of(vpc):
        yield violation("SubnetInVpc", where, value, outer_where=outer_where, outer=outer, vpc=vpc)


def addresses(value: str) -> int:
    """How many instances a subnet of this range can hold.

    AWS reserves the first four addresses and the last. Source: VPC User Guide, subnet CIDR blocks.
    """
    return IPv4Network(value).num_addresses - 5


def _network(value: str) -> IPv4Network | None:
    """The network that a range lies in; None for a netmask, a bare address or any other text."""
    return IPv4Network(value, strict=False) if re.fullmatch(CIDR.pattern, value) else None
