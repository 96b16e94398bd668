"""Where the routes of a subnet lead, and what its network ACL lets through.

Of what the app does not define everything is unknown.
"""

from oelab.checks.values import by_reference, is_true, value_of, vpc_of
from oelab.systems_manager.reachability import (
    ANYWHERE,
    AclEntry,
    RouteTarget,
    SecurityGroupRule,
)
from oelab.systems_manager.targets import equal
from oelab.systems_manager.tristate import Answer, any_of
from oelab.template.app import App
from oelab.template.expression import Resource

SUBNET = "AWS::EC2::Subnet"
_TABLE = "AWS::EC2::RouteTable"


class Routes:
    """The routes and the network ACLs of the subnets of an app."""

    def __init__(self, app: App) -> None:
        self._tables = by_reference(app, "SubnetId", "AWS::EC2::SubnetRouteTableAssociation")
        self._routes = by_reference(app, "RouteTableId", "AWS::EC2::Route")
        self._attachments = by_reference(app, "InternetGatewayId", "AWS::EC2::VPCGatewayAttachment")
        self._gateway_endpoints = by_reference(app, "RouteTableIds", "AWS::EC2::VPCEndpoint")
        self._acls = by_reference(app, "SubnetId", "AWS::EC2::SubnetNetworkAclAssociation")
        self._entries = by_reference(app, "NetworkAclId", "AWS::EC2::NetworkAclEntry")

    def targets_of(self, subnet: Resource) -> tuple[RouteTarget, ...]:
        """Where the routes lead that leave the VPC."""
        if table := self._table_of(subnet):
            return tuple(self._target(route, subnet) for route in self._routes[table])
        # The main route table of a new VPC has no route but the local one.
        is_main = not self._tables[subnet] and isinstance(vpc_of(subnet), Resource)
        return () if is_main else (RouteTarget.OTHER,)

    def has_s3_gateway(self, subnet: Resource) -> Answer:
        """Whether a route leads to a gateway endpoint for S3."""
        table = self._table_of(subnet)
        services = (each.text_of("ServiceName") for each in self._gateway_endpoints[table])
        has_one = any_of(None if each is None else each.endswith(".s3") for each in services)
        return has_one if table or self.targets_of(subnet) == () else None

    def acl_of(self, subnet: Resource) -> tuple[AclEntry, ...] | None:
        """The entries about IPv4 of its network ACL; None for one that allows all or is unknown."""
        associations = self._acls[subnet]
        acl = associations and associations[0].referenced("NetworkAclId", "AWS::EC2::NetworkAcl")
        entries = [each for each in self._entries[acl] if each.get("CidrBlock")] if acl else []
        is_known = acl and all((each.text_of("RuleNumber") or "").isdigit() for each in entries)
        return tuple(map(_entry, entries)) if is_known else None

    def _table_of(self, subnet: Resource) -> Resource | None:
        associations = self._tables[subnet]
        table = associations and associations[0].referenced("RouteTableId", _TABLE)
        return table or None

    def _target(self, route: Resource, subnet: Resource) -> RouteTarget:
        if route.text_of("DestinationCidrBlock") != ANYWHERE:
            return RouteTarget.OTHER
        if nat := route.get("NatGatewayId"):
            return self._target_behind(nat.resource("AWS::EC2::NatGateway"))
        if gateway := route.referenced("GatewayId", "AWS::EC2::InternetGateway"):
            vpcs = [vpc_of(attachment) for attachment in self._attachments[gateway]]
            is_attached = any(equal(vpc, vpc_of(subnet)) is not False for vpc in vpcs)
            return RouteTarget.INTERNET_GATEWAY if is_attached else RouteTarget.DETACHED_GATEWAY
        is_from_elsewhere = (route.text_of("GatewayId") or "").startswith("igw-")
        return RouteTarget.INTERNET_GATEWAY if is_from_elsewhere else RouteTarget.OTHER

    def _target_behind(self, nat: Resource | None) -> RouteTarget:
        """Where a NAT gateway leads: a public one to the internet if its subnet does."""
        subnet = nat.referenced("SubnetId", SUBNET) if nat else None
        table = self._table_of(subnet) if subnet else None
        if nat is None or subnet is None or (self._tables[subnet] and table is None):
            return RouteTarget.NAT_GATEWAY
        # From there, a route to a NAT gateway leads to itself or to another that is no better.
        routes = (each for each in self._routes[table] if not each.get("NatGatewayId"))
        targets = {self._target(route, subnet) for route in routes}
        is_public = nat.text_of("ConnectivityType") != "private"
        if is_public and RouteTarget.INTERNET_GATEWAY in targets:
            return RouteTarget.NAT_GATEWAY
        # Behind a transit gateway there may be a network with a way to the internet.
        is_open = RouteTarget.OTHER in targets
        return RouteTarget.OTHER if is_open else RouteTarget.ISOLATED_NAT_GATEWAY


def _entry(entry: Resource) -> AclEntry:
    ports = entry.get("PortRange")
    first, last = ((ports.text_of(key) or "") if ports else "" for key in ("From", "To"))
    cidr = entry.get("CidrBlock")
    return AclEntry(
        number=int(entry.text_of("RuleNumber") or 0),
        is_egress=is_true(entry.get("Egress")) is True,
        allows=entry.text_of("RuleAction") != "deny",
        about=SecurityGroupRule(
            protocol=entry.text_of("Protocol"),
            ports=(int(first), int(last)) if first.isdigit() and last.isdigit() else None,
            cidr=cidr and value_of(cidr),
        ),
    )
