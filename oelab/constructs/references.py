"""What constructs take in place of an id: the id itself, or a construct that has one."""

from typing import Annotated, TypeAlias

from aws_cdk.interfaces import aws_ec2 as ec2
from aws_cdk.interfaces import aws_iam as iam
from aws_cdk.interfaces import aws_s3 as s3

from oelab.constraints.ec2 import ROUTE_TABLE_ID, SECURITY_GROUP_ID, SUBNET_ID, VPC_ID
from oelab.constraints.iam import INSTANCE_PROFILE_NAME
from oelab.constraints.s3 import BUCKET_NAME

Vpc: TypeAlias = Annotated[str, VPC_ID] | ec2.IVPCRef
Subnet: TypeAlias = Annotated[str, SUBNET_ID] | ec2.ISubnetRef
RouteTable: TypeAlias = Annotated[str, ROUTE_TABLE_ID] | ec2.IRouteTableRef
SecurityGroup: TypeAlias = Annotated[str, SECURITY_GROUP_ID] | ec2.ISecurityGroupRef
InstanceProfile: TypeAlias = Annotated[str, INSTANCE_PROFILE_NAME] | iam.IInstanceProfileRef
Bucket: TypeAlias = Annotated[str, BUCKET_NAME] | s3.IBucketRef
