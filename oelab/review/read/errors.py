"""What botocore raises, said so that a person knows what to do."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from oelab.review.models import Unread

READ_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call raises that brought no answer."""

ASSUME_ROLE = "sts:AssumeRole"

_SERVER_ERROR = 500
_EXPLICIT_DENY = "with an explicit deny"
"""Source: "Troubleshoot access denied error messages", IAM user guide."""
_SIGN_IN = "sign in again, for example with `aws sso login`, and repeat"
_ROLE_DENIED = (
    "access denied: the role must exist and trust the credentials, and these must be allowed "
    f"{ASSUME_ROLE} on it"
)


class ReadError(Exception):
    """A call that brought no answer, as `unread`; `code` is the error code of AWS, or ""."""

    def __init__(self, unread: Unread, code: str = "") -> None:
        self.unread = unread
        self.code = code
        super().__init__(unread.reason)


class NotAwsError(BotoCoreError):
    """Something other than AWS answered, as a proxy or a captive portal does."""

    fmt = "what answered is not AWS"


class IncompleteAnswerError(BotoCoreError):
    """An answer lacks what every answer of AWS to this call has."""

    fmt = "the answer has no {field}"


def code_of(error: Exception) -> str:
    """The error code that AWS answered, or ""."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


def explain(error: Exception, action: str, region: str, endpoint: str) -> tuple[str, bool]:
    """Why a call brought no answer and what to do, and whether that may pass by itself."""
    check = f"check the network, the endpoint {endpoint}, and that {region} is a Region"
    match error:
        case ClientError():
            return _explain_answer(error, action, region, check)
        case NotAwsError() | ResponseParserError():
            # The text of the parser's error holds the whole answer.
            reason = (
                f"what answered at {endpoint} is not AWS; check that you mean this endpoint, the"
            )
            return f"{reason} proxy, and that you are signed in to the network", False
        case IncompleteAnswerError():
            return f"{error}, as every answer of AWS has; {check}", False
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            remedy = "name a profile with --profile, or set AWS_PROFILE, or sign in"
            return f"no credentials found; {remedy}", False
        case (
            exceptions.CredentialRetrievalError()
            | exceptions.SSOError()
            | exceptions.TokenRetrievalError()
        ):
            return f"the credentials could not be fetched ({error}); {_SIGN_IN}", False
        case exceptions.HTTPClientError() | exceptions.ConnectionError():
            return f"AWS could not be reached ({error}); {check}", True
    return f"{type(error).__name__}: {error}", False


def _explain_answer(error: ClientError, action: str, region: str, check: str) -> tuple[str, bool]:
    code = code_of(error)
    known = _reasons().get(code)
    if action == ASSUME_ROLE and known and "AccessDenied" in known["codes"]:
        return _ROLE_DENIED, False
    message = error.response.get("Error", {}).get("Message", "")
    # AWS names the kind of the policy: "with an explicit deny in a service control policy".
    _, is_explicit, policy = message.partition(_EXPLICIT_DENY)
    if is_explicit:
        remedy = "no permission of your own helps: ask who manages that policy"
        return f"access to {action} is denied {_EXPLICIT_DENY}{policy}; {remedy}", False
    if known:
        explained = known["reason"].format(action=action, region=region, code=code)
        return explained, known.get("is_passing", False)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    explained = f"{code or 'unknown error'}: {message or 'no message'}"
    if status >= _SERVER_ERROR and code in ("", str(status)):
        explained = f"only HTTP {status} came back; {check}"
    return explained, status >= _SERVER_ERROR


@cache
def _reasons() -> Mapping[str, Mapping[str, Any]]:
    """What a person can do about an error, by the error code of AWS."""
    text = files(__package__).joinpath("errors.toml").read_text(encoding="utf-8")
    return {code: each for each in tomllib.loads(text)["reasons"] for code in each["codes"]}
