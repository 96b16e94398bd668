"""The network of a workload."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, IDependable

from oelab.constructs.validation import require
from oelab.rules import cidr as cidr_rules


class WorkloadNetwork(Construct):
    """A VPC with one public subnet, an internet gateway and one security group.

    The security group lets HTTPS out, which is all that the agent, its updates and Amazon Linux's
    packages need, and nothing in unless asked.

    It is made of L1 resources because the L2 `Vpc` asks the account for its Availability Zones
    wherever the stack's environment is known, and a synth must not call AWS.

    Args:
        vpc_cidr: IPv4, /16 to /28.
        subnet_cidr: within `vpc_cidr`.
        availability_zone: the first of the Region where unset.
        web_ingress_cidr: who may reach port 80; nobody where unset.
        ssh_ingress_cidr: who may reach port 22; nobody where unset.

    Raises:
        FaultsError: a CIDR that is malformed, of the wrong size or outside of the VPC.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc_cidr: str = "10.0.0.0/16",
        subnet_cidr: str = "10.0.0.0/24",
        availability_zone: str | None = None,
        web_ingress_cidr: str | None = None,
        ssh_ingress_cidr: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        require(
            cidr_rules.vpc_cidr("vpc_cidr", vpc_cidr),
            cidr_rules.subnet_cidr("subnet_cidr", subnet_cidr),
            cidr_rules.inside("subnet_cidr", subnet_cidr, "vpc_cidr", vpc_cidr),
            cidr_rules.cidr("web_ingress_cidr", web_ingress_cidr) if web_ingress_cidr else (),
            cidr_rules.cidr("ssh_ingress_cidr", ssh_ingress_cidr) if ssh_ingress_cidr else (),
        )
        self.vpc = ec2.CfnVPC(
            self,
            "Vpc",
            cidr_block=vpc_cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=_named_by_stack(),
        )
        """The VPC."""
        self.subnet = ec2.CfnSubnet(
            self,
            "PublicSubnet",
            vpc_id=self.vpc.ref,
            cidr_block=subnet_cidr,
            availability_zone=availability_zone or cdk.Fn.select(0, cdk.Fn.get_azs()),
            map_public_ip_on_launch=True,
            tags=_named_by_stack(),
        )
        """The public subnet."""
        self.internet_connectivity_established: IDependable = self._define_internet_route()
        """What an instance depends on that needs the internet from its first moment."""
        self.security_group = ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=self.vpc.ref,
            group_description="HTTPS out; in only what the settings open",
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp",
                    from_port=443,
                    to_port=443,
                    cidr_ip="0.0.0.0/0",
                    description="Systems Manager and package repositories",
                )
            ],
            security_group_ingress=[
                _ingress(port, cidr, description)
                for port, cidr, description in (
                    (80, web_ingress_cidr, "Web page"),
                    (22, ssh_ingress_cidr, "SSH"),
                )
                if cidr
            ]
            or None,
            tags=_named_by_stack(),
        )
        """The security group of the instances."""

    def _define_internet_route(self) -> ec2.CfnRoute:
        gateway = ec2.CfnInternetGateway(self, "InternetGateway", tags=_named_by_stack())
        attachment = ec2.CfnVPCGatewayAttachment(
            self, "GatewayAttachment", vpc_id=self.vpc.ref, internet_gateway_id=gateway.ref
        )
        route_table = ec2.CfnRouteTable(
            self, "RouteTable", vpc_id=self.vpc.ref, tags=_named_by_stack()
        )
        ec2.CfnSubnetRouteTableAssociation(
            self,
            "RouteTableAssociation",
            subnet_id=self.subnet.ref,
            route_table_id=route_table.ref,
        )
        route = ec2.CfnRoute(
            self,
            "InternetRoute",
            route_table_id=route_table.ref,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.ref,
        )
        route.add_resource_dependency(attachment)
        return route


def _named_by_stack() -> list[cdk.CfnTag]:
    return [cdk.CfnTag(key="Name", value=cdk.Aws.STACK_NAME)]


def _ingress(port: int, cidr: str, description: str) -> ec2.CfnSecurityGroup.IngressProperty:
    return ec2.CfnSecurityGroup.IngressProperty(
        ip_protocol="tcp", from_port=port, to_port=port, cidr_ip=cidr, description=description
    )
