"""Reads where the routes of a subnet lead, and what its network ACL lets through.

Of what the app does not define everything is unknown.
"""

from oelab.checks.values import is_true, ports_of, value_of, vpc_of
from oelab.systems_manager.reachability import ANYWHERE, AclEntry, RouteTarget, SecurityGroupRule
from oelab.systems_manager.targets import equal
from oelab.systems_manager.tristate import Answer, any_of
from oelab.template.expression import Resource

SUBNET = "AWS::EC2::Subnet"


def targets_of(subnet: Resource) -> tuple[RouteTarget, ...]:
    """Where the routes lead that leave the VPC."""
    routes = _routes_of(subnet)
    return (RouteTarget.OTHER,) if routes is None else tuple(_target(r, subnet) for r in routes)


def has_s3_gateway(subnet: Resource) -> Answer:
    """Whether a route leads to a gateway endpoint for S3."""
    endpoints = _referring_to_table(subnet, "RouteTableIds", "AWS::EC2::VPCEndpoint")
    if endpoints is None:
        return None
    services = (each.text_of("ServiceName") for each in endpoints)
    return any_of(None if each is None else each.endswith(".s3") for each in services)


def acl_of(subnet: Resource) -> tuple[AclEntry, ...] | None:
    """The entries about IPv4 of its network ACL; None for one that allows all or is unknown."""
    for association in subnet.referring("SubnetId", "AWS::EC2::SubnetNetworkAclAssociation"):
        if acl := association.referenced("NetworkAclId", "AWS::EC2::NetworkAcl"):
            entries = acl.referring("NetworkAclId", "AWS::EC2::NetworkAclEntry")
            entries = [each for each in entries if each.get("CidrBlock")]
            is_known = all((each.text_of("RuleNumber") or "").isdigit() for each in entries)
            return tuple(map(_entry, entries)) if is_known else None
    return None


def _routes_of(subnet: Resource) -> list[Resource] | None:
    return _referring_to_table(subnet, "RouteTableId", "AWS::EC2::Route")


def _referring_to_table(subnet: Resource, key: str, kind: str) -> list[Resource] | None:
    """What refers to the route table of a subnet, None where the app does not define it."""
    associations = subnet.referring("SubnetId", "AWS::EC2::SubnetRouteTableAssociation")
    if not associations and isinstance(vpc_of(subnet), Resource):
        # The main route table of a new VPC has no route but the local one.
        return []
    tables = (each.referenced("RouteTableId", "AWS::EC2::RouteTable") for each in associations)
    table = next(tables, None)
    return table.referring(key, kind) if table else None


def _target(route: Resource, subnet: Resource) -> RouteTarget:
    if route.text_of("DestinationCidrBlock") != ANYWHERE:
        return RouteTarget.OTHER
    if nat := route.get("NatGatewayId"):
        return _target_behind(nat.resource("AWS::EC2::NatGateway"))
    if gateway := route.referenced("GatewayId", "AWS::EC2::InternetGateway"):
        attachments = gateway.referring("InternetGatewayId", "AWS::EC2::VPCGatewayAttachment")
        vpcs = [vpc_of(attachment) for attachment in attachments]
        is_attached = any(equal(vpc, vpc_of(subnet)) is not False for vpc in vpcs)
        return RouteTarget.INTERNET_GATEWAY if is_attached else RouteTarget.DETACHED_GATEWAY
    is_from_elsewhere = (route.text_of("GatewayId") or "").startswith("igw-")
    return RouteTarget.INTERNET_GATEWAY if is_from_elsewhere else RouteTarget.OTHER


def _target_behind(nat: Resource | None) -> RouteTarget:
    """Where a NAT gateway leads: a public one to the internet if its subnet does."""
    subnet = nat.referenced("SubnetId", SUBNET) if nat else None
    routes = _routes_of(subnet) if subnet else None
    if nat is None or subnet is None or routes is None:
        return RouteTarget.NAT_GATEWAY
    # From there, a route to a NAT gateway leads to itself or to another that is no better.
    targets = {_target(route, subnet) for route in routes if not route.get("NatGatewayId")}
    if RouteTarget.INTERNET_GATEWAY in targets and nat.text_of("ConnectivityType") != "private":
        return RouteTarget.NAT_GATEWAY
    # Behind a transit gateway there may be a network with a way to the internet.
    is_open = RouteTarget.OTHER in targets
    return RouteTarget.OTHER if is_open else RouteTarget.ISOLATED_NAT_GATEWAY


def _entry(entry: Resource) -> AclEntry:
    ports, cidr = entry.get("PortRange"), entry.get("CidrBlock")
    return AclEntry(
        number=int(entry.text_of("RuleNumber") or 0),
        is_egress=is_true(entry.get("Egress")) is True,
        allows=entry.text_of("RuleAction") != "deny",
        about=SecurityGroupRule(
            protocol=entry.text_of("Protocol"),
            ports=ports_of(ports, "From", "To") if ports else None,
            cidr=cidr and value_of(cidr),
        ),
    )
