"""The interface and gateway endpoints of a subnet without a way to the internet."""

from collections.abc import Sequence
from itertools import product
from typing import Annotated

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from oelab.constraints.ec2 import ENDPOINT_CLIENTS, ENDPOINT_SUBNETS
from oelab.constructs.arguments import check_arguments
from oelab.constructs.references import RouteTable, SecurityGroup, Subnet, Vpc
from oelab.systems_manager.reachability import SERVICES

# EC2 lets everything out of a group without egress rules, so a rule that matches nothing is how to
# say none.
_NOTHING = {
    "ipProtocol": "icmp",
    "fromPort": 252,
    "toPort": 86,
    "cidrIp": "255.255.255.255/32",
    "description": "Nothing",
}


class SystemsManagerEndpoints(Construct):
    """Interface endpoints for Systems Manager and a gateway endpoint for S3.

    S3 carries agent updates, association output and Amazon Linux's packages. The endpoints' own
    security group admits HTTPS from the clients' groups and lets nothing out. Its rules are
    resources of their own, so that the clients' groups may limit their egress to this group.

    Source: "Improve the security of EC2 instances by using VPC endpoints for Systems Manager".

    Args:
        vpc: the VPC or its id; with DNS support and DNS host names, which private DNS names need,
            and without other endpoints for these services.
        subnets: 1 or more subnets of the VPC or their ids, each in another Availability Zone.
        route_tables: those of the clients' subnets or their ids, for the gateway endpoint.
        clients: 1 or more security groups of the instances, or their ids.

    Raises:
        FindingsError: an id that is none; no subnets or no clients.
    """

    @check_arguments()
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: Vpc,
        subnets: Annotated[Sequence[Subnet], ENDPOINT_SUBNETS],
        route_tables: Sequence[RouteTable],
        clients: Annotated[Sequence[SecurityGroup], ENDPOINT_CLIENTS],
    ) -> None:
        super().__init__(scope, construct_id)
        self.security_group = ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=vpc,
            group_description="HTTPS from the instances to Systems Manager",
            security_group_egress=[_NOTHING],
        )
        """The security group of the interface endpoints."""
        rules = [
            ec2.CfnSecurityGroupIngress(
                self,
                f"Ingress{number}",
                group_id=self.security_group,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                source_security_group_id=client,
                description="Systems Manager",
            )
            for number, client in enumerate(clients, start=1)
        ]
        interfaces = [
            ec2.CfnVPCEndpoint(
                self,
                endpoint_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{cdk.Aws.REGION}.{service}",
                vpc_id=vpc,
                subnet_ids=list(subnets),
                security_group_ids=[self.security_group],
                private_dns_enabled=True,
            )
            for endpoint_id, service in zip(("Ssm", "SsmMessages"), SERVICES, strict=True)
        ]
        for interface, rule in product(interfaces, rules):
            # What waits for the endpoints is admitted from its first moment.
            interface.add_resource_dependency(rule)
        gateway = ec2.CfnVPCEndpoint(
            self,
            "S3",
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{cdk.Aws.REGION}.s3",
            vpc_id=vpc,
            route_table_ids=list(route_tables),
        )
        self.endpoints: list[cdk.CfnResource] = [*interfaces, gateway]
        """The endpoints."""
