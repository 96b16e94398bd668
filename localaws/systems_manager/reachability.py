"""Whether an instance has a way out to Systems Manager on port 443.

Either to the internet (an egress rule, a default route to an internet gateway with a public
address, or to a NAT gateway that has one) or to interface endpoints `ssm` and `ssmmessages` with
private DNS in its VPC, whose security group lets it in. Not modelled: network ACLs, transit
gateways, proxies, IPv6.
"""

import ipaddress

from localaws.adapter import Record, networking, scope

PORT = 443
ENDPOINTS = ("ssm", "ssmmessages")


def has_way_out(instance: Record) -> bool:
    groups = [
        group
        for reference in instance.get("SecurityGroups", [])
        if (group := networking.security_group(reference["GroupId"]))
    ]
    rules = [rule for group in groups for rule in group.get("IpPermissionsEgress", [])]
    rules = [rule for rule in rules if _covers_port(rule)]
    return _reaches_internet(instance, rules) or _reaches_endpoints(instance, rules, groups)


def _covers_port(rule: Record) -> bool:
    protocol = str(rule.get("IpProtocol"))
    if protocol == "-1":
        return True
    if protocol not in ("tcp", "6"):
        return False
    return int(rule.get("FromPort", 0)) <= PORT <= int(rule.get("ToPort", 65535))


def _reaches_internet(instance: Record, rules: list[Record]) -> bool:
    ranges = [r["CidrIp"] for rule in rules for r in rule.get("IpRanges", [])]
    if all(ipaddress.ip_network(block, strict=False).is_private for block in ranges):
        return False
    route = _default_route(instance["SubnetId"], instance["VpcId"])
    if route is None:
        return False
    if _is_attached_gateway(route, instance["VpcId"]):
        return bool(instance.get("PublicIpAddress"))
    return _is_working_nat(route)


def _default_route(subnet_id: str, vpc_id: str) -> Record | None:
    """Of the subnet's own route table, or else of the VPC's main one."""
    main = None
    for table in networking.route_tables():
        for association in table.get("Associations", []):
            if association.get("SubnetId") == subnet_id:
                return _route_to_everywhere(table)
            if association.get("Main") and table.get("VpcId") == vpc_id:
                main = table
    return _route_to_everywhere(main) if main else None


def _route_to_everywhere(table: Record) -> Record | None:
    return next(
        (route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"),
        None,
    )


def _is_attached_gateway(route: Record, vpc_id: str) -> bool:
    gateway = networking.internet_gateways().get(str(route.get("GatewayId")))
    return gateway is not None and any(
        attachment.get("VpcId") == vpc_id for attachment in gateway.get("Attachments", [])
    )


def _is_working_nat(route: Record) -> bool:
    nat = networking.nat_gateways().get(str(route.get("NatGatewayId")))
    if nat is None or nat["State"] != "available" or nat["ConnectivityType"] != "public":
        return False
    beyond = _default_route(nat["SubnetId"], nat["VpcId"])
    return beyond is not None and _is_attached_gateway(beyond, nat["VpcId"])


def _reaches_endpoints(instance: Record, rules: list[Record], groups: list[Record]) -> bool:
    vpc = networking.vpc(instance["VpcId"]) or {}
    if not _private_dns_works(vpc):
        return False
    usable = [
        endpoint
        for endpoint in networking.vpc_endpoints()
        if endpoint.get("VpcId") == instance["VpcId"]
        and endpoint.get("VpcEndpointType") == "Interface"
        and endpoint.get("State") == "available"
        and _is_true(endpoint.get("PrivateDnsEnabled", True))
        and endpoint.get("SubnetIds")
    ]
    return all(
        any(
            endpoint.get("ServiceName") == f"com.amazonaws.{scope.region()}.{service}"
            and _lets_in(endpoint, instance, groups)
            and _lets_out(endpoint, rules, vpc)
            for endpoint in usable
        )
        for service in ENDPOINTS
    )


def _private_dns_works(vpc: Record) -> bool:
    """An endpoint's private name resolves only where the VPC has both DNS attributes."""
    names = vpc.get("EnableDnsHostnames", vpc.get("IsDefault", False))
    return _is_true(vpc.get("EnableDnsSupport", True)) and _is_true(names)


def _endpoint_groups(endpoint: Record) -> list[str]:
    return endpoint.get("SecurityGroupIds") or [networking.default_group_of(endpoint["VpcId"])]


def _lets_in(endpoint: Record, instance: Record, groups: list[Record]) -> bool:
    ids = {group["GroupId"] for group in groups}
    address = ipaddress.ip_address(instance["PrivateIpAddress"])
    for group_id in _endpoint_groups(endpoint):
        group = networking.security_group(group_id) or {}
        for rule in group.get("IpPermissions", []):
            if not _covers_port(rule):
                continue
            if any(pair.get("GroupId") in ids for pair in rule.get("UserIdGroupPairs", [])):
                return True
            if any(
                address in ipaddress.ip_network(r["CidrIp"], strict=False)
                for r in rule.get("IpRanges", [])
            ):
                return True
    return False


def _lets_out(endpoint: Record, rules: list[Record], vpc: Record) -> bool:
    inside = ipaddress.ip_network(vpc["CidrBlock"])
    endpoint_groups = _endpoint_groups(endpoint)
    return any(
        any(pair.get("GroupId") in endpoint_groups for pair in rule.get("UserIdGroupPairs", []))
        or any(
            ipaddress.ip_network(r["CidrIp"], strict=False).overlaps(inside)
            for r in rule.get("IpRanges", [])
        )
        for rule in rules
    )


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
