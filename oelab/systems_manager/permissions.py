"""The AWS calls that each kind of principal needs, as plain data.

Policies are made from these lists, so nothing grants what is not named here.
"""

MANAGED_NODE = (
    "ssm:DescribeAssociation",
    "ssm:DescribeDocument",
    "ssm:GetDocument",
    "ssm:ListAssociations",
    "ssm:ListInstanceAssociations",
    "ssm:PutComplianceItems",
    "ssm:PutInventory",
    "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstanceAssociationStatus",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
"""What the agent of a managed node calls for inventory, and no more.

Unlike AmazonSSMManagedInstanceCore it cannot read Parameter Store, patch or run ec2messages.
Source: "Troubleshooting problems with Systems Manager Inventory" and "ec2messages and other API
operations" in the Systems Manager user guide.
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
    "ssm:ListTagsForResource",
    "sts:GetCallerIdentity",
)
"""What the review calls, and all of it reads.

Most of these know no resource to limit them to, and the review looks for what it does not know
yet, so they are meant for every resource.
"""

REVIEWER_PARAMETERS = ("ssm:GetParameter",)
"""What the review calls on the parameter that names the image.

For public parameters (`arn:PARTITION:ssm:REGION::parameter/aws/service/*`) alone: those of the
account may hold secrets.
"""

OPERATOR = ("ssm:StartAssociationsOnce", "ssm:UpdateAssociation")
"""What people call besides, who run an association out of turn or change it.

To be limited to the associations and the document of the lab: whoever may update any association
rules its nodes as root.
"""
