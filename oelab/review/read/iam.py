"""IAM: roles and instance profiles, and what they allow."""

from collections.abc import Iterable, Mapping
from typing import Any

from oelab.review.read.connection import Connection
from oelab.review.snapshots import ProfileAccess
from oelab.systems_manager.permissions import EC2_PRINCIPALS, REGISTRATION

_ABSENT = ("NoSuchEntity",)


def has_role(aws: Connection, name: str) -> bool:
    """Whether the role exists."""
    return bool(aws.call("iam:GetRole", absent=_ABSENT, RoleName=name))


def has_profile(aws: Connection, name: str) -> bool:
    """Whether the instance profile exists."""
    return bool(_profile(aws, name))


def read_profiles(aws: Connection, names: Iterable[str]) -> Mapping[str, ProfileAccess]:
    """What each of these instance profiles allows, by name."""
    return {name: _access(aws, name) for name in sorted(set(names))}


def _profile(aws: Connection, name: str) -> Mapping[str, Any]:
    answer = aws.call("iam:GetInstanceProfile", absent=_ABSENT, InstanceProfileName=name)
    profile: Mapping[str, Any] = answer.get("InstanceProfile", {})
    return profile


def _access(aws: Connection, name: str) -> ProfileAccess:
    for role in _profile(aws, name).get("Roles", ()):
        results = aws.answers(
            "iam:SimulatePrincipalPolicy",
            "EvaluationResults",
            PolicySourceArn=role["Arn"],
            ActionNames=[*REGISTRATION],
        )
        denied = (each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed")
        return ProfileAccess(
            role=role["RoleName"],
            trusts_ec2=_trusts_ec2(role.get("AssumeRolePolicyDocument") or {}),
            denied=tuple(denied),
        )
    return ProfileAccess()


def _trusts_ec2(document: Mapping[str, Any]) -> bool:
    for statement in _listed(document.get("Statement")):
        principal = statement.get("Principal", {})
        services = principal.get("Service") if isinstance(principal, dict) else None
        if statement.get("Effect") == "Allow" and any(
            str(each).startswith(EC2_PRINCIPALS) for each in _listed(services)
        ):
            return True
    return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
