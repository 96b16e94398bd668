"""EC2: instances, and what their networks let out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from oelab.review.models import Instance
from oelab.review.network import VpcNetworks
from oelab.review.read.access import Clients
from oelab.review.read.errors import reading
from oelab.systems_manager.reachability import (
    ALL_PORTS,
    ANYWHERE,
    UNKNOWN_GROUP,
    InterfaceEndpoint,
    RouteTarget,
    SecurityGroup,
    SecurityGroupRule,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import (
        FilterTypeDef,
        InstanceTypeDef,
        IpPermissionOutputTypeDef,
        RouteTypeDef,
        VpcEndpointTypeDef,
    )

_PAGE = 1000  # the most that these calls take
_FILTER_VALUES = 200  # the most values of one filter


def read_instances(clients: Clients) -> tuple[Instance, ...]:
    """Every instance of the Region, those terminated within the last hour included.

    Raises `ReadError`. AWS: ec2:DescribeInstances.
    """
    with reading(clients.place, "ec2:DescribeInstances"):
        pages = clients.ec2.get_paginator("describe_instances").paginate(
            PaginationConfig={"PageSize": _PAGE}
        )
        return tuple(
            _instance(each)
            for page in pages
            for reservation in page["Reservations"]
            for each in reservation.get("Instances", [])
        )


def count_vpcs(clients: Clients) -> int:
    """How many VPCs the Region holds. Raises `ReadError`. AWS: ec2:DescribeVpcs."""
    with reading(clients.place, "ec2:DescribeVpcs"):
        pages = clients.ec2.get_paginator("describe_vpcs").paginate(
            PaginationConfig={"PageSize": _PAGE}
        )
        return sum(len(page["Vpcs"]) for page in pages)


def read_network(clients: Clients, vpc_ids: Iterable[str]) -> VpcNetworks:
    """Security groups, route tables and interface endpoints of these VPCs.

    Raises `ReadError`. AWS: ec2:DescribeSecurityGroups, DescribeRouteTables, DescribeVpcEndpoints.
    """
    ids = sorted(vpc_ids)
    groups: dict[str, SecurityGroup] = {}
    routes: dict[str, tuple[RouteTarget, ...]] = {}
    endpoints: defaultdict[str, tuple[InterfaceEndpoint, ...]] = defaultdict(tuple)
    for at in range(0, len(ids), _FILTER_VALUES):
        in_vpcs: list[FilterTypeDef] = [{"Name": "vpc-id", "Values": ids[at : at + _FILTER_VALUES]}]
        groups |= _read_groups(clients, in_vpcs)
        routes |= _read_routes(clients, in_vpcs)
        for vpc_id, endpoint in _read_endpoints(clients, in_vpcs, groups):
            endpoints[vpc_id] += (endpoint,)
    return VpcNetworks(groups=groups, routes=routes, endpoints=endpoints)


def _read_groups(clients: Clients, in_vpcs: "list[FilterTypeDef]") -> dict[str, SecurityGroup]:
    with reading(clients.place, "ec2:DescribeSecurityGroups"):
        pages = clients.ec2.get_paginator("describe_security_groups").paginate(
            Filters=in_vpcs, PaginationConfig={"PageSize": _PAGE}
        )
        return {
            (group_id := group.get("GroupId", "")): SecurityGroup(
                id=group_id,
                egress=_rules(group.get("IpPermissionsEgress", [])),
                ingress=_rules(group.get("IpPermissions", [])),
            )
            for page in pages
            for group in page["SecurityGroups"]
        }


def _read_routes(
    clients: Clients, in_vpcs: "list[FilterTypeDef]"
) -> dict[str, tuple[RouteTarget, ...]]:
    """By subnet, and those of main route tables by VPC."""
    found: dict[str, tuple[RouteTarget, ...]] = {}
    with reading(clients.place, "ec2:DescribeRouteTables"):
        pages = clients.ec2.get_paginator("describe_route_tables").paginate(
            # This call takes 100 at most.
            Filters=in_vpcs,
            PaginationConfig={"PageSize": 100},
        )
        for page in pages:
            for table in page["RouteTables"]:
                targets = tuple(_target(each) for each in table.get("Routes", []) if _leaves(each))
                for link in table.get("Associations", []):
                    served = table.get("VpcId") if link.get("Main") else link.get("SubnetId")
                    if served:
                        found[served] = targets
    return found


def _read_endpoints(
    clients: Clients, in_vpcs: "list[FilterTypeDef]", groups: Mapping[str, SecurityGroup]
) -> Iterator[tuple[str, InterfaceEndpoint]]:
    """The interface endpoints that are available, each with its VPC."""
    with reading(clients.place, "ec2:DescribeVpcEndpoints"):
        pages = clients.ec2.get_paginator("describe_vpc_endpoints").paginate(
            Filters=in_vpcs, PaginationConfig={"PageSize": _PAGE}
        )
        for page in pages:
            for each in page["VpcEndpoints"]:
                is_available = each.get("State", "").lower() == "available"
                if is_available and each.get("VpcEndpointType") == "Interface":
                    yield each.get("VpcId", ""), _endpoint(each, groups)


def _instance(each: "InstanceTypeDef") -> Instance:
    return Instance(
        instance_id=each.get("InstanceId", ""),
        state=each.get("State", {}).get("Name", "pending"),
        tags={tag.get("Key", ""): tag.get("Value", "") for tag in each.get("Tags", [])},
        image_id=each.get("ImageId", ""),
        profile_arn=each.get("IamInstanceProfile", {}).get("Arn", ""),
        windows=each.get("Platform", "").lower() == "windows",
        launched=each.get("LaunchTime"),
        vpc_id=each.get("VpcId", ""),
        subnet_id=each.get("SubnetId", ""),
        security_groups=tuple(group.get("GroupId", "") for group in each.get("SecurityGroups", [])),
        private_ip=each.get("PrivateIpAddress", ""),
        has_public_ip=bool(each.get("PublicIpAddress")),
    )


def _rules(permissions: "Sequence[IpPermissionOutputTypeDef]") -> tuple[SecurityGroupRule, ...]:
    """One rule for each range, group and prefix list; what a prefix list holds is not read."""
    return tuple(
        SecurityGroupRule(
            protocol=each.get("IpProtocol"),
            ports=(each.get("FromPort", ALL_PORTS[0]), each.get("ToPort", ALL_PORTS[1])),
            cidr=cidr,
            group=group,
        )
        for each in permissions
        for cidr, group in (
            *((block.get("CidrIp"), None) for block in each.get("IpRanges", [])),
            *((block.get("CidrIpv6"), None) for block in each.get("Ipv6Ranges", [])),
            *((None, pair.get("GroupId")) for pair in each.get("UserIdGroupPairs", [])),
            *((None, None) for _ in each.get("PrefixListIds", [])),
        )
    )


def _leaves(route: "RouteTypeDef") -> bool:
    """Whether a route leads out of the VPC, and not to a gateway endpoint, nowhere or within."""
    gateway = route.get("GatewayId", "")
    is_to_endpoint = gateway.startswith("vpce-") and "DestinationPrefixListId" in route
    return not (is_to_endpoint or gateway == "local" or route.get("State") == "blackhole")


def _target(route: "RouteTypeDef") -> RouteTarget:
    if route.get("DestinationCidrBlock") != ANYWHERE:
        return RouteTarget.OTHER
    if route.get("NatGatewayId"):
        return RouteTarget.NAT_GATEWAY
    if route.get("GatewayId", "").startswith("igw-"):
        return RouteTarget.INTERNET_GATEWAY
    return RouteTarget.OTHER


def _endpoint(each: "VpcEndpointTypeDef", groups: Mapping[str, SecurityGroup]) -> InterfaceEndpoint:
    ids = (group.get("GroupId", "") for group in each.get("Groups", []))
    return InterfaceEndpoint(
        service=each.get("ServiceName", "").rpartition(".")[2],
        groups=tuple(groups.get(group_id, UNKNOWN_GROUP) for group_id in ids),
        has_private_dns=each.get("PrivateDnsEnabled", False),
    )
