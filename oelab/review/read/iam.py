"""IAM: roles and instance profiles, and what they allow."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jmespath

from oelab.review.models import Unread
from oelab.review.read.connection import Connection, require
from oelab.review.read.errors import ReadError
from oelab.review.records import AssociationDetails
from oelab.review.snapshots import LogAccess, ProfileAccess
from oelab.systems_manager.permissions import EC2_PRINCIPALS, OF_NODES

# A policy may have one statement, and a statement one service, in place of a list of them.
_TRUSTED_SERVICES = "[Statement][] | [?Effect == 'Allow'].Principal.Service | []"
_DENIED_ACTIONS = (
    "EvaluationResults[?EvalDecision != 'allowed']."
    "[EvalActionName || '', OrganizationsDecisionDetail.AllowedByOrganizations]"
)


def has_role(aws: Connection, name: str) -> bool:
    """Whether the role exists."""
    return bool(aws.call("iam:GetRole", "Role", RoleName=name))


def has_profile(aws: Connection, name: str) -> bool:
    """Whether the instance profile exists."""
    key = "InstanceProfile"
    return bool(aws.call("iam:GetInstanceProfile", key, InstanceProfileName=name))


def read_profiles(aws: Connection, names: Iterable[str]) -> Mapping[str, ProfileAccess]:
    """What each of these instance profiles allows, by name."""
    return {name: _access(aws, name) for name in sorted(set(names))}


def _roles(aws: Connection, profile: str) -> Iterator[Mapping[str, Any]]:
    key = "InstanceProfile.Roles"
    return aws.answers("iam:GetInstanceProfile", key, InstanceProfileName=profile)


def _access(aws: Connection, name: str) -> ProfileAccess:
    for role in _roles(aws, name):
        denied = _denied(aws, role, OF_NODES["registration"])
        trusted = jmespath.search(_TRUSTED_SERVICES, role.get("AssumeRolePolicyDocument"))
        return ProfileAccess(
            role=role.get("RoleName", ""),
            trusts_ec2=any(str(each).startswith(EC2_PRINCIPALS) for each in trusted or ()),
            denied=tuple(denied),
            is_denied_by_organization=any(denied.values()),
        )
    return ProfileAccess()


def read_log_access(
    aws: Connection, association: AssociationDetails | Unread, profiles: Iterable[str]
) -> LogAccess:
    """Whether the roles of these instance profiles may write the output of an association."""
    details = require(association)
    if not details.log_bucket:
        return LogAccess()
    objects = f"arn:{aws.partition}:s3:::{details.log_location.removeprefix('s3://')}/*"
    denied = [
        role.get("RoleName", "")
        for name in sorted(filter(None, profiles))
        for role in _roles(aws, name)
        if _denied(aws, role, OF_NODES["log_objects"], resource=objects)
    ]
    exists = _has_bucket(aws, details.log_bucket)
    return LogAccess(bucket_exists=exists, denied_roles=tuple(denied))


def _has_bucket(aws: Connection, name: str) -> bool:
    """Whether a bucket exists, whoever may list it: S3 answers 404 only where there is none."""
    try:
        aws.call("s3:HeadBucket", "ResponseMetadata", Bucket=name)
    except ReadError as error:
        if error.code != "404":
            raise
        return False
    return True


def _denied(
    aws: Connection, role: Mapping[str, Any], actions: Iterable[str], *, resource: str = "*"
) -> Mapping[str, bool]:
    """The actions that a role is denied, and whether it is the organization that denies them."""
    # Only where there is an organization with policies does AWS say whether that allows them.
    denied = aws.answers(
        "iam:SimulatePrincipalPolicy",
        _DENIED_ACTIONS,
        PolicySourceArn=role.get("Arn", ""),
        ActionNames=[*actions],
        ResourceArns=[resource],
    )
    return {action: is_allowed is False for action, is_allowed in denied}
