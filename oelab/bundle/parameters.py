"""The parameters that more than one template has."""

from oelab.bundle.template import Parameter
from oelab.settings import RoleSettings

ROLE_NAME = Parameter(
    name="RoleName",
    group="Role of the managed instances",
    label="Name of the role",
    description="Name of the role and of its instance profile, unique in the account",
    default=RoleSettings().name,
    pattern=r"^[A-Za-z0-9_+=,.@-]+$",
    at_least=1,
    at_most=64,
    constraint="1 to 64 letters, digits and _ + = , . @ -",
)
