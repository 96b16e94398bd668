"""What IAM accepts."""

from oelab.constraints.kinds import Text

_CREATE_ROLE = "IAM API Reference, CreateRole"
_CREATE_PROFILE = "IAM API Reference, CreateInstanceProfile"
_ACCOUNT = "AWS Account Management, account identifiers"

_NAME = "[A-Za-z0-9_+=,.@-]+"
_NAME_FORM = "letters, digits and _ + = , . @ -"
_LATIN_1 = r"[\t\n\r\x20-\x7e\xa1-\xff]*"

ROLE_NAME_LENGTH = 64

ACCOUNT_ID = Text("AccountId", _ACCOUNT, "[0-9]{12}", "12 digits in quotes such as '001122223333'")
ROLE_NAME = Text("RoleName", _CREATE_ROLE, _NAME, _NAME_FORM, 1, ROLE_NAME_LENGTH)
ROLE_DESCRIPTION = Text(
    "RoleDescription", _CREATE_ROLE, _LATIN_1, "Latin-1 characters", 0, 1000, is_literal=True
)
INSTANCE_PROFILE_NAME = Text("InstanceProfileName", _CREATE_PROFILE, _NAME, _NAME_FORM, 1, 128)

ASSUMED_ROLE = Text(
    "AssumedRole",
    _CREATE_ROLE,
    # A path may have any printable character of ASCII; a colon would be one of a malformed ARN.
    f"(arn:[a-z-]+:iam::[0-9]{{12}}:role/|/)?([!-9;-~]+/)?{_NAME}",
    "the name of a role, with its path or not, or the ARN of one",
)
"""A role that the review assumes."""
