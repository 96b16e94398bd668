"""STS: who may assume a role."""

from typing import Any, cast
from urllib.parse import parse_qs

from ministack import app as _app
from ministack.core import iam_evaluator as _evaluator
from ministack.services import sts as _sts

from localaws.adapter import Response


def install_trust_check() -> None:
    """Refuse AssumeRole where the role does not exist or does not trust the caller.

    MiniStack checks that with its authentication only, which is therefore on for this one call. It
    takes an account's own key for the root user, and lets that assume the roles of services too.
    """
    answer, matches = _sts.handle_request, _evaluator._principal_matches

    async def checked(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        # Nothing else runs meanwhile: MiniStack answers without a pause.
        _app.AUTH = parse_qs(body).get(b"Action") == [b"AssumeRole"]
        try:
            return cast("Response", await answer(method, path, headers, body, query))
        finally:
            _app.AUTH = False

    def matches_account(principal: Any, caller_arn: str) -> bool:
        accounts = principal.get("AWS", []) if isinstance(principal, dict) else principal
        return bool(matches({"AWS": accounts}, caller_arn))

    _sts.handle_request = checked
    _evaluator._principal_matches = matches_account
