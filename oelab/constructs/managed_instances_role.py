"""The role that makes an EC2 instance a managed node."""

from collections.abc import Mapping
from typing import Annotated

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from oelab import tags as lab_tags
from oelab.constraints.iam import ROLE_DESCRIPTION, ROLE_NAME
from oelab.constraints.tags import TAGS
from oelab.constructs.arguments import check_arguments
from oelab.systems_manager.permissions import MANAGED_NODE


class ManagedInstancesRole(Construct):
    """An IAM role for EC2 instances, and an instance profile of the same name.

    By default the role carries the AWS managed policy AmazonSSMManagedInstanceCore. With
    `restricted_permissions` it carries instead only what inventory and Session Manager's channels
    need, and neither reads Parameter Store nor patches
    (https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html).

    Args:
        role_name: 1 to 64 letters, digits and _ + = , . @ -. A named role can exist once in an
            account, so one Region of an account defines it.
        description: up to 1000 Latin-1 characters, without a dynamic reference.
        restricted_permissions: see above.
        tags: up to 50 tags of the role, in place of the lab's `Environment`=`OELabIPM`.

    Raises:
        FindingsError: a name, description or tag that IAM would refuse.
    """

    @check_arguments()
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role_name: Annotated[str, ROLE_NAME] = "ManagedInstancesRole",
        description: Annotated[
            str, ROLE_DESCRIPTION
        ] = "Lets EC2 instances be managed by AWS Systems Manager",
        restricted_permissions: bool = False,
        tags: Annotated[Mapping[str, str], TAGS] = lab_tags.OF_ROLE,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            description=description,
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
        )
        """The role."""
        for key, value in tags.items():
            cdk.Tags.of(self.role).add(key, value)
        if restricted_permissions:
            # None of these can be limited to a resource that is known before the node exists.
            statement = iam.PolicyStatement(actions=MANAGED_NODE, resources=["*"])
            iam.Policy(self, "ManagedNode", roles=[self.role], statements=[statement])
        else:
            self.role.add_managed_policy(
                iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
            )
        self.instance_profile = iam.InstanceProfile(
            self, "InstanceProfile", role=self.role, instance_profile_name=role_name
        )
        """The instance profile that carries the role to an instance."""
