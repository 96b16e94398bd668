"""IAM's roles and instance profiles, and what policies allow.

`keys` are always the condition keys of a request that are not global ones, in lower case.
"""

from collections.abc import Sequence
from typing import Any, cast

from ministack.core import iam_evaluator as _evaluator
from ministack.services import iam as _iam

from localaws.adapter import Record, scope

Keys = dict[str, str]


def instance_profile(*, name: str = "", arn: str = "") -> Record | None:
    return cast("Record | None", _iam._lookup_instance_profile(name=name, arn=arn))


def instance_profile_of(role_name: str) -> Record | None:
    """The first instance profile that holds the role."""
    profiles = _iam._instance_profiles.values()
    return next((profile for profile in profiles if role_name in profile["Roles"]), None)


def role(name: str) -> Record | None:
    return cast("Record | None", _iam._roles.get(name))


def is_trusted(role_name: str, service: str, source_arn: str = "") -> bool:
    """Whether the role exists and its trust policy lets the service of the account assume it.

    `source_arn` is the resource for which the service assumes it, where it says so.
    """
    found, keys = role(role_name), {"aws:sourceaccount": scope.account_id()}
    if source_arn:
        keys["aws:sourcearn"] = source_arn
    return found is not None and policy_allows(
        found["AssumeRolePolicyDocument"], service, "sts:AssumeRole", found["Arn"], keys
    )


def role_allows(role_name: str, action: str, resource: str, keys: Keys | None = None) -> bool:
    """Whether the role's policies, within its permissions boundary, allow the action."""
    account = scope.account_id()
    principal = f"arn:aws:sts::{account}:assumed-role/{role_name}/session"
    context = _context(principal, action, resource, keys or {})
    policies = _evaluator._gather_role_policies(role_name, account)
    limits = _evaluator._permissions_boundary(_iam._roles, role_name, account)
    return cast("str", _evaluator.evaluate(context, policies, *limits).decision) == "Allow"


def policies_allow(policies: Sequence[str], action: str, resource: str, keys: Keys) -> bool:
    """Whether policies that are attached to one principal allow the action on one resource."""
    context = _context("", action, resource, keys)
    statements = [_evaluator.parse_policy_document(policy) for policy in policies]
    return cast("str", _evaluator.evaluate(context, statements).decision) == "Allow"


def policy_allows(policy: str, service: str, action: str, resource: str, keys: Keys) -> bool:
    """Whether the policy of a resource lets an AWS service do this."""
    context = _context("", action, resource, {"aws:principalisawsservice": "true", **keys})
    result = _evaluator.evaluate_resource_policy(policy, context, service=service)
    return cast("str", result.decision) == "Allow"


def _context(principal: str, action: str, resource: str, keys: Keys) -> Any:
    return _evaluator.EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=scope.account_id(),
        action=action,
        resource_arn=resource,
        region=scope.region(),
        secure_transport=True,
        service_context=keys,
    )
