"""What constructs take in place of an id: the id itself, or a construct that has one."""

from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

from aws_cdk.interfaces import aws_ec2 as ec2
from aws_cdk.interfaces import aws_iam as iam
from aws_cdk.interfaces import aws_s3 as s3
from constructs import Construct

from oelab.constraints.ec2 import ROUTE_TABLE_ID, SECURITY_GROUP_ID, SUBNET_ID, VPC_ID
from oelab.constraints.iam import INSTANCE_PROFILE_NAME
from oelab.constraints.s3 import BUCKET_NAME
from oelab.constructs.arguments import implements

if TYPE_CHECKING:
    from aws_cdk.aws_s3 import IBucket

Vpc: TypeAlias = Annotated[str, VPC_ID] | ec2.IVPCRef
Subnet: TypeAlias = Annotated[str, SUBNET_ID] | ec2.ISubnetRef
RouteTable: TypeAlias = Annotated[str, ROUTE_TABLE_ID] | ec2.IRouteTableRef
SecurityGroup: TypeAlias = Annotated[str, SECURITY_GROUP_ID] | ec2.ISecurityGroupRef
InstanceProfile: TypeAlias = Annotated[str, INSTANCE_PROFILE_NAME] | iam.IInstanceProfileRef
Bucket: TypeAlias = Annotated[str, BUCKET_NAME] | s3.IBucketRef


def bucket_of(scope: Construct, construct_id: str, given: Bucket | None) -> "IBucket | None":
    """The bucket that is given; one that is no L2 is known by its name only."""
    # The module takes long to import, and most associations have no log bucket.
    from aws_cdk.aws_s3 import Bucket as L2Bucket
    from aws_cdk.aws_s3 import IBucket

    if given is None or implements(given, IBucket):
        return cast("IBucket | None", given)
    name = given if isinstance(given, str) else given.bucket_ref.bucket_name
    return L2Bucket.from_bucket_name(scope, construct_id, name)
