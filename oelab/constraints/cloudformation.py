"""What CloudFormation accepts; limits in cloudformation.toml."""

from oelab.constraints.kinds import Text

RESOURCES_PER_STACK = 500
"""Source: CloudFormation User Guide, quotas."""

STACK_NAME = Text.declared("cloudformation.StackName")
