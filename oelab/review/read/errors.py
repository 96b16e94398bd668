"""What botocore raises, said so that a person knows what to do."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from oelab.data_files import read_toml
from oelab.review.models import Unread

READ_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call raises that brought no answer."""

_ERRORS = read_toml("errors.toml", __package__)
_REASONS = {code: each for each in _ERRORS["reasons"] for code in each["codes"]}
"""What a person can do about an error, by the error code of AWS or the class of botocore."""

_SERVER_ERROR = 500
_EXPLICIT_DENY = "with an explicit deny"
"""Source: "Troubleshoot access denied error messages", IAM user guide."""


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


def is_absence(error: Exception, action: str) -> bool:
    """Whether an error is the answer that there is nothing of what a call asks for."""
    return code_of(error) in _ERRORS["absent"].get(action, ())


def explain(error: Exception, action: str, region: str, endpoint: str) -> tuple[str, bool]:
    """Why a call brought no answer and what to do, and whether that may pass by itself."""
    # AWS names the kind of the policy: "with an explicit deny in a service control policy".
    _, is_explicit, policy = str(error).partition(_EXPLICIT_DENY)
    if is_explicit:
        remedy = "no permission of your own helps: ask who manages that policy"
        return f"access to {action} is denied {_EXPLICIT_DENY}{policy}; {remedy}", False
    code, kinds = code_of(error), [each.__name__ for each in type(error).__mro__]
    check = f"check the network, the endpoint {endpoint}, and that {region} is a Region"
    words = {"action": action, "region": region, "endpoint": endpoint, "check": check}
    for name in (f"{action} {code}", code, *kinds):
        if known := _REASONS.get(name):
            reason = known["reason"].format(error=error, code=code, kind=kinds[0], **words)
            return reason, known.get("is_passing", False)
    response: dict[str, Any] = getattr(error, "response", {})
    message = response.get("Error", {}).get("Message", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    explained = f"{code or 'unknown error'}: {message or 'no message'}"
    if status >= _SERVER_ERROR and code in ("", str(status)):
        explained = f"only HTTP {status} came back; {check}"
    return explained, status >= _SERVER_ERROR
