"""What was read of the networks of instances, as far as it decides about a way out."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A security group rule; `ports` is inclusive, and None stands for all of them."""

    protocol: str
    ports: tuple[int, int] | None
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityGroup:
    """Rules of a security group (DescribeSecurityGroups)."""

    group_id: str
    egress: tuple[Rule, ...]
    ingress: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteTable:
    """A route table (DescribeRouteTables).

    `way` is the target of its IPv4 default route ("igw-…", "nat-…"), or "" for none or a black
    hole.
    """

    vpc_id: str
    subnets: tuple[str, ...]
    main: bool
    way: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """An available interface endpoint with private DNS (DescribeVpcEndpoints).

    `service` is the last part of its service's name, such as `ssmmessages`.
    """

    vpc_id: str
    service: str
    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """All of it, for the VPCs that were asked for."""

    groups: tuple[SecurityGroup, ...] = ()
    routes: tuple[RouteTable, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
