"""STS: who may assume a role."""

from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_evaluator as _evaluator
from ministack.services import iam as _iam
from ministack.services import sts as _sts

from localaws.adapter import Record, Response, scope


def install_trust_check() -> None:
    """Refuse AssumeRole where the role does not exist or does not trust the caller.

    MiniStack does so with its authentication only; without, it hands out credentials of any role.
    """
    answer = _sts.handle_request

    async def checked(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        request = {**query, **parse_qs(body.decode())}
        if _sts._p(request, "Action") == "AssumeRole":
            caller = _caller(headers, query)
            if not _is_trusted(caller, request):
                message = (
                    f"User: {caller} is not authorized to perform: sts:AssumeRole "
                    f"on resource: {_sts._p(request, 'RoleArn')}"
                )
                refusal: Response = _sts._error(403, "AccessDenied", message, ns="sts")
                return refusal
        result: Response = await answer(method, path, headers, body, query)
        return result

    _sts.handle_request = checked


def _caller(headers: dict[str, str], query: dict[str, Any]) -> str:
    """The ARN of the caller; an account's own key stands for one of its administrators.

    MiniStack takes it for the root user, whom it also lets assume the roles of services.
    """
    arn: str = _sts._caller_identity(headers, query)["userArn"]
    return arn.replace(":root", ":user/administrator")


def _is_trusted(caller: str, request: Record) -> bool:
    """What belongs to no account, such as a malformed ARN, is left to MiniStack."""
    role_arn = _sts._p(request, "RoleArn")
    account, _, name = role_arn.rpartition("/")
    parts = account.split(":")
    if len(parts) != 6:
        return True
    role = _iam._roles.get_scoped(parts[4], None, name)
    context = _evaluator.EvalContext(
        principal_arn=caller,
        principal_type="AssumedRole" if ":assumed-role/" in caller else "User",
        principal_account=scope.account_id(),
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=scope.region(),
        service_context={
            "sts:externalid": _sts._p(request, "ExternalId", None),
            "sts:rolesessionname": _sts._p(request, "RoleSessionName", None),
        },
    )
    return role is not None and bool(
        _evaluator.evaluate_trust_policy(role["AssumeRolePolicyDocument"], caller, context)
    )
