"""The network of a workload: VPC, subnets, routes, endpoints, and its security group's egress."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from oelab.constraints.cidr import CIDR, SUBNET_CIDR, VPC_CIDR, inside
from oelab.constraints.ec2 import AVAILABILITY_ZONE, managed_node_egress
from oelab.constructs.arguments import check_arguments
from oelab.constructs.systems_manager_endpoints import SystemsManagerEndpoints
from oelab.findings import Finding

_NAMED_BY_STACK = {"key": "Name", "value": cdk.Aws.STACK_NAME}


def _subnet_in_vpc(*, vpc_cidr: str, subnet_cidr: str, **_: object) -> Iterator[Finding]:
    return inside("subnet_cidr", subnet_cidr, "vpc_cidr", vpc_cidr)


class WorkloadNetwork(Construct):
    """A VPC with one subnet and one security group, and a way to Systems Manager.

    By default the subnet is public: instances get a public address and leave through an internet
    gateway. A `private` network has no gateway; instances reach Systems Manager and S3 (where
    Amazon Linux keeps its packages) through endpoints in the VPC, and nothing else. An interface
    endpoint costs money by the hour.

    The security group lets out what `egress_ports` name, and nothing in unless asked.

    It is made of L1 resources because the L2 `Vpc` asks the account for its Availability Zones
    wherever the stack's environment is known, and a synth must not call AWS.

    Args:
        private: see above.
        vpc_cidr: an IPv4 range of /16 to /28.
        subnet_cidr: an IPv4 range of /16 to /28, within `vpc_cidr`.
        availability_zone: EC2 chooses one where unset.
        egress_ports: TCP ports that instances may reach, 443 among them. HTTPS is all that the
            agent, its updates and Amazon Linux's packages need; Ubuntu's archive needs 80 too.
        web_ingress_cidr: who may reach port 80: an IPv4 range; nobody where unset.
        ssh_ingress_cidr: who may reach port 22: an IPv4 range; nobody where unset.

    Raises:
        FindingsError: a CIDR that is malformed, of the wrong size or outside of the VPC; egress
            without 443.
    """

    @check_arguments(_subnet_in_vpc)
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        private: bool = False,
        vpc_cidr: Annotated[str, VPC_CIDR] = "10.0.0.0/16",
        subnet_cidr: Annotated[str, SUBNET_CIDR] = "10.0.0.0/24",
        availability_zone: Annotated[str, AVAILABILITY_ZONE] | None = None,
        egress_ports: Annotated[Sequence[int], managed_node_egress] = (443,),
        web_ingress_cidr: Annotated[str, CIDR] | None = None,
        ssh_ingress_cidr: Annotated[str, CIDR] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.CfnVPC(
            self,
            "Vpc",
            cidr_block=vpc_cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=[_NAMED_BY_STACK],
        )
        """The VPC."""
        # One id whether public or not: two subnets of the same range cannot exist at a time.
        self.subnet = ec2.CfnSubnet(
            self,
            "Subnet",
            vpc_id=self.vpc,
            cidr_block=subnet_cidr,
            availability_zone=availability_zone,
            map_public_ip_on_launch=not private,
            tags=[_NAMED_BY_STACK],
        )
        """The subnet of the instances."""
        ingress = ((80, web_ingress_cidr, "Web page"), (22, ssh_ingress_cidr, "SSH"))
        self.security_group = ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=self.vpc,
            group_description="Out and in only what the workload needs",
            security_group_egress=[
                _rule(port, "0.0.0.0/0", "Systems Manager and package repositories")
                for port in egress_ports
            ],
            security_group_ingress=[
                _rule(port, source, description) for port, source, description in ingress if source
            ]
            or None,
            tags=[_NAMED_BY_STACK],
        )
        """The security group of the instances."""
        route_table = ec2.CfnRouteTable(self, "RouteTable", vpc_id=self.vpc, tags=[_NAMED_BY_STACK])
        association = ec2.CfnSubnetRouteTableAssociation(
            self, "RouteTableAssociation", subnet_id=self.subnet, route_table_id=route_table
        )
        self.systems_manager_reachable: Sequence[cdk.CfnResource] = (
            self._define_endpoints(route_table) if private else self._define_gateway(route_table)
        )
        """What an instance depends on that needs Systems Manager from its first moment: the
        argument of its `add_resource_dependency`, one by one."""
        for resource in self.systems_manager_reachable:
            # Without it the routes are there, but are not the subnet's.
            resource.add_resource_dependency(association)

    def _define_gateway(self, route_table: ec2.CfnRouteTable) -> list[cdk.CfnResource]:
        gateway = ec2.CfnInternetGateway(self, "InternetGateway", tags=[_NAMED_BY_STACK])
        attachment = ec2.CfnVPCGatewayAttachment(
            self, "GatewayAttachment", vpc_id=self.vpc, internet_gateway_id=gateway
        )
        route = ec2.CfnRoute(
            self,
            "InternetRoute",
            route_table_id=route_table,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway,
        )
        route.add_resource_dependency(attachment)
        return [route]

    def _define_endpoints(self, route_table: ec2.CfnRouteTable) -> list[cdk.CfnResource]:
        return SystemsManagerEndpoints(
            self,
            "Endpoints",
            vpc=self.vpc,
            subnets=[self.subnet],
            route_tables=[route_table],
            clients=[self.security_group],
        ).endpoints


def _rule(port: int, cidr: str, description: str) -> dict[str, Any]:
    ports = {"fromPort": port, "toPort": port}
    return {"ipProtocol": "tcp", **ports, "cidrIp": cidr, "description": description}
