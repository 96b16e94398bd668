"""How the nodes of an app are connected, as far as its templates tell.

Of a VPC, subnet, route table or security group that the app does not define everything is unknown.
"""

from collections import defaultdict
from collections.abc import Iterator

from oelab.checks.nodes import NodeDefinition
from oelab.checks.values import is_true, value_of, vpc_of
from oelab.systems_manager.agent import mentions_proxy
from oelab.systems_manager.reachability import (
    ALL_PROTOCOLS,
    ANYWHERE,
    UNKNOWN_GROUP,
    AclEntry,
    InterfaceEndpoint,
    NodeNetwork,
    RouteTarget,
    SecurityGroup,
    SecurityGroupRule,
)
from oelab.systems_manager.targets import Value
from oelab.systems_manager.tristate import Answer, any_of
from oelab.template.app import App
from oelab.template.expression import Expression, Resource

_VPC = "AWS::EC2::VPC"
_SUBNET = "AWS::EC2::Subnet"
_GROUP = "AWS::EC2::SecurityGroup"
_TABLE = "AWS::EC2::RouteTable"

_ALLOW_ALL = SecurityGroupRule(protocol=ALL_PROTOCOLS, cidr=ANYWHERE)


class Networks:
    """The subnets, routes, endpoints and security groups of an app."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._routed = self._by_reference("SubnetId", "AWS::EC2::SubnetRouteTableAssociation")
        self._routes = self._by_reference("RouteTableId", "AWS::EC2::Route")
        self._endpoints = self._by_reference("VpcId", "AWS::EC2::VPCEndpoint")
        self._egress = self._by_reference("GroupId", "AWS::EC2::SecurityGroupEgress")
        self._ingress = self._by_reference("GroupId", "AWS::EC2::SecurityGroupIngress")
        self._elastic_ips = self._by_reference(
            "InstanceId", "AWS::EC2::EIP", "AWS::EC2::EIPAssociation"
        )
        self._attached = self._by_reference("InternetGatewayId", "AWS::EC2::VPCGatewayAttachment")
        self._gateway_endpoints = self._by_reference("RouteTableIds", "AWS::EC2::VPCEndpoint")
        self._acls = self._by_reference("SubnetId", "AWS::EC2::SubnetNetworkAclAssociation")
        self._entries = self._by_reference("NetworkAclId", "AWS::EC2::NetworkAclEntry")
        self._groups: dict[Resource, SecurityGroup] = {}

    def networks_of(self, node: NodeDefinition) -> Iterator[tuple[Resource | None, NodeNetwork]]:
        """How a node is connected in each of its subnets, None for one from elsewhere."""
        subnets = [subnet.resource(_SUBNET) for subnet in node.launch.subnets or ()] or [None]
        return ((subnet, self._network_of(node, subnet)) for subnet in subnets)

    def _network_of(self, node: NodeDefinition, subnet: Resource | None) -> NodeNetwork:
        vpc = subnet.referenced("VpcId", _VPC) if subnet else None
        own = node.launch.security_groups
        groups = (_default_group(vpc),) if own is None else tuple(map(self._security_group, own))
        may_use_proxy = mentions_proxy(node.launch.script[0])
        if subnet is None:
            return NodeNetwork(groups=groups, has_s3_gateway=None, may_use_proxy=may_use_proxy)
        cidr = subnet.get("CidrBlock")
        addresses = [value_of(cidr)] if cidr else []
        return NodeNetwork(
            groups=groups,
            addresses=(*addresses, _addresses_of(vpc)) if vpc else tuple(addresses),
            routes=self._routes_of(subnet, vpc),
            has_public_address=self._has_public_address(node, subnet),
            acl=self._acl_of(subnet),
            endpoints=tuple(self._endpoints_of(vpc)) if vpc else None,
            has_s3_gateway=self._has_s3_gateway(subnet, vpc),
            may_use_proxy=may_use_proxy,
        )

    def _table_of(self, subnet: Resource) -> Resource | None:
        associations = self._routed[subnet]
        return associations[0].referenced("RouteTableId", _TABLE) if associations else None

    def _routes_of(
        self, subnet: Resource, vpc: Resource | None, *, of_gateway: bool = False
    ) -> tuple[RouteTarget, ...]:
        if table := self._table_of(subnet):
            return tuple(self._target(each, vpc, of_gateway) for each in self._routes[table])
        # The main route table of a new VPC has no route but the local one.
        return () if vpc and not self._routed[subnet] else (RouteTarget.OTHER,)

    def _target(self, route: Resource, vpc: Resource | None, of_gateway: bool) -> RouteTarget:
        """Where a route leads; `of_gateway` if it is one of the subnet of a NAT gateway."""
        if route.text_of("DestinationCidrBlock") != ANYWHERE:
            return RouteTarget.OTHER
        if route.get("NatGatewayId"):
            nat = route.referenced("NatGatewayId", "AWS::EC2::NatGateway")
            isolated = RouteTarget.ISOLATED_NAT_GATEWAY
            return isolated if of_gateway else self._target_behind(nat, vpc)
        gateway = route.referenced("GatewayId", "AWS::EC2::InternetGateway")
        if gateway:
            vpcs = {vpc_of(each) for each in self._attached[gateway]}
            is_attached = vpc in vpcs if vpc else bool(vpcs)
            return RouteTarget.INTERNET_GATEWAY if is_attached else RouteTarget.DETACHED_GATEWAY
        is_from_elsewhere = (route.text_of("GatewayId") or "").startswith("igw-")
        return RouteTarget.INTERNET_GATEWAY if is_from_elsewhere else RouteTarget.OTHER

    def _target_behind(self, nat: Resource | None, vpc: Resource | None) -> RouteTarget:
        """Where a NAT gateway leads: one that is public to the internet, if its subnet does."""
        subnet = nat.referenced("SubnetId", _SUBNET) if nat else None
        if nat is None or subnet is None:
            return RouteTarget.NAT_GATEWAY
        routes = self._routes_of(subnet, vpc, of_gateway=True)
        is_public = nat.text_of("ConnectivityType") != "private"
        if is_public and RouteTarget.INTERNET_GATEWAY in routes:
            return RouteTarget.NAT_GATEWAY
        # Behind a transit gateway there may be a network with a way to the internet.
        is_open = RouteTarget.OTHER in routes
        return RouteTarget.OTHER if is_open else RouteTarget.ISOLATED_NAT_GATEWAY

    def _acl_of(self, subnet: Resource) -> tuple[AclEntry, ...] | None:
        associations = self._acls[subnet]
        acl = associations and associations[0].referenced("NetworkAclId", "AWS::EC2::NetworkAcl")
        return tuple(filter(None, map(_entry, self._entries[acl]))) if acl else None

    def _has_s3_gateway(self, subnet: Resource, vpc: Resource | None) -> Answer:
        table = self._table_of(subnet)
        if table is None:
            return False if vpc and not self._routed[subnet] else None
        services = (each.text_of("ServiceName") for each in self._gateway_endpoints[table])
        return any_of(None if each is None else each.endswith(".s3") for each in services)

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
            groups = tuple(map(self._security_group, endpoint.all("SecurityGroupIds")))
            yield InterfaceEndpoint(
                service=name and name.rpartition(".")[2],
                groups=groups or (_default_group(vpc),),
                addresses=(_addresses_of(vpc),),
                has_private_dns=is_true(endpoint.get("PrivateDnsEnabled")),
            )

    def _security_group(self, expression: Expression) -> SecurityGroup:
        group = _group_of(expression)
        if group is None:
            return UNKNOWN_GROUP
        if group.type == _VPC:
            return _default_group(group)
        if group not in self._groups:
            self._groups[group] = SecurityGroup(
                id=group,
                # EC2 lets everything out of a group that says nothing. The first rule, wherever it
                # is defined, takes that away: AWS::EC2::SecurityGroup in the CloudFormation
                # reference.
                egress=_rules(group, "SecurityGroupEgress", self._egress) or (_ALLOW_ALL,),
                ingress=_rules(group, "SecurityGroupIngress", self._ingress),
            )
        return self._groups[group]

    def _by_reference(
        self, key: str, *resource_types: str
    ) -> defaultdict[Resource, list[Resource]]:
        """The resources of these types, by the resource that a property refers to."""
        found = defaultdict(list)
        for resource_type in resource_types:
            for resource in self._app.of_type(resource_type):
                for value in resource.all(key):
                    if reference := value.referent():
                        found[reference.resource].append(resource)
        return found


def _default_group(vpc: Resource | None) -> SecurityGroup:
    """The default group of a VPC, which lets everything out, and in what comes from itself."""
    from_itself = SecurityGroupRule(protocol=ALL_PROTOCOLS, group=vpc)
    return SecurityGroup(id=vpc, egress=(_ALLOW_ALL,), ingress=(from_itself,))


def _group_of(expression: Expression) -> Resource | None:
    """The security group that is referred to, where it is in the app; a default one is its VPC."""
    reference = expression.referent()
    if reference is None:
        return None
    meant = (reference.resource.type, reference.attribute)
    known = ((_GROUP, "GroupId"), (_GROUP, "Ref"), (_VPC, "DefaultSecurityGroup"))
    return reference.resource if meant in known else None


def _addresses_of(vpc: Resource) -> Value:
    """The addresses of a VPC; one whose CIDR block is not known stands for its own."""
    return vpc.text_of("CidrBlock") or vpc


def _rules(
    group: Resource, key: str, by_group: defaultdict[Resource, list[Resource]]
) -> tuple[SecurityGroupRule, ...]:
    """The rules of a group, in a property of its own and as resources of their own."""
    own = (rule.properties for rule in by_group[group])
    return tuple(map(_rule, (*group.all(key), *own)))


def _rule(rule: Expression) -> SecurityGroupRule:
    first, last = (rule.text_of(key) or "" for key in ("FromPort", "ToPort"))
    cidr = rule.get("CidrIp") or rule.get("CidrIpv6")
    vpc = cidr.resource(_VPC) if cidr else None
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    return SecurityGroupRule(
        protocol=rule.text_of("IpProtocol"),
        ports=(int(first), int(last)) if first.isdigit() and last.isdigit() else None,
        cidr=_addresses_of(vpc) if vpc else cidr and value_of(cidr),
        group=None if cidr or group is None else _group_of(group),
    )


def _entry(entry: Resource) -> AclEntry | None:
    """An entry of a network ACL, None for one about IPv6."""
    cidr, ports = entry.get("CidrBlock"), entry.get("PortRange")
    first, last = (ports.text_of(key) or "" if ports else "" for key in ("From", "To"))
    if cidr is None:
        return None
    return AclEntry(
        number=int(entry.text_of("RuleNumber") or 0),
        is_egress=is_true(entry.get("Egress")) is True,
        allows=entry.text_of("RuleAction") == "allow",
        about=SecurityGroupRule(
            protocol=entry.text_of("Protocol"),
            ports=(int(first), int(last)) if first.isdigit() and last.isdigit() else None,
            cidr=value_of(cidr),
        ),
    )
