"""What IAM accepts; limits in iam.toml."""

from oelab.constraints.kinds import Text

ACCOUNT_ID = Text.declared("iam.AccountId")
ROLE_NAME = Text.declared("iam.RoleName")
ROLE_NAME_LENGTH = ROLE_NAME.at_most or 0
ROLE_DESCRIPTION = Text.declared("iam.RoleDescription")
INSTANCE_PROFILE_NAME = Text.declared("iam.InstanceProfileName")
ASSUMED_ROLE = Text.declared("iam.AssumedRole")
