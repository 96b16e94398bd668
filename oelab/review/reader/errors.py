"""What botocore raises, said so that a person knows what to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, which says that nobody answered
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from oelab.review.models import Place, Unread

T = TypeVar("T")

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_REFUSED = {
    "AuthFailure",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_THROTTLED = {
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_SIGN_IN = "sign in again, for example with `aws sso login`, and repeat"


class ReadError(Exception):
    """A call that brought no answer, as `unread`."""

    def __init__(self, unread: Unread) -> None:
        self.unread = unread
        super().__init__(unread.reason)


@contextmanager
def reading(place: Place, call: str) -> Iterator[None]:
    """Turn what botocore raises inside into a `ReadError` about `call` (an IAM action)."""
    try:
        yield
    except ClientError as error:
        raise ReadError(_answered(place, call, error)) from error
    except BotoCoreError as error:
        raise ReadError(_unanswered(place, call, error)) from error


def attempt(read: Callable[[], T]) -> T | Unread:
    """What `read` returns, or why it could not."""
    try:
        return read()
    except ReadError as error:
        return error.unread


def code_of(error: ReadError) -> str:
    """The error code that AWS answered, or ""."""
    cause = error.__cause__
    return _code(cause) if isinstance(cause, ClientError) else ""


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _answered(place: Place, call: str, error: ClientError) -> Unread:
    code = _code(error)
    if code in _DENIED:
        reason = f"access denied: allow {call}, as the reviewer's policy does"
    elif code in _EXPIRED:
        reason = f"the credentials have expired; {_SIGN_IN}"
    elif code in _REFUSED:
        reason = (
            f"AWS did not accept the credentials in {place.region} ({code}); check them, and that "
            "the account has this Region enabled"
        )
    elif code in _THROTTLED:
        reason = f"AWS kept throttling ({code}); wait a minute, or ask for fewer Regions at once"
    else:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        message = error.response.get("Error", {}).get("Message", "")
        reason = f"{code or 'unknown error'}: {message or 'no message'}"
        return Unread(place=place, call=call, reason=reason, passing=status >= 500)
    return Unread(place=place, call=call, reason=reason, passing=code in _THROTTLED)


def _unanswered(place: Place, call: str, error: BotoCoreError) -> Unread:
    passing = False
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        reason = (
            "no credentials found; name a profile with --profile, or set AWS_PROFILE, or sign in"
        )
    elif isinstance(error, CredentialRetrievalError | SSOError | TokenRetrievalError):
        reason = f"the credentials could not be fetched ({error}); {_SIGN_IN}"
    elif isinstance(error, HTTPClientError | ConnectionError):
        passing = True
        reason = (
            f"AWS could not be reached ({error}); check the network, and that {place.region} is "
            "the name of a Region"
        )
    else:
        reason = f"{type(error).__name__}: {error}"
    return Unread(place=place, call=call, reason=reason, passing=passing)
