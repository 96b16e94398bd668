"""Whether an instance reaches Systems Manager on port 443.

Sources: "Improve the security of EC2 instances by using VPC endpoints for Systems Manager" in the
Systems Manager user guide, "Enable internet access for a VPC" and "NAT gateways" in the VPC user
guide. The way leads over the internet (an egress rule to public addresses and a default route: to
an internet gateway with a public address of the instance, or to a public NAT gateway), or to
interface endpoints with private DNS for `ssm` and `ssmmessages`. Not modelled: network ACLs,
proxies and IPv6.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

PORT = 443
SERVICES = ("ssm", "ssmmessages")


class DefaultRoute(StrEnum):
    """Where the route for 0.0.0.0/0 leads; a gateway that does not work counts as none."""

    NONE = "none"
    INTERNET_GATEWAY = "internet gateway"
    NAT_GATEWAY = "NAT gateway"
    PRIVATE_NAT_GATEWAY = "private NAT gateway"
    OTHER = "other"  # a transit gateway, an appliance: what lies behind is not known


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A security group rule; `ports` are the first and the last one, None for all."""

    protocol: str = "tcp"
    ports: tuple[int, int] | None = (PORT, PORT)
    cidrs: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()

    @property
    def covers_port(self) -> bool:
        if self.protocol == "-1":
            return True
        if self.protocol not in ("tcp", "6"):
            return False
        return self.ports is None or self.ports[0] <= PORT <= self.ports[1]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An available interface endpoint in the VPC of the instance.

    `has_private_dns` needs the endpoint's own setting and both DNS attributes of the VPC. `ingress`
    are the rules of its security groups, and `network` the range of its addresses.
    """

    service: str
    has_private_dns: bool = True
    ingress: tuple[Rule, ...] = ()
    security_groups: tuple[str, ...] = ()
    network: str = "10.0.0.0/16"


def reaches_systems_manager(
    *,
    egress: Sequence[Rule],
    default_route: DefaultRoute = DefaultRoute.NONE,
    has_public_address: bool = False,
    endpoints: Sequence[Endpoint] = (),
    address: str = "",
    security_groups: Sequence[str] = (),
) -> bool | None:
    """Whether there is a way to Systems Manager; None where these values do not tell.

    Args:
        egress: the rules of all security groups of the instance.
        default_route: of the route table that its subnet uses.
        endpoints: those of its VPC.
        address: the private address of the instance.
        security_groups: the ids of its security groups.
    """
    served = {
        endpoint.service
        for endpoint in endpoints
        if endpoint.has_private_dns
        and _allows(endpoint.ingress, address, security_groups)
        and _allows(egress, endpoint.network, endpoint.security_groups)
    }
    if served.issuperset(SERVICES):
        return True
    rules = [rule for rule in egress if rule.covers_port]
    if default_route is DefaultRoute.OTHER and rules:
        return None  # private addresses may be those of endpoints in another VPC
    is_routed = default_route is DefaultRoute.NAT_GATEWAY or (
        default_route is DefaultRoute.INTERNET_GATEWAY and has_public_address
    )
    return is_routed and _allows_internet(rules)


def _allows(rules: Sequence[Rule], other: str, groups: Sequence[str]) -> bool:
    """Whether a rule allows the other side, by its addresses or by its security groups."""
    return any(
        rule.covers_port
        and (
            not set(rule.security_groups).isdisjoint(groups)
            or any(_overlap(block, other) for block in rule.cidrs)
        )
        for rule in rules
    )


def _allows_internet(rules: Sequence[Rule]) -> bool | None:
    """Private ranges are not the internet; what a prefix list holds is not known."""
    if any(not _network(block).is_private for rule in rules for block in rule.cidrs):
        return True
    return None if any(rule.prefix_lists for rule in rules) else False


def _overlap(one: str, other: str) -> bool:
    return bool(other) and _network(one).overlaps(_network(other))


def _network(block: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(block, strict=False)
