"""What the networks of instances let out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oelab.review.read.connection import Connection
from oelab.review.snapshots import VpcNetworks
from oelab.systems_manager.reachability import (
    ALL_PORTS,
    ANYWHERE,
    UNKNOWN_GROUP,
    InterfaceEndpoint,
    RouteTarget,
    SecurityGroup,
    SecurityGroupRule,
)

_FILTER_VALUES = 200
"""The most values of one filter. Source: DescribeVpcEndpoints, EC2 API Reference."""


def read_networks(aws: Connection, vpc_ids: Iterable[str]) -> VpcNetworks:
    """Security groups, route tables and interface endpoints of these VPCs."""
    ids = sorted(vpc_ids)
    groups: dict[str, SecurityGroup] = {}
    routes: dict[str, tuple[RouteTarget, ...]] = {}
    endpoints: defaultdict[str, tuple[InterfaceEndpoint, ...]] = defaultdict(tuple)
    for at in range(0, len(ids), _FILTER_VALUES):
        values = ids[at : at + _FILTER_VALUES]
        in_vpcs: dict[str, Any] = {"Filters": [{"Name": "vpc-id", "Values": values}]}
        for each in aws.answers("ec2:DescribeSecurityGroups", "SecurityGroups", **in_vpcs):
            groups[each.get("GroupId", "")] = SecurityGroup(
                id=each.get("GroupId", ""),
                egress=tuple(_rules(each.get("IpPermissionsEgress", ()))),
                ingress=tuple(_rules(each.get("IpPermissions", ()))),
            )
        for table in aws.answers("ec2:DescribeRouteTables", "RouteTables", **in_vpcs):
            targets = tuple(_target(each) for each in table.get("Routes", ()) if _leaves_vpc(each))
            for link in table.get("Associations", ()):
                served = table.get("VpcId") if link.get("Main") else link.get("SubnetId")
                if served:
                    routes[served] = targets
        for each in aws.answers("ec2:DescribeVpcEndpoints", "VpcEndpoints", **in_vpcs):
            is_available = each.get("State", "").lower() == "available"
            if is_available and each.get("VpcEndpointType") == "Interface":
                endpoints[each.get("VpcId", "")] += (_endpoint(each, groups),)
    return VpcNetworks(groups=groups, routes=routes, endpoints=endpoints)


def _rules(permissions: Iterable[Mapping[str, Any]]) -> Iterator[SecurityGroupRule]:
    """One rule for each range, group and prefix list; what a prefix list holds is not read."""
    for each in permissions:
        for cidr, group in (
            *((block.get("CidrIp"), None) for block in each.get("IpRanges", ())),
            *((block.get("CidrIpv6"), None) for block in each.get("Ipv6Ranges", ())),
            *((None, pair.get("GroupId")) for pair in each.get("UserIdGroupPairs", ())),
            *((None, None) for _ in each.get("PrefixListIds", ())),
        ):
            yield SecurityGroupRule(
                protocol=each.get("IpProtocol"),
                ports=(each.get("FromPort", ALL_PORTS[0]), each.get("ToPort", ALL_PORTS[1])),
                cidr=cidr,
                group=group,
            )


def _leaves_vpc(route: Mapping[str, Any]) -> bool:
    """Whether a route leads out of the VPC, and not to a gateway endpoint, nowhere or within."""
    gateway = route.get("GatewayId", "")
    is_to_endpoint = gateway.startswith("vpce-") and "DestinationPrefixListId" in route
    return not (is_to_endpoint or gateway == "local" or route.get("State") == "blackhole")


def _target(route: Mapping[str, Any]) -> RouteTarget:
    if route.get("DestinationCidrBlock") != ANYWHERE:
        return RouteTarget.OTHER
    if route.get("NatGatewayId"):
        return RouteTarget.NAT_GATEWAY
    if route.get("GatewayId", "").startswith("igw-"):
        return RouteTarget.INTERNET_GATEWAY
    return RouteTarget.OTHER


def _endpoint(each: Mapping[str, Any], groups: Mapping[str, SecurityGroup]) -> InterfaceEndpoint:
    ids = (group.get("GroupId", "") for group in each.get("Groups", ()))
    return InterfaceEndpoint(
        service=each.get("ServiceName", "").rpartition(".")[2],
        groups=tuple(groups.get(group_id, UNKNOWN_GROUP) for group_id in ids),
        has_private_dns=each.get("PrivateDnsEnabled", False),
    )
