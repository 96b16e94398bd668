"""EC2: instances, and what their networks let out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from oelab.review.models import Instance
from oelab.review.network import Endpoint, Network, RouteTable, Rule, SecurityGroup
from oelab.review.read.access import Clients
from oelab.review.read.errors import reading

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import (
        FilterTypeDef,
        InstanceTypeDef,
        IpPermissionOutputTypeDef,
        PaginatorConfigTypeDef,
        RouteTableTypeDef,
        RouteTypeDef,
        VpcEndpointTypeDef,
    )

_PAGE = 1000  # the most that these calls take
_FILTER_VALUES = 200  # the most values of one filter
# What a route tells besides its target.
_NO_TARGET = {
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
    "InstanceOwnerId",
    "Origin",
    "State",
}


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


def read_network(clients: Clients, vpc_ids: Iterable[str]) -> Network:
    """Security groups, route tables and interface endpoints of these VPCs.

    Raises `ReadError`. AWS: ec2:DescribeSecurityGroups, DescribeRouteTables, DescribeVpcEndpoints.
    """
    ids = sorted(vpc_ids)
    parts = [_read_vpcs(clients, ids[at : at + _FILTER_VALUES]) for at in _steps(ids)]
    return Network(
        groups=tuple(group for part in parts for group in part.groups),
        routes=tuple(table for part in parts for table in part.routes),
        endpoints=tuple(endpoint for part in parts for endpoint in part.endpoints),
    )


def _steps(ids: Sequence[str]) -> range:
    return range(0, len(ids), _FILTER_VALUES)


def _read_vpcs(clients: Clients, ids: Sequence[str]) -> Network:
    in_vpcs: list[FilterTypeDef] = [{"Name": "vpc-id", "Values": ids}]
    size: PaginatorConfigTypeDef = {"PageSize": _PAGE}
    with reading(clients.place, "ec2:DescribeSecurityGroups"):
        groups = [
            SecurityGroup(
                group_id=group.get("GroupId", ""),
                egress=tuple(_rule(each) for each in group.get("IpPermissionsEgress", [])),
                ingress=tuple(_rule(each) for each in group.get("IpPermissions", [])),
            )
            for page in clients.ec2.get_paginator("describe_security_groups").paginate(
                Filters=in_vpcs, PaginationConfig=size
            )
            for group in page["SecurityGroups"]
        ]
    with reading(clients.place, "ec2:DescribeRouteTables"):
        tables = [
            _table(table)
            for page in clients.ec2.get_paginator("describe_route_tables").paginate(
                # This call takes 100 at most.
                Filters=in_vpcs,
                PaginationConfig={"PageSize": 100},
            )
            for table in page["RouteTables"]
        ]
    with reading(clients.place, "ec2:DescribeVpcEndpoints"):
        endpoints = [
            endpoint
            for page in clients.ec2.get_paginator("describe_vpc_endpoints").paginate(
                Filters=in_vpcs, PaginationConfig=size
            )
            for described in page["VpcEndpoints"]
            for endpoint in _endpoint(described)
        ]
    return Network(groups=tuple(groups), routes=tuple(tables), endpoints=tuple(endpoints))


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


def _rule(each: "IpPermissionOutputTypeDef") -> Rule:
    first, last = each.get("FromPort"), each.get("ToPort")
    return Rule(
        protocol=each.get("IpProtocol", ""),
        ports=None if first is None or last is None else (first, last),
        cidrs=tuple(block.get("CidrIp", "") for block in each.get("IpRanges", [])),
        groups=tuple(pair.get("GroupId", "") for pair in each.get("UserIdGroupPairs", [])),
        prefix_lists=tuple(
            entry.get("PrefixListId", "") for entry in each.get("PrefixListIds", [])
        ),
    )


def _table(table: "RouteTableTypeDef") -> RouteTable:
    links = table.get("Associations", [])
    ways = [
        _way(route)
        for route in table.get("Routes", [])
        if route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State") != "blackhole"
    ]
    return RouteTable(
        vpc_id=table.get("VpcId", ""),
        subnets=tuple(link["SubnetId"] for link in links if "SubnetId" in link),
        main=any(link.get("Main") for link in links),
        way=next(iter(ways), ""),
    )


def _way(route: "RouteTypeDef") -> str:
    # The target's key is another one for each kind, and EC2 adds kinds.
    return next((str(value) for key, value in route.items() if value and key not in _NO_TARGET), "")


def _endpoint(each: "VpcEndpointTypeDef") -> Iterator[Endpoint]:
    usable = (
        each.get("VpcEndpointType") == "Interface"
        and each.get("State", "").lower() == "available"
        and each.get("PrivateDnsEnabled")
    )
    if usable:
        yield Endpoint(
            vpc_id=each.get("VpcId", ""),
            service=each.get("ServiceName", "").rpartition(".")[2],
            groups=tuple(group.get("GroupId", "") for group in each.get("Groups", [])),
        )
