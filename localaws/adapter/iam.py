"""IAM's roles and instance profiles, and what policies allow."""

import json
from typing import Any, cast

from ministack.core import iam_evaluator as _evaluator
from ministack.services import iam as _iam

from localaws.adapter import Record, scope


def instance_profile(*, name: str = "", arn: str = "") -> Record | None:
    return cast("Record | None", _iam._lookup_instance_profile(name=name, arn=arn))


def role(name: str) -> Record | None:
    return cast("Record | None", _iam._roles.get(name))


def instance_profile_of(role_name: str) -> Record | None:
    """The first instance profile that holds the role."""
    profiles = _iam._instance_profiles.values()
    return next((profile for profile in profiles if role_name in profile["Roles"]), None)


def is_trusted(role_name: str, service: str) -> bool:
    """Whether the role exists and its trust policy names the service."""
    found = role(role_name)
    policy = json.loads(found["AssumeRolePolicyDocument"]) if found else {}
    return any(
        statement["Effect"] == "Allow" and service in _services(statement.get("Principal"))
        for statement in _listed(policy.get("Statement", []))
    )


def _services(principal: Any) -> list[str]:
    return _listed(principal.get("Service", [])) if isinstance(principal, dict) else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def role_allows(
    role_name: str, action: str, resource: str, keys: dict[str, str] | None = None
) -> bool:
    """Whether the role's policies, within its permissions boundary, allow the action.

    `keys` are the condition keys of the request that are not global ones, in lower case.
    """
    context = _evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{scope.account_id()}:assumed-role/{role_name}/instance",
        principal_type="AssumedRole",
        principal_account=scope.account_id(),
        action=action,
        resource_arn=resource,
        region=scope.region(),
        service_context=keys or {},
    )
    policies = _evaluator._gather_role_policies(role_name, scope.account_id())
    limits = _evaluator._permissions_boundary(_iam._roles, role_name, scope.account_id())
    return cast("str", _evaluator.evaluate(context, policies, *limits).decision) == "Allow"
