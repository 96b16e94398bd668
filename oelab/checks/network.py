"""Reads how nodes are connected, as far as the templates say so.

Of a VPC, subnet, route table or security group that the app does not define everything is unknown.
"""

from collections.abc import Iterator

from oelab.checks.nodes import NodeDefinition
from oelab.checks.routes import SUBNET, acl_of, has_s3_gateway, targets_of
from oelab.checks.security_groups import VPC, addresses_of, default_group, security_group
from oelab.checks.values import is_true, value_of
from oelab.systems_manager.agent import mentions_proxy
from oelab.systems_manager.reachability import InterfaceEndpoint, NodeNetwork
from oelab.systems_manager.tristate import Answer
from oelab.template.expression import Resource


def networks_of(node: NodeDefinition) -> list[tuple[Resource | None, NodeNetwork]]:
    """How a node is connected in each of its subnets, None for one from elsewhere."""
    subnets = [subnet.resource(SUBNET) for subnet in node.launch.subnets or ()] or [None]
    return [(subnet, _network_of(node, subnet)) for subnet in subnets]


def _network_of(node: NodeDefinition, subnet: Resource | None) -> NodeNetwork:
    vpc = subnet.referenced("VpcId", VPC) if subnet else None
    own = node.launch.security_groups
    groups = (default_group(vpc),) if own is None else tuple(map(security_group, own))
    may_use_proxy = mentions_proxy(node.launch.script[0])
    if subnet is None:
        return NodeNetwork(groups=groups, has_s3_gateway=None, may_use_proxy=may_use_proxy)
    cidr = subnet.get("CidrBlock")
    addresses = [value_of(cidr)] if cidr else []
    return NodeNetwork(
        groups=groups,
        addresses=(*addresses, addresses_of(vpc)) if vpc else tuple(addresses),
        routes=targets_of(subnet),
        has_public_address=_has_public_address(node, subnet),
        acl=acl_of(subnet),
        endpoints=tuple(_endpoints_of(vpc)) if vpc else None,
        has_s3_gateway=has_s3_gateway(subnet),
        may_use_proxy=may_use_proxy,
    )


def _has_public_address(node: NodeDefinition, subnet: Resource) -> Answer:
    if node.resource.referring("InstanceId", "AWS::EC2::EIP", "AWS::EC2::EIPAssociation"):
        return True
    given = node.launch.public_address
    wanted = is_true(given or subnet.get("MapPublicIpOnLaunch"))
    # A launch template from elsewhere may ask for an address.
    return wanted or (wanted if given or node.launch.complete else None)


def _endpoints_of(vpc: Resource) -> Iterator[InterfaceEndpoint]:
    for endpoint in vpc.referring("VpcId", "AWS::EC2::VPCEndpoint"):
        name = endpoint.text_of("ServiceName")
        groups = tuple(map(security_group, endpoint.all("SecurityGroupIds")))
        yield InterfaceEndpoint(
            service=name and name.rpartition(".")[2],
            groups=groups or (default_group(vpc),),
            addresses=(addresses_of(vpc),),
            has_private_dns=is_true(endpoint.get("PrivateDnsEnabled")),
        )
