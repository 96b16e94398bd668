"""The parameters that more than one template has."""

from oelab.bundle.template import Parameter
from oelab.settings import RoleSettings

TAG_TEXT = r"^[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]*[A-Za-z0-9_.:/=+@-])?$"
"""The characters that every service takes in tags, and no space at either end."""

ROLE_NAME = Parameter(
    name="RoleName",
    group="Role of the managed instances",
    label="Name of the role",
    description="Name of the role and of its instance profile, unique in the account; another one "
    "replaces both, so the workloads need it too",
    default=RoleSettings().name,
    pattern=r"^[A-Za-z0-9_+=,.@-]+$",
    at_least=1,
    at_most=64,
    constraint="must be 1 to 64 letters, digits and _ + = , . @ -",
)
