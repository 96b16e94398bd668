"""The AWS calls that each kind of principal needs, as plain data.

Policies are made from these lists, so nothing grants what is not named here.
"""

from collections.abc import Mapping

REGISTRATION = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:OpenControlChannel",
)
"""What the agent calls to register its node and to stay connected.

Source: "ec2messages and other API operations" in the Systems Manager user guide.
"""

MANAGED_NODE = tuple(
    sorted(
        (
            *REGISTRATION,
            "ssm:DescribeAssociation",
            "ssm:DescribeDocument",
            "ssm:GetDocument",
            "ssm:ListAssociations",
            "ssm:ListInstanceAssociations",
            "ssm:PutComplianceItems",
            "ssm:PutInventory",
            "ssm:UpdateAssociationStatus",
            "ssm:UpdateInstanceAssociationStatus",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenDataChannel",
        )
    )
)
"""What the agent of a managed node calls for inventory, and no more.

Unlike AmazonSSMManagedInstanceCore it cannot read Parameter Store, patch or run ec2messages.
Source: "Troubleshooting problems with Systems Manager Inventory" and "ec2messages and other API
operations" in the Systems Manager user guide.
"""

EC2_PRINCIPALS = ("ec2.amazonaws.com", "ec2.${AWS::URLSuffix}")
"""How the service principal begins that a node's role must trust; some partitions add to it."""

OVERRIDING = ("ssm:UpdateInstanceInformation",)
"""What keeps Default Host Management Configuration from a node whose own role allows it.

Source: "Managing EC2 instances automatically with Default Host Management Configuration" in the
Systems Manager user guide.
"""

READ_ASSOCIATED_PROFILES = ("ec2:DescribeIamInstanceProfileAssociations",)
"""By which the runbook AWS-AttachIAMToInstance learns whether an instance has a profile.

Source: "AWS-AttachIAMToInstance" in the Systems Manager Automation runbook reference, as of the
following ones, which name the resources that they are limited to.
"""

READ_PROFILES_OF_ROLE = ("iam:ListInstanceProfilesForRole",)
"""By which it finds the profile of the role."""

ASSOCIATE_PROFILE = ("ec2:AssociateIamInstanceProfile",)
"""By which it attaches the profile to an instance."""

PASS_ROLE = ("iam:PassRole",)
"""What EC2 asks in addition of those who attach a profile with a role."""

REMOVE_PROFILE = (
    "ec2:DisassociateIamInstanceProfile",
    "ec2:ReplaceIamInstanceProfileAssociation",
)
"""Every call by which EC2 takes a profile from an instance, with or without another in its place.

Source: "Attach an IAM role to an instance" in the Amazon EC2 user guide.
"""

NODE_LOG_OBJECTS = ("s3:PutObject", "s3:PutObjectAcl")
"""What the agent calls on the objects of its log bucket (it sends a canned ACL)."""

NODE_LOG_BUCKET = ("s3:GetEncryptionConfiguration",)
"""What the agent calls on its log bucket, to learn which encryption to ask for."""

NODE_LOG_KEY = ("kms:GenerateDataKey",)
"""What the agent calls on the customer key of its log bucket, where there is one."""

AWS_POLICIES: Mapping[str, tuple[str, ...]] = {
    "AdministratorAccess": ("*",),
    "service-role/AmazonEC2RoleforSSM": (*MANAGED_NODE, "s3:PutObject", *NODE_LOG_BUCKET),
    "AmazonSSMManagedEC2InstanceDefaultPolicy": MANAGED_NODE,
    "AmazonSSMManagedInstanceCore": MANAGED_NODE,
    "PowerUserAccess": ("*",),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonEC2ContainerRegistryReadOnly": (),
    "AmazonEC2FullAccess": (),
    "AmazonEC2ReadOnlyAccess": (),
    "AmazonS3ReadOnlyAccess": (),
    "AmazonSSMDirectoryServiceAccess": (),
    "AmazonSSMPatchAssociation": (),
    "AmazonSSMReadOnlyAccess": ("ssm:Describe*", "ssm:Get*", "ssm:List*"),
    "CloudWatchAgentServerPolicy": (),
}
"""AWS managed policies that are often attached to instances, with their paths: what of all that is
named here they allow, as patterns.

What any other AWS managed policy allows is not known here. Source: AWS Managed Policy Reference
Guide.
"""

REVIEWER = (
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackResources",
    "cloudformation:ListStacks",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "iam:GetInstanceProfile",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "resource-groups:ListGroupResources",
    "servicequotas:GetServiceQuota",
    "ssm:DescribeAssociation",
    "ssm:DescribeAssociationExecutions",
    "ssm:DescribeAssociationExecutionTargets",
    "ssm:DescribeInstanceAssociationsStatus",
    "ssm:DescribeInstanceInformation",
    "ssm:GetInventory",
    "ssm:GetInventorySchema",
    "ssm:GetServiceSetting",
    "ssm:ListAssociations",
    "ssm:ListComplianceItems",
    "ssm:ListInventoryEntries",
    "ssm:ListResourceComplianceSummaries",
    "ssm:ListResourceDataSync",
    "ssm:ListTagsForResource",
    "sts:GetCallerIdentity",
    "tag:GetResources",
)
"""What the review calls, and all of it reads.

`tag:GetResources` is what ListGroupResources needs in addition. Source: ListGroupResources,
Resource Groups API Reference.

Most of these know no resource to limit them to, and the review looks for what it does not know
yet, so they are meant for every resource.
"""

REVIEWER_PARAMETERS = ("ssm:GetParameter",)
"""What the review calls on the parameter that names the image.

For public parameters (`arn:PARTITION:ssm:REGION::parameter/aws/service/*`) only: those of the
account may hold secrets.
"""

OPERATOR = ("ssm:StartAssociationsOnce", "ssm:UpdateAssociation")
"""What those call in addition who run an association out of turn or change it.

To be limited to the associations and the document of the lab: the permission to update any
association is root access to its nodes.
"""

READ_BUCKET = ("s3:ListBucket",)
"""What those call on the bucket of data syncs who answer questions from it."""

READ_OBJECTS = ("s3:GetObject",)
"""What they call on its objects."""

USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")
"""What they call on the key of these objects and of results, where there is one."""

ASK_ATHENA = (
    "athena:GetQueryExecution",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
"""What those call on a workgroup who ask Athena.

Source: "Example policies for running queries in a workgroup" in the Athena user guide; as of the
following ones "Access to databases and tables in the AWS Glue Data Catalog" and "Access to query
results".
"""

READ_TABLES = ("glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables")
"""What Athena calls for them on the catalog, the database and its tables."""

LIST_RESULTS = ("s3:GetBucketLocation", "s3:ListBucket")
"""What Athena calls for them on the bucket of the results."""

WRITE_RESULTS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")
"""What Athena calls for them on the results."""
