"""IAM's roles and instance profiles."""

from typing import cast

from ministack.core import iam_evaluator as _evaluator
from ministack.services import iam as _iam

from localaws.adapter import Record, scope


def instance_profile(*, name: str = "", arn: str = "") -> Record | None:
    return cast("Record | None", _iam._lookup_instance_profile(name=name, arn=arn))


def role(name: str) -> Record | None:
    return cast("Record | None", _iam._roles.get(name))


def role_allows(role_name: str, action: str, resource: str) -> bool:
    """Whether the role's own policies allow the action: an Allow, and no Deny."""
    context = _evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{scope.account_id()}:assumed-role/{role_name}/instance",
        principal_type="AssumedRole",
        principal_account=scope.account_id(),
        action=action,
        resource_arn=resource,
        region=scope.region(),
    )
    policies = _evaluator._gather_role_policies(role_name, scope.account_id())
    return cast("str", _evaluator.evaluate(context, policies).decision) == "Allow"
