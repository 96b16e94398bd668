"""The network around an instance, as EC2 has it, in the values that reachability is decided by."""

from localaws.adapter import Record, networking, scope
from localaws.systems_manager import reachability
from localaws.systems_manager.reachability import DefaultRoute, Endpoint, Rule


def instance_reaches_systems_manager(instance: Record) -> bool:
    """Whether the instance has a way out; what lies behind an unknown gateway is taken for one."""
    groups = [reference["GroupId"] for reference in instance["SecurityGroups"]]
    answer = reachability.reaches_systems_manager(
        egress=_rules(groups, "IpPermissionsEgress"),
        default_route=_default_route(instance),
        has_public_address=bool(instance["PublicIpAddress"]),
        endpoints=_endpoints(instance["VpcId"]),
        address=instance["PrivateIpAddress"],
        security_groups=groups,
    )
    return answer is not False


def _rules(group_ids: list[str], side: str) -> tuple[Rule, ...]:
    groups = [networking.security_group(group_id) or {} for group_id in group_ids]
    return tuple(_rule(permission) for group in groups for permission in group.get(side, []))


def _rule(permission: Record) -> Rule:
    first, last = permission.get("FromPort"), permission.get("ToPort")
    return Rule(
        protocol=permission["IpProtocol"],
        ports=None if first is None or last is None else (int(first), int(last)),
        cidrs=tuple(entry["CidrIp"] for entry in permission.get("IpRanges", [])),
        security_groups=tuple(
            pair.get("GroupId", "") for pair in permission.get("UserIdGroupPairs", [])
        ),
        prefix_lists=tuple(entry["PrefixListId"] for entry in permission.get("PrefixListIds", [])),
    )


def _default_route(instance: Record) -> DefaultRoute:
    routes = networking.routes_of_subnet(instance["SubnetId"], instance["VpcId"])
    route = next((r for r in routes if r.get("DestinationCidrBlock") == "0.0.0.0/0"), None)
    if route is None:
        return DefaultRoute.NONE
    gateway_id = route.get("GatewayId") or ""
    if gateway_id.startswith("igw-"):
        is_attached = networking.is_attached(gateway_id, instance["VpcId"])
        return DefaultRoute.INTERNET_GATEWAY if is_attached else DefaultRoute.NONE
    if nat_id := route.get("NatGatewayId"):
        nat = networking.nat_gateway(nat_id)
        if nat is None or nat["State"] != "available":
            return DefaultRoute.NONE
        is_public = nat["ConnectivityType"] == "public"
        return DefaultRoute.NAT_GATEWAY if is_public else DefaultRoute.PRIVATE_NAT_GATEWAY
    return DefaultRoute.OTHER


def _endpoints(vpc_id: str) -> list[Endpoint]:
    vpc = networking.vpc(vpc_id)
    if vpc is None:
        return []
    # EnableDnsSupport is on by default, EnableDnsHostnames only in the default VPC.
    has_dns = vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", vpc["IsDefault"])
    return [
        Endpoint(
            service=record["ServiceName"].removeprefix(f"com.amazonaws.{scope.region()}."),
            has_private_dns=bool(has_dns and record["PrivateDnsEnabled"]),
            ingress=_rules(record["SecurityGroupIds"], "IpPermissions"),
            security_groups=tuple(record["SecurityGroupIds"]),
            network=vpc["CidrBlock"],
        )
        for record in networking.interface_endpoints(vpc_id)
    ]
