"""Whether a node of the app can reach Systems Manager.

It can through an internet gateway where it has a public address, through NAT or any other target
of a default route, and through interface endpoints for `ssm` and `ssmmessages` that admit it.
Sources: "VPC endpoints for Systems Manager" (Systems Manager User Guide) and "Route table
concepts" (VPC User Guide).

Limits: routes of IPv6 and routes to less than everywhere may lead to endpoints in other networks,
which nobody here knows; so may everything about a VPC that the app does not define.
"""

from collections import defaultdict
from collections.abc import Iterator

from oelab.checks.nodes import Node
from oelab.checks.security_groups import VPC, SecurityGroups
from oelab.systems_manager.tristate import Answer, all_of, any_of
from oelab.template.app import App
from oelab.template.expression import Expression, Resource

SERVICES = ("ssm", "ssmmessages")

_SUBNET = "AWS::EC2::Subnet"
_ROUTE_TABLE = "AWS::EC2::RouteTable"
_INTERNET_GATEWAY = "AWS::EC2::InternetGateway"
_EVERYWHERE = "0.0.0.0/0"


class Network:
    """The subnets, routes and endpoints of an app."""

    def __init__(self, app: App, security_groups: SecurityGroups) -> None:
        self._app = app
        self._groups = security_groups
        self._tables = self._route_tables()
        self._routes = self._by_reference("AWS::EC2::Route", "RouteTableId", _ROUTE_TABLE)
        self._endpoints = self._by_reference("AWS::EC2::VPCEndpoint", "VpcId", VPC)
        self._addressed = self._with_elastic_ip()

    def subnets_of(self, node: Node) -> Iterator[Resource | None]:
        """The subnets of a node, None for one that the app does not define."""
        for subnet in node.launch.subnets or ():
            yield subnet.resource(_SUBNET)

    def has_way_out(self, node: Node, subnet: Resource | None) -> Answer:
        """Whether a node can reach Systems Manager from a subnet."""
        if subnet is None:
            return None
        return any_of((self._has_route(node, subnet), self.has_endpoints(node, subnet)))

    def lacks_public_address(self, node: Node, subnet: Resource) -> bool:
        """Whether an internet gateway is of no use to a node for want of a public address."""
        return any(
            self._is_default(route) and self._is_to_the_internet(route) is True
            for route in self._routes_of(subnet) or ()
        ) and (self._has_public_address(node, subnet) is False)

    def has_endpoints(self, node: Node, subnet: Resource) -> Answer:
        """Whether the VPC has an endpoint for each service that admits the node."""
        return all_of(self.has_endpoint(node, subnet, service) for service in SERVICES)

    def has_endpoint(self, node: Node, subnet: Resource, service: str) -> Answer:
        """Whether the VPC has an endpoint for one service that admits the node."""
        vpc = subnet.referenced("VpcId", VPC)
        if vpc is None:
            return None
        return any_of(
            all_of((self._is_for(endpoint, service), self._admits(endpoint, node, subnet, vpc)))
            for endpoint in self._endpoints[vpc]
        )

    def _has_route(self, node: Node, subnet: Resource) -> Answer:
        routes = self._routes_of(subnet)
        if routes is None:
            return None
        return any_of(self._leads_out(route, node, subnet) for route in routes)

    def _leads_out(self, route: Resource, node: Node, subnet: Resource) -> Answer:
        if not self._is_default(route):
            return None
        to_the_internet = self._is_to_the_internet(route)
        if to_the_internet is None:
            return None
        return not to_the_internet or self._has_public_address(node, subnet)

    def _is_default(self, route: Resource) -> bool:
        return route.text_of("DestinationCidrBlock") == _EVERYWHERE

    def _is_to_the_internet(self, route: Resource) -> Answer:
        """Whether a route needs a public address of those who use it."""
        gateway = route.get("GatewayId")
        if gateway is None:
            return False
        if gateway.resource(_INTERNET_GATEWAY):
            return True
        text = gateway.text()
        return text.startswith("igw-") if text else None

    def _has_public_address(self, node: Node, subnet: Resource) -> Answer:
        if node.resource in self._addressed:
            return True
        given = node.launch.public_address
        wanted = given or subnet.get("MapPublicIpOnLaunch")
        text = wanted.text() if wanted else "false"
        if text != "true" and not (given or node.launch.complete):
            return None
        return None if text is None else text == "true"

    def _routes_of(self, subnet: Resource) -> list[Resource] | None:
        """The routes of a subnet beyond its VPC, None where only the deployment knows them."""
        if subnet in self._tables:
            table = self._tables[subnet]
            return None if table is None else self._routes[table]
        # The main route table of a new VPC has no route but the local one.
        return [] if subnet.referenced("VpcId", VPC) else None

    def _is_for(self, endpoint: Resource, service: str) -> Answer:
        name = endpoint.text_of("ServiceName")
        return None if name is None else name.rpartition(".")[2] == service

    def _admits(self, endpoint: Resource, node: Node, subnet: Resource, vpc: Resource) -> Answer:
        private_names = endpoint.text_of("PrivateDnsEnabled") == "true"
        groups = [self._groups.find(group) for group in endpoint.all("SecurityGroupIds")] or [vpc]
        own = node.launch.security_groups
        sources: list[Resource | None] = (
            [vpc] if own is None else [self._groups.find(group) for group in own]
        )
        cidr = subnet.get("CidrBlock")
        return all_of(
            (
                private_names,
                any_of(self._groups.lets_https_in(group, sources, cidr) for group in groups),
            )
        )

    def _route_tables(self) -> dict[Resource, Resource | None]:
        tables: dict[Resource, Resource | None] = {}
        for association in self._app.of_type("AWS::EC2::SubnetRouteTableAssociation"):
            if subnet := association.referenced("SubnetId", _SUBNET):
                tables[subnet] = association.referenced("RouteTableId", _ROUTE_TABLE)
        return tables

    def _by_reference(
        self, resource_type: str, key: str, target_type: str
    ) -> defaultdict[Resource, list[Resource]]:
        found: defaultdict[Resource, list[Resource]] = defaultdict(list)
        for resource in self._app.of_type(resource_type):
            if target := resource.referenced(key, target_type):
                found[target].append(resource)
        return found

    def _with_elastic_ip(self) -> set[Resource]:
        instances: list[Expression | None] = [
            address.get("InstanceId")
            for resource_type in ("AWS::EC2::EIP", "AWS::EC2::EIPAssociation")
            for address in self._app.of_type(resource_type)
        ]
        references = [instance.referent() for instance in instances if instance]
        return {reference.resource for reference in references if reference}
