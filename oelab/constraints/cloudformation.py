"""What CloudFormation accepts."""

from oelab.constraints.kinds import Text

RESOURCES_PER_STACK = 500
"""Source: CloudFormation User Guide, quotas."""

_SOURCE = "CloudFormation API Reference, CreateStack"
_FORM = "letters, digits and hyphens, the first a letter"

STACK_NAME = Text("StackName", _SOURCE, "[A-Za-z][A-Za-z0-9-]*", _FORM, 1, 128)
