"""The AWS calls that each kind of principal needs, as plain data.

Policies are made from these lists, so nothing grants what is not named here.
"""

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

SUFFICIENT_POLICIES = frozenset(
    {
        "AdministratorAccess",
        "AmazonEC2RoleforSSM",
        "AmazonSSMManagedEC2InstanceDefaultPolicy",
        "AmazonSSMManagedInstanceCore",
        "PowerUserAccess",
    }
)
"""AWS managed policies that allow all of `MANAGED_NODE`."""

INSUFFICIENT_POLICIES = frozenset(
    {
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2FullAccess",
        "AmazonEC2ReadOnlyAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "AmazonSSMDirectoryServiceAccess",
        "AmazonSSMPatchAssociation",
        "AmazonSSMReadOnlyAccess",
        "CloudWatchAgentServerPolicy",
    }
)
"""AWS managed policies that are often attached to instances and allow none of `REGISTRATION`.

What any other AWS managed policy allows is not known here.
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
    "ssm:ListComplianceSummaries",
    "ssm:ListInventoryEntries",
    "ssm:ListResourceComplianceSummaries",
    "ssm:ListResourceDataSync",
    "ssm:ListTagsForResource",
    "sts:GetCallerIdentity",
)
"""What the review calls, and all of it reads.

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
