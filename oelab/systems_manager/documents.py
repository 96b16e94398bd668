"""Names that Systems Manager gives: one place for what templates, checks and review spell alike."""

INVENTORY_DOCUMENT = "AWS-GatherSoftwareInventory"
"""The document by which an association gathers inventory."""

ATTACH_ROLE_RUNBOOK = "AWS-AttachIAMToInstance"
"""The Automation runbook that attaches the instance profile of a role to an instance."""

QUICK_SETUP_INVENTORY = "AWS-QuickSetup-SSM-CollectInventory-"
"""How the names of Quick Setup's inventory associations begin."""

HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"
"""The service setting with the role that manages instances without a profile of their own."""
