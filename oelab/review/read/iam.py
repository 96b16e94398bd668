"""IAM and STS: whose credentials these are, and what instance profiles allow."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from oelab.review.fleet_snapshot import ProfileAccess
from oelab.review.read.access import Clients
from oelab.review.read.errors import ReadError, code_of, reading
from oelab.systems_manager.permissions import EC2_PRINCIPALS, REGISTRATION

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import RoleTypeDef


def read_account(clients: Clients) -> str:
    """The account id of the credentials. Raises `ReadError`. AWS: sts:GetCallerIdentity."""
    with reading(clients.place, "sts:GetCallerIdentity"):
        return clients.sts.get_caller_identity()["Account"]


def read_profiles(clients: Clients, names: Iterable[str]) -> Mapping[str, ProfileAccess]:
    """What each of these instance profiles allows, by name.

    Raises `ReadError`. AWS: iam:GetInstanceProfile, iam:SimulatePrincipalPolicy, once a profile.
    """
    return {name: _read_profile(clients, name) for name in sorted(set(names))}


def _read_profile(clients: Clients, name: str) -> ProfileAccess:
    try:
        with reading(clients.place, "iam:GetInstanceProfile"):
            profile = clients.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    except ReadError as error:
        if code_of(error) == "NoSuchEntity":
            return ProfileAccess()
        raise
    for role in profile["Roles"]:
        return ProfileAccess(
            role=role["RoleName"],
            trusts_ec2=_trusts_ec2(role),
            denied=_denied(clients, role["Arn"]),
        )
    return ProfileAccess()


def _denied(clients: Clients, role_arn: str) -> tuple[str, ...]:
    with reading(clients.place, "iam:SimulatePrincipalPolicy"):
        pages = clients.iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=role_arn,
            ActionNames=REGISTRATION,
        )
        return tuple(
            result["EvalActionName"]
            for page in pages
            for result in page.get("EvaluationResults", [])
            if result["EvalDecision"] != "allowed"
        )


def _trusts_ec2(role: "RoleTypeDef") -> bool:
    # botocore decodes the document, though its types allow a text too.
    document: Any = role.get("AssumeRolePolicyDocument") or {}
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
