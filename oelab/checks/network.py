"""How the nodes of an app are connected, as far as its templates tell.

Of a VPC, subnet, route table or security group that the app does not define everything is unknown.
"""

from collections.abc import Iterator

from oelab.checks.nodes import NodeDefinition
from oelab.checks.routes import SUBNET, Routes
from oelab.checks.security_groups import VPC, SecurityGroups, addresses_of, default_group
from oelab.checks.values import by_reference, is_true, value_of
from oelab.systems_manager.agent import mentions_proxy
from oelab.systems_manager.reachability import InterfaceEndpoint, NodeNetwork
from oelab.systems_manager.tristate import Answer
from oelab.template.app import App
from oelab.template.expression import Resource


class Networks:
    """The subnets, routes, endpoints and security groups of an app."""

    def __init__(self, app: App) -> None:
        self._routes = Routes(app)
        self._groups = SecurityGroups(app)
        self._endpoints = by_reference(app, "VpcId", "AWS::EC2::VPCEndpoint")
        self._elastic_ips = by_reference(
            app, "InstanceId", "AWS::EC2::EIP", "AWS::EC2::EIPAssociation"
        )
        self._networks: dict[NodeDefinition, list[tuple[Resource | None, NodeNetwork]]] = {}

    def networks_of(self, node: NodeDefinition) -> list[tuple[Resource | None, NodeNetwork]]:
        """How a node is connected in each of its subnets, None for one from elsewhere."""
        if node not in self._networks:
            subnets = [subnet.resource(SUBNET) for subnet in node.launch.subnets or ()] or [None]
            self._networks[node] = [(each, self._network_of(node, each)) for each in subnets]
        return self._networks[node]

    def _network_of(self, node: NodeDefinition, subnet: Resource | None) -> NodeNetwork:
        vpc = subnet.referenced("VpcId", VPC) if subnet else None
        own = node.launch.security_groups
        groups = (default_group(vpc),) if own is None else tuple(map(self._groups.find, own))
        may_use_proxy = mentions_proxy(node.launch.script[0])
        if subnet is None:
            return NodeNetwork(groups=groups, has_s3_gateway=None, may_use_proxy=may_use_proxy)
        cidr = subnet.get("CidrBlock")
        addresses = [value_of(cidr)] if cidr else []
        return NodeNetwork(
            groups=groups,
            addresses=(*addresses, addresses_of(vpc)) if vpc else tuple(addresses),
            routes=self._routes.targets_of(subnet),
            has_public_address=self._has_public_address(node, subnet),
            acl=self._routes.acl_of(subnet),
            endpoints=tuple(self._endpoints_of(vpc)) if vpc else None,
            has_s3_gateway=self._routes.has_s3_gateway(subnet),
            may_use_proxy=may_use_proxy,
        )

    def _has_public_address(self, node: NodeDefinition, subnet: Resource) -> Answer:
        if self._elastic_ips[node.resource]:
            return True
        given = node.launch.public_address
        wanted = is_true(given or subnet.get("MapPublicIpOnLaunch"))
        # A launch template from elsewhere may ask for an address.
        return wanted or (wanted if given or node.launch.complete else None)

    def _endpoints_of(self, vpc: Resource) -> Iterator[InterfaceEndpoint]:
        for endpoint in self._endpoints[vpc]:
            name = endpoint.text_of("ServiceName")
            groups = tuple(map(self._groups.find, endpoint.all("SecurityGroupIds")))
            yield InterfaceEndpoint(
                service=name and name.rpartition(".")[2],
                groups=groups or (default_group(vpc),),
                addresses=(addresses_of(vpc),),
                has_private_dns=is_true(endpoint.get("PrivateDnsEnabled")),
            )
