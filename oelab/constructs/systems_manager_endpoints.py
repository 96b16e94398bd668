"""The way to Systems Manager from a subnet without one to the internet."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces import aws_ec2 as ec2_refs
from constructs import Construct

from oelab.systems_manager.reachability import SERVICES


class SystemsManagerEndpoints(Construct):
    """Interface endpoints for Systems Manager and a gateway endpoint for S3.

    S3 carries agent updates, association output and Amazon Linux's packages. The endpoints' own
    security group admits HTTPS from the clients' groups and lets nothing out.

    Source: "Improve the security of EC2 instances by using VPC endpoints for Systems Manager".

    Args:
        vpc: with DNS support and DNS host names, which private DNS names need.
        subnets: one or more, each in another Availability Zone.
        route_tables: of the clients' subnets, for the gateway endpoint.
        clients: the security groups of the instances.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: str | ec2_refs.IVPCRef,
        subnets: Sequence[str | ec2_refs.ISubnetRef],
        route_tables: Sequence[str | ec2_refs.IRouteTableRef],
        clients: Sequence[ec2_refs.ISecurityGroupRef],
    ) -> None:
        super().__init__(scope, construct_id)
        self.security_group = ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=vpc,
            group_description="HTTPS from the instances to Systems Manager",
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol="tcp",
                    from_port=443,
                    to_port=443,
                    source_security_group_id=client.security_group_ref.security_group_id,
                    description="Systems Manager",
                )
                for client in clients
            ],
            security_group_egress=[_nothing()],
        )
        """The security group of the interface endpoints."""
        self.endpoints: list[cdk.CfnResource] = [
            *(
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
            ),
            ec2.CfnVPCEndpoint(
                self,
                "S3",
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{cdk.Aws.REGION}.s3",
                vpc_id=vpc,
                route_table_ids=list(route_tables),
            ),
        ]
        """The endpoints."""


def _nothing() -> ec2.CfnSecurityGroup.EgressProperty:
    # EC2 lets everything out of a group without egress rules, so a rule that matches nothing is
    # how to say none.
    return ec2.CfnSecurityGroup.EgressProperty(
        ip_protocol="icmp",
        from_port=252,
        to_port=86,
        cidr_ip="255.255.255.255/32",
        description="Nothing",
    )
