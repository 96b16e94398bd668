"""Whether an instance reaches Systems Manager on port 443, from what its network says.

Either the internet (an egress rule and a default route; through an internet gateway the instance
needs a public address too), or interface endpoints `ssm` and `ssmmessages` in its VPC whose
security groups let it in. Not looked at: network ACLs, IPv6, and what lies behind a NAT or transit
gateway.
"""

import ipaddress
from collections.abc import Iterable

from oelab.review.models import Instance
from oelab.review.network import Endpoint, Network, Rule, SecurityGroup

PORT = 443
ENDPOINTS = ("ssm", "ssmmessages")


def blocked(instance: Instance, network: Network) -> str:
    """What stands in the way of the instance, or "" if nothing seen does."""
    groups = [group for group in network.groups if group.group_id in instance.security_groups]
    egress = [rule for group in groups for rule in group.egress if _covers_port(rule)]
    if not egress:
        named = ", ".join(instance.security_groups) or "its security group"
        return f"no egress rule of {named} allows port {PORT}"
    if _reaches_endpoints(instance, network):
        return ""
    if not any(_is_public(cidr) for rule in egress for cidr in rule.cidrs) and not any(
        rule.prefix_lists for rule in egress
    ):
        return f"no egress rule allows port {PORT} beyond private addresses, and no endpoints serve"
    return _route_blocked(instance, network)


def _route_blocked(instance: Instance, network: Network) -> str:
    way = _default_way(instance, network)
    if not way:
        return f"subnet {instance.subnet_id} has no route to the internet, and no endpoints serve"
    if way.startswith("igw-") and not instance.has_public_ip:
        return "the route leads to an internet gateway, but the instance has no public address"
    return ""


def _default_way(instance: Instance, network: Network) -> str:
    """Of the subnet's own route table, or else of the VPC's main one."""
    tables = [table for table in network.routes if table.vpc_id == instance.vpc_id]
    own = next((table for table in tables if instance.subnet_id in table.subnets), None)
    table = own or next((table for table in tables if table.main), None)
    return table.way if table else ""


def _reaches_endpoints(instance: Instance, network: Network) -> bool:
    return all(
        any(
            endpoint.service == service
            and endpoint.vpc_id == instance.vpc_id
            and _lets_in(endpoint, instance, network.groups)
            for endpoint in network.endpoints
        )
        for service in ENDPOINTS
    )


def _lets_in(endpoint: Endpoint, instance: Instance, groups: Iterable[SecurityGroup]) -> bool:
    return any(
        set(rule.groups) & set(instance.security_groups)
        or any(_contains(cidr, instance.private_ip) for cidr in rule.cidrs)
        for group in groups
        if group.group_id in endpoint.groups
        for rule in group.ingress
        if _covers_port(rule)
    )


def _covers_port(rule: Rule) -> bool:
    if rule.protocol == "-1":
        return True
    if rule.protocol not in ("tcp", "6"):
        return False
    return rule.ports is None or rule.ports[0] <= PORT <= rule.ports[1]


def _is_public(cidr: str) -> bool:
    return not ipaddress.ip_network(cidr, strict=False).is_private


def _contains(cidr: str, address: str) -> bool:
    return bool(address) and ipaddress.ip_address(address) in ipaddress.ip_network(
        cidr, strict=False
    )
