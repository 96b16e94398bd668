"""The way of nodes to Systems Manager, and the endpoints on it."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from oelab.constructs import SystemsManagerEndpoints, WorkloadNetwork
from tests.checks.strangers.rows import (
    Row,
    group,
    instance,
    inventory,
    l2_instance,
    l2_vpc,
    managed,
    network,
)

ISOLATED = ec2.SubnetType.PRIVATE_ISOLATED
PUBLIC = ec2.SubnetType.PUBLIC
WITH_EGRESS = ec2.SubnetType.PRIVATE_WITH_EGRESS
HTTPS: dict[str, Any] = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}


def in_subnets(kind: ec2.SubnetType) -> ec2.SubnetSelection:
    return ec2.SubnetSelection(subnet_type=kind)


# --- egress ------------------------------------------------------------------------------------


def with_egress(stack: cdk.Stack, rule: dict[str, Any]) -> None:
    own = network(stack)
    egress = ec2.CfnSecurityGroup.EgressProperty(**(HTTPS | {"cidr_ip": "0.0.0.0/0"} | rule))
    made = ec2.CfnSecurityGroup(
        stack, "Group", group_description="g", vpc_id=own.vpc, security_group_egress=[egress]
    )
    managed(stack, subnet_id=own.subnet, security_group_ids=[made.attr_group_id])


def l2_egress(stack: cdk.Stack, port: int) -> None:
    inventory(stack)
    vpc = l2_vpc(stack)
    made = ec2.SecurityGroup(stack, "Group", vpc=vpc, allow_all_outbound=False)
    made.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(port))
    l2_instance(stack, vpc, security_group=made)


def behind_a_proxy(stack: cdk.Stack, script: str) -> None:
    own = network(stack)
    egress = ec2.CfnSecurityGroup.EgressProperty(
        ip_protocol="tcp", from_port=3128, to_port=3128, cidr_ip="10.0.0.0/16"
    )
    made = ec2.CfnSecurityGroup(
        stack, "Group", group_description="g", vpc_id=own.vpc, security_group_egress=[egress]
    )
    data = cdk.Fn.base64(script)
    managed(stack, subnet_id=own.subnet, security_group_ids=[made.attr_group_id], user_data=data)


# --- routes ------------------------------------------------------------------------------------


class Subnets:
    """A VPC by L1 with a public and a private subnet, a NAT gateway in either."""

    def __init__(self, stack: cdk.Stack, **nat: Any) -> None:
        self.stack = stack
        self.vpc = ec2.CfnVPC(stack, "Vpc", cidr_block="10.0.0.0/16")
        self.public, self.public_table = self.subnet("Public", "10.0.0.0/24")
        self.private, self.private_table = self.subnet("Private", "10.0.1.0/24")
        self.gateway = ec2.CfnInternetGateway(stack, "Gateway")
        where: dict[str, Any] = {"subnet_id": self.public} | nat
        self.nat = ec2.CfnNatGateway(stack, "Nat", **where)
        self.route("PublicRoute", self.public_table, gateway_id=self.gateway)
        self.route("PrivateRoute", self.private_table, nat_gateway_id=self.nat.ref)

    def subnet(self, name: str, cidr: str) -> tuple[ec2.CfnSubnet, ec2.CfnRouteTable]:
        subnet = ec2.CfnSubnet(self.stack, name, vpc_id=self.vpc, cidr_block=cidr)
        table = ec2.CfnRouteTable(self.stack, f"{name}Table", vpc_id=self.vpc)
        ec2.CfnSubnetRouteTableAssociation(
            self.stack, f"{name}Joined", subnet_id=subnet, route_table_id=table
        )
        return subnet, table

    def route(self, name: str, table: ec2.CfnRouteTable, **target: Any) -> None:
        where: dict[str, Any] = {"destination_cidr_block": "0.0.0.0/0", "route_table_id": table}
        ec2.CfnRoute(self.stack, name, **(where | target))

    def attach(self, vpc: ec2.CfnVPC | None = None) -> None:
        ec2.CfnVPCGatewayAttachment(
            self.stack,
            "Attachment",
            vpc_id=vpc or self.vpc,
            internet_gateway_id=self.gateway,
        )


def behind_nat(stack: cdk.Stack, connectivity: str) -> None:
    subnets = Subnets(stack, connectivity_type=connectivity)
    subnets.attach()
    managed(stack, subnet_id=subnets.private)


def nat_in(stack: cdk.Stack, name: str) -> None:
    subnets = Subnets(stack)
    subnets.attach()
    subnets.nat.subnet_id = {"public": subnets.public, "private": subnets.private}[name].ref
    managed(stack, subnet_id=subnets.private)


def behind_gateway(stack: cdk.Stack, is_attached: bool) -> None:
    subnets = Subnets(stack)
    if is_attached:
        subnets.attach()
    managed(stack, subnet_id=subnets.private)


def gateway_of(stack: cdk.Stack, vpc: str) -> None:
    subnets = Subnets(stack)
    other = ec2.CfnVPC(stack, "Other", cidr_block="10.1.0.0/16")
    subnets.attach({"own": subnets.vpc, "other": other}[vpc])
    managed(stack, subnet_id=subnets.private)


def l2_subnet(stack: cdk.Stack, kind: ec2.SubnetType) -> None:
    inventory(stack)
    vpc = l2_vpc(stack, PUBLIC, WITH_EGRESS, ISOLATED)
    l2_instance(stack, vpc, vpc_subnets=in_subnets(kind))


def public_address(stack: cdk.Stack, is_wanted: bool) -> None:
    own = network(stack)
    interface = {
        "deviceIndex": "0",
        "subnetId": own.subnet.ref,
        "associatePublicIpAddress": is_wanted,
        "groupSet": [own.security_group.attr_group_id],
    }
    managed(stack, network_interfaces=[interface])


def group_in_nested_stack(stack: cdk.Stack, is_private: bool) -> None:
    inventory(stack)
    nested = cdk.NestedStack(stack, "Nested")
    subnets = Subnets(stack)
    subnets.attach()
    subnet = (
        subnets.private
        if is_private
        else ec2.CfnSubnet(stack, "Isolated", vpc_id=subnets.vpc, cidr_block="10.0.2.0/24")
    )
    group(nested, subnet.ref)


def imported_subnet(stack: cdk.Stack, subnet: str) -> None:
    own = ec2.CfnVPC(stack, "Vpc", cidr_block="10.0.0.0/16")
    isolated = ec2.CfnSubnet(stack, "Isolated", vpc_id=own, cidr_block="10.0.2.0/24")
    ids = {"isolated": isolated.ref, "imported": "subnet-12345678"}
    managed(stack, subnet_id=ids[subnet])


def as_router(stack: cdk.Stack, is_one: bool) -> None:
    """An instance without a role, to which a route leads or does not."""
    subnets = Subnets(stack)
    subnets.attach()
    web = managed(stack, subnet_id=subnets.private, iam_instance_profile=None)
    _, table = subnets.subnet("Third", "10.0.3.0/24")
    target = {"instance_id": web.ref} if is_one else {"nat_gateway_id": subnets.nat.ref}
    subnets.route("ThirdRoute", table, **target)
    managed_elsewhere = {"subnet_id": subnets.private, "iam_instance_profile": "TheirNodes"}
    instance(stack, "Other", **managed_elsewhere)


def l2_nat_instance(stack: cdk.Stack, kind: str) -> None:
    """The NAT instance of an L2 VPC, which has all tags of the stack."""
    inventory(stack)
    provider = ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t3.micro"))
    vpc = l2_vpc(stack, nat_gateway_provider=provider)
    l2_instance(stack, vpc, ssm_session_permissions=kind == "managed")
    cdk.Tags.of(stack).add("Env", "Prod")


# --- network ACLs ------------------------------------------------------------------------------


def with_acl(stack: cdk.Stack, entries: list[dict[str, Any]]) -> None:
    own = network(stack)
    acl = ec2.CfnNetworkAcl(stack, "Acl", vpc_id=own.vpc)
    ec2.CfnSubnetNetworkAclAssociation(
        stack, "AclOfSubnet", network_acl_id=acl.ref, subnet_id=own.subnet.ref
    )
    for number, entry in enumerate(entries, start=100):
        whole: dict[str, Any] = {
            "cidr_block": "0.0.0.0/0",
            "protocol": 6,
            "rule_action": "allow",
            "rule_number": number,
        }
        ec2.CfnNetworkAclEntry(stack, f"Entry{number}", network_acl_id=acl.ref, **(whole | entry))
    managed(stack, subnet_id=own.subnet, security_group_ids=[own.security_group])


def l2_acl(stack: cdk.Stack, action: ec2.Action) -> None:
    inventory(stack)
    vpc = l2_vpc(stack)
    acl = ec2.NetworkAcl(stack, "Acl", vpc=vpc, subnet_selection=in_subnets(WITH_EGRESS))
    for direction in (ec2.TrafficDirection.EGRESS, ec2.TrafficDirection.INGRESS):
        acl.add_entry(
            direction.value,
            cidr=ec2.AclCidr.any_ipv4(),
            rule_number=100,
            traffic=ec2.AclTraffic.all_traffic(),
            direction=direction,
            rule_action=action,
        )
    l2_instance(stack, vpc)


OUT = {"egress": True, "port_range": {"from": 443, "to": 443}}
BACK = {"port_range": {"from": 1024, "to": 65535}}
NOT_BACK = {"port_range": {"from": 443, "to": 443}}


# --- endpoints ---------------------------------------------------------------------------------


def isolated(stack: cdk.Stack, **given: Any) -> None:
    """An instance in an isolated subnet, with our endpoints."""
    vpc = ec2.CfnVPC(
        stack,
        "Vpc",
        cidr_block="10.0.0.0/16",
        enable_dns_hostnames=given.get("host_names", True),
        enable_dns_support=True,
    )
    other = ec2.CfnVPC(stack, "Other", cidr_block="10.1.0.0/16")
    subnet = ec2.CfnSubnet(stack, "Subnet", vpc_id=vpc, cidr_block="10.0.0.0/24")
    elsewhere = ec2.CfnSubnet(stack, "Elsewhere", vpc_id=other, cidr_block="10.1.0.0/24")
    table = ec2.CfnRouteTable(stack, "Table", vpc_id=vpc)
    ec2.CfnSubnetRouteTableAssociation(stack, "Joined", subnet_id=subnet, route_table_id=table)
    client = ec2.CfnSecurityGroup(stack, "Client", group_description="g", vpc_id=vpc)
    subnets = {"own": subnet, "other": elsewhere}
    made = SystemsManagerEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        subnets=[subnets[given.get("subnet", "own")]],
        route_tables=[table],
        clients=[client],
    )
    if "egress" in given:
        client.security_group_egress = [
            ec2.CfnSecurityGroup.EgressProperty(
                **HTTPS,
                destination_security_group_id={
                    "endpoints": made.security_group.attr_group_id,
                    "itself": client.attr_group_id,
                }[given["egress"]],
            )
        ]
    managed(stack, subnet_id=subnet, security_group_ids=[client.attr_group_id])


def endpoint_twice(stack: cdk.Stack, service: str) -> None:
    own = WorkloadNetwork(stack, "Network", private=True)
    ec2.CfnVPCEndpoint(
        stack,
        "Again",
        vpc_id=own.vpc,
        vpc_endpoint_type="Interface",
        service_name=f"com.amazonaws.eu-central-1.{service}",
        private_dns_enabled=True,
    )


def l2_endpoint_twice(stack: cdk.Stack, has_private_dns: bool) -> None:
    vpc = l2_vpc(stack, ISOLATED)
    service = ec2.InterfaceVpcEndpointAwsService.SSM
    vpc.add_interface_endpoint("One", service=service)
    vpc.add_interface_endpoint("Two", service=service, private_dns_enabled=has_private_dns)


def l2_without_dns(stack: cdk.Stack, is_on: bool) -> None:
    vpc = l2_vpc(stack, ISOLATED, enable_dns_support=is_on)
    vpc.add_interface_endpoint("Ssm", service=ec2.InterfaceVpcEndpointAwsService.SSM)


def l2_one_endpoint(stack: cdk.Stack, services: list[str]) -> None:
    inventory(stack)
    vpc = l2_vpc(stack, ISOLATED)
    for name in services:
        service = ec2.InterfaceVpcEndpointAwsService(name)
        vpc.add_interface_endpoint(name, service=service)
    l2_instance(stack, vpc, vpc_subnets=in_subnets(ISOLATED))


ROWS = [
    Row("NodeEgress", "Web", with_egress, {"from_port": 80, "to_port": 80}, {}),
    Row("NodeEgress", "Web", with_egress, {"cidr_ip": "10.0.0.0/8"}, {"cidr_ip": "52.0.0.0/8"}),
    Row("NodeEgress", "Web", l2_egress, 80, 443, "L2"),
    Row(
        "NodeEgress",
        "Web",
        behind_a_proxy,
        "dnf update",
        "export https_proxy=http://10.0.0.9:3128",
        "proxy",
        branch="proxy",
    ),
    Row("NodeRoute", "Web", behind_nat, "private", "public", branch="NAT gateway"),
    Row("NodeRoute", "Web", nat_in, "private", "public", branch="NAT gateway"),
    Row("NodeRoute", "Web", behind_gateway, False, True, branch="gateway"),
    Row("NodeRoute", "Web", gateway_of, "other", "own", branch="gateway"),
    Row("NodeRoute", "Web", l2_subnet, ISOLATED, WITH_EGRESS, "L2"),
    Row("NodeRoute", "Web", public_address, False, True, branch="gateway"),
    Row("NodeRoute", "Nested/Fleet", group_in_nested_stack, False, True, "nested stack"),
    Row("NodeRoute", "Web", imported_subnet, "isolated", "imported", "imported"),
    Row(
        "NodeRoute",
        "Web",
        l2_one_endpoint,
        ["ssm"],
        ["ssm", "ssmmessages"],
        "L2",
        branch="endpoints",
    ),
    Row("NodeInstanceProfile", "Web", as_router, False, True, "L1", branch="router"),
    Row("NodeRole", "Web/InstanceRole", l2_nat_instance, "", "managed", "L2", branch="router"),
    Row("NodeNetworkAcl", "Web", with_acl, [], [OUT, BACK]),
    Row("NodeNetworkAcl", "Web", with_acl, [OUT, NOT_BACK], [OUT, BACK]),
    Row("NodeNetworkAcl", "Web", l2_acl, ec2.Action.DENY, ec2.Action.ALLOW, "L2"),
    Row(
        "EndpointSubnet",
        "Endpoints/Ssm",
        lambda stack, name: isolated(stack, subnet=name),
        "other",
        "own",
        "our construct",
    ),
    Row(
        "EndpointDns",
        "Endpoints/Ssm",
        lambda stack, on: isolated(stack, host_names=on),
        False,
        True,
        "our construct",
    ),
    Row("EndpointDns", "Vpc/Ssm", l2_without_dns, False, True, "L2"),
    Row("EndpointTwice", "Again", endpoint_twice, "ssm", "ec2messages"),
    Row("EndpointTwice", "Vpc/Two", l2_endpoint_twice, True, False, "L2"),
    Row(
        "NodeRoute",
        "Web",
        lambda stack, name: isolated(stack, egress=name),
        "itself",
        "endpoints",
        "our construct",
        branch="endpoints",
    ),
]
