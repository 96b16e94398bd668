"""Whether a node reaches Systems Manager, and S3 for its output, on TCP port 443.

Either through the internet (egress to public addresses, a network ACL that lets the request out and
its answer in, and a default route, which through an internet gateway needs a public address too),
or through endpoints in its VPC: for Systems Manager interface endpoints for `ssm` and `ssmmessages`
that have private DNS and whose security groups admit the node, for S3 such a one or a gateway
endpoint. A proxy may be a way where there is no other. Sources: "Improve the security of EC2
instances by using VPC endpoints for Systems Manager" and "Configure SSM Agent to use a proxy" in
the Systems Manager user guide; "Security group rules", "Network ACL rules", "Ephemeral ports", "NAT
gateways" and "Enable internet access for a VPC using an internet gateway" in the Amazon VPC user
guide; "Gateway endpoints for Amazon S3" in the AWS PrivateLink guide.

Not looked at: IPv6, and the network ACLs of the subnets of endpoints and NAT gateways.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cache, partial
from ipaddress import IPv4Network
from typing import NamedTuple

from oelab.systems_manager.targets import Value
from oelab.systems_manager.tristate import Answer, all_of, any_of

HTTPS = (443, 443)
EPHEMERAL = (32768, 65535)
"""The ports that the answers to a node come back to, on Linux and on Windows."""
SERVICES = ("ssm", "ssmmessages")
"""The services that need an interface endpoint where nothing leads to the internet.

