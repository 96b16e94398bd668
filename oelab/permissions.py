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
