"""What IAM does in CloudFormation and MiniStack does not."""

from localaws.adapter import Record, cloudformation, iam
from localaws.errors import AwsError


def install() -> None:
    cloudformation.install_creation_check("AWS::IAM::Role", _check_role)
    cloudformation.install_permissions_boundaries()
    cloudformation.install_profile_names()


def _check_role(props: Record) -> None:
    """A role's name is taken once in an account, whatever the Region."""
    name = props.get("RoleName")
    if name and iam.role(name):
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