`ec2messages` is optional in Regions launched before 2024 and absent from later ones. Source:
"ec2messages and other API operations" in the Systems Manager user guide.
"""
ANYWHERE = "0.0.0.0/0"
ALL_PROTOCOLS = "-1"
ALL_PORTS = (0, 65535)

_EVERYTHING = IPv4Network(ANYWHERE)
_BROADCAST = IPv4Network("255.255.255.255/32")


class SecurityGroupRule(NamedTuple):
    """A rule of a security group about a CIDR block or about the members of another group.

    Of a network ACL it is what an entry is about, which is always a CIDR block.

    `protocol` and `ports` (inclusive) are None where they are unknown, and so are both `cidr` and
    `group` of a rule about something else, such as a prefix list.
    """

    protocol: str | None = None
    ports: tuple[int, int] | None = None
    cidr: Value = None
    group: Hashable = None

    def covers(self, ports: tuple[int, int]) -> Answer:
        """Whether it is about these TCP ports; None for some of them."""
        if self.protocol not in ("tcp", "6"):
            return None if self.protocol is None else self.protocol == ALL_PROTOCOLS
        if self.ports is None:
            return None
        is_about_all = self.ports[0] <= ports[0] and ports[1] <= self.ports[1]
        is_about_none = ports[1] < self.ports[0] or self.ports[1] < ports[0]
        return is_about_all or (False if is_about_none else None)


class SecurityGroup(NamedTuple):
    """The rules of a security group; `id` is None for a group that is unknown."""

    id: Hashable
    egress: tuple[SecurityGroupRule, ...]
    ingress: tuple[SecurityGroupRule, ...]


UNKNOWN_GROUP = SecurityGroup(
    id=None, egress=(SecurityGroupRule(),), ingress=(SecurityGroupRule(),)
)


class AclEntry(NamedTuple):
    """An entry of a network ACL, of which the first that is about a packet decides."""

    number: int
    is_egress: bool
    allows: bool
    about: SecurityGroupRule


class RouteTarget(Enum):
    """Where a route leads that leaves the VPC."""

    INTERNET_GATEWAY = "internet gateway"
    """To all IPv4 addresses."""
    NAT_GATEWAY = "NAT gateway"
    """To all IPv4 addresses."""
    DETACHED_GATEWAY = "detached internet gateway"
    """To an internet gateway that is not attached to the VPC."""
    ISOLATED_NAT_GATEWAY = "isolated NAT gateway"
    """To a NAT gateway that is private, or that has no route to an internet gateway itself."""
    OTHER = "other"
    """To another target or to some addresses only, such as those of endpoints in another VPC."""


class InterfaceEndpoint(NamedTuple):
    """An interface endpoint in the VPC of a node.

    `service` is the last part of its service's name, such as `ssmmessages`, and None where it is
    unknown. `addresses` are the CIDR blocks that its addresses are in, as far as they are known.
    """

    service: str | None
    groups: tuple[SecurityGroup, ...]
    addresses: tuple[Value, ...] = ()
    has_private_dns: Answer = True


class NodeNetwork(NamedTuple):
    """What decides whether a node reaches Systems Manager.

    `addresses` are the CIDR blocks that its private address is in, the smallest first. `routes` are
    those of its subnet without the local ones. `acl` are the entries of its subnet's network ACL,
    None for one that allows everything, as that of a new VPC does. `endpoints` are those of its
    VPC, None where they are unknown. It `has_s3_gateway` if its routes lead to a gateway endpoint
    for S3, and `may_use_proxy` if it is told of one.
    """

    groups: tuple[SecurityGroup, ...]
    addresses: tuple[Value, ...] = ()
    routes: tuple[RouteTarget, ...] = (RouteTarget.OTHER,)
    has_public_address: Answer = None
    acl: tuple[AclEntry, ...] | None = None
    endpoints: tuple[InterfaceEndpoint, ...] | None = None
    has_s3_gateway: Answer = False
    may_use_proxy: bool = False


class Obstacle(StrEnum):
    """What keeps a node from Systems Manager."""

    NO_EGRESS = "no egress rule allows TCP port 443"
    PRIVATE_EGRESS = "no egress rule allows TCP port 443 beyond private addresses"
    NO_ROUTE = "no route of its subnet leads to the internet"
    NO_PUBLIC_ADDRESS = "its route leads to an internet gateway, but it has no public address"
    DETACHED_GATEWAY = "its route leads to an internet gateway that is not attached to its VPC"
    ISOLATED_NAT_GATEWAY = "its route leads to a NAT gateway without a way to the internet"
    NETWORK_ACL = "the network ACL of its subnet stops the requests or their answers"
    NO_ENDPOINT = "no interface endpoints serve it"


_OBSTACLES_OF_ROUTES = {
    RouteTarget.INTERNET_GATEWAY: Obstacle.NO_PUBLIC_ADDRESS,
    RouteTarget.DETACHED_GATEWAY: Obstacle.DETACHED_GATEWAY,
    RouteTarget.ISOLATED_NAT_GATEWAY: Obstacle.ISOLATED_NAT_GATEWAY,
}


@dataclass(frozen=True)
class Reachability:
    """Whether a node reaches Systems Manager, and what is in the way unless it certainly does.

    `obstacles` says of each whether it is certain, or cannot be ruled out. `missing_endpoints` are
    the services without an endpoint that certainly serves the node.
    """

    answer: Answer
    obstacles: Mapping[Obstacle, bool] = field(default_factory=dict)
    missing_endpoints: tuple[str, ...] = ()


def reach_systems_manager(node: NodeNetwork) -> Reachability:
    """Whether a node reaches Systems Manager, and if not, why."""
    rules = [rule for group in node.groups for rule in group.egress]
    lets_out = _allow_https(rules, _leads_somewhere)
    egress, acl, route = _ways_to_internet(node)
    served = {service: _is_served(service, node, rules) for service in SERVICES}
    endpoints = all_of(served.values())
    answer = all_of((lets_out, any_of((all_of((egress, acl, route)), endpoints))))
    if answer:
        return Reachability(answer)
    if node.may_use_proxy:
        answer = None
    obstacles = (_OBSTACLES_OF_ROUTES.get(target) for target in node.routes)
    ways = {
        Obstacle.NO_EGRESS: lets_out,
        Obstacle.PRIVATE_EGRESS: egress if lets_out and route is not False else True,
        Obstacle.NETWORK_ACL: acl if route is not False else True,
        next(filter(None, obstacles), Obstacle.NO_ROUTE): route,
        Obstacle.NO_ENDPOINT: endpoints,
    }
    return Reachability(
        answer,
        obstacles={
            obstacle: is_open is False and answer is False
            for obstacle, is_open in ways.items()
            if not is_open
        },
        missing_endpoints=tuple(service for service, is_served in served.items() if not is_served),
    )


def reach_s3(node: NodeNetwork) -> Answer:
    """Whether a node that reaches Systems Manager reaches S3 too."""
    rules = [rule for group in node.groups for rule in group.egress]
    by_endpoint = any_of((node.has_s3_gateway, _is_served("s3", node, rules)))
    by_proxy = None if node.may_use_proxy else False
    return any_of((all_of(_ways_to_internet(node)), by_endpoint, by_proxy))


def _ways_to_internet(node: NodeNetwork) -> tuple[Answer, Answer, Answer]:
    """Whether security groups, the network ACL and the routes let a node reach the internet."""
    rules = (rule for group in node.groups for rule in group.egress)
    directions = ((True, HTTPS), (False, EPHEMERAL))
    acl = True if node.acl is None else all_of(_passes(node.acl, *each) for each in directions)
    route = any_of(_leads_out(target, node) for target in node.routes)
    return _allow_https(rules, _leads_to_internet), acl, route


def _passes(acl: tuple[AclEntry, ...], is_egress: bool, ports: tuple[int, int]) -> Answer:
    """Whether a network ACL lets packets through: the first entry about them decides, or none."""
    outcomes = set()
    for entry in sorted(acl, key=lambda each: each.number):
        is_about = all_of((entry.about.covers(ports), _leads_to_internet(entry.about)))
        if entry.is_egress == is_egress and is_about is not False:
            outcomes.add(entry.allows)
            if is_about:
                break
    else:
        outcomes.add(False)
    return outcomes.pop() if len(outcomes) == 1 else None


def _allow_https(
    rules: Iterable[SecurityGroupRule], is_about: Callable[[SecurityGroupRule], Answer]
) -> Answer:
    """Whether one of the rules is about TCP port 443 and about the other side."""
    return any_of(all_of((rule.covers(HTTPS), is_about(rule))) for rule in rules)


def _leads_somewhere(rule: SecurityGroupRule) -> bool:
    """Not to the node itself or to a broadcast address, which is how a group says nowhere."""
    network = _network(rule.cidr)
    return network is None or not (network.is_loopback or network == _BROADCAST)


def _leads_to_internet(rule: SecurityGroupRule) -> Answer:
    network = _network(rule.cidr)
    if network == _EVERYTHING:
        return True
    # Public addresses may or may not be those of Systems Manager.
    return False if rule.group or (network and network.is_private) else None


def _leads_out(target: RouteTarget, node: NodeNetwork) -> Answer:
    match target:
        case RouteTarget.NAT_GATEWAY:
            return True
        case RouteTarget.INTERNET_GATEWAY:
            return node.has_public_address
        case RouteTarget.DETACHED_GATEWAY | RouteTarget.ISOLATED_NAT_GATEWAY:
            return False
    return None


def _is_served(service: str, node: NodeNetwork, egress: list[SecurityGroupRule]) -> Answer:
    """Whether an endpoint is for the service, admits the node and is within its egress."""
    if node.endpoints is None:
        return None
    return any_of(
        all_of(
            (
                None if endpoint.service is None else endpoint.service == service,
                endpoint.has_private_dns,
                _allow_https(
                    (rule for group in endpoint.groups for rule in group.ingress),
                    partial(_is_about, node),
                ),
                _allow_https(egress, partial(_is_about, endpoint)),
            )
        )
        for endpoint in node.endpoints
    )


def _is_about(other: NodeNetwork | InterfaceEndpoint, rule: SecurityGroupRule) -> Answer:
    """Whether a rule is about something with these groups and addresses."""
    if rule.group:
        return any_of(None if each.id is None else each.id == rule.group for each in other.groups)
    return _covers(rule.cidr, other.addresses)


def _covers(cidr: Value, addresses: tuple[Value, ...]) -> Answer:
    """Whether a CIDR block holds an IPv4 address that is in every one of the others."""
    network = _network(cidr)
    if network == _EVERYTHING or cidr in addresses:
        return True
    if isinstance(cidr, str) and ":" in cidr:
        return False
    for known in map(_network, addresses):
        if network and known and known.subnet_of(network):
            return True
        if network and known and not known.overlaps(network):
            return False
    return None


@cache
def _network(cidr: Value) -> IPv4Network | None:
    """The addresses of an IPv4 CIDR block, None where they are not known."""
    try:
        return IPv4Network(cidr, strict=False) if isinstance(cidr, str) else None
    except ValueError:
        return None
