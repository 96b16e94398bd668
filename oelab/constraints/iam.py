"""What IAM accepts; limits in iam.toml."""

from oelab.constraints.kinds import Text

ACCOUNT_ID = Text.declared("iam.AccountId")
ROLE_NAME = Text.declared("iam.RoleName")
assert ROLE_NAME.at_most is not None, "iam.toml must limit the name of a role"
ROLE_NAME_LENGTH = ROLE_NAME.at_most
ROLE_DESCRIPTION = Text.declared("iam.RoleDescription")
INSTANCE_PROFILE_NAME = Text.declared("iam.InstanceProfileName")
ASSUMED_ROLE = Text.declared("iam.AssumedRole")
