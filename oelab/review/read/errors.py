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
from botocore.parsers import ResponseParserError

from oelab.review.models import Place, Unread
from oelab.review.read import origins
from oelab.review.read.answers import NotAwsError
from oelab.review.read.codes import DENIED, EXPIRED, REFUSED, THROTTLED

T = TypeVar("T")

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
    except (NotAwsError, ResponseParserError) as error:
        raise ReadError(_not_aws(place, call, error)) from error
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
    if code in DENIED:
        reason = f"access denied: allow {call}, as the reviewer's policy does"
    elif code in EXPIRED:
        reason = f"the credentials have expired; {_SIGN_IN}"
    elif code in REFUSED:
        reason = (
            f"AWS did not accept the credentials in {place.region} ({code}); check them, and that "
            "the account has this Region enabled"
        )
    elif code in THROTTLED:
        reason = f"AWS kept throttling ({code}); wait a minute, or ask for fewer Regions at once"
    else:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        message = error.response.get("Error", {}).get("Message", "")
        reason = f"{code or 'unknown error'}: {message or 'no message'}"
        if status >= 500 and code in ("", str(status)):
            reason = f"nothing but HTTP {status} came back; check {_way(place, call)}"
        return Unread(place=place, call=call, reason=reason, passing=status >= 500)
    return Unread(place=place, call=call, reason=reason, passing=code in THROTTLED)


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
        reason = f"AWS could not be reached ({error}); check {_way(place, call)}"
    else:
        reason = f"{type(error).__name__}: {error}"
    return Unread(place=place, call=call, reason=reason, passing=passing)


def _not_aws(place: Place, call: str, error: NotAwsError | ResponseParserError) -> Unread:
    # What the parser says of an answer holds the whole of it.
    says = str(error) if isinstance(error, NotAwsError) else "what answered is not AWS"
    setting = _endpoint_setting(place, call)
    check = (
        f"{setting} and the proxy"
        if setting
        else "the proxy, and that you are signed in to the network"
    )
    return Unread(place=place, call=call, reason=f"{says}; check {check}")


def _way(place: Place, call: str) -> str:
    """What to check where nobody answers."""
    setting = _endpoint_setting(place, call)
    if setting:
        return f"{setting} and the network"
    return f"the network, and that {place.region} is the name of a Region"


def _endpoint_setting(place: Place, call: str) -> str:
    return origins.endpoint(call.partition(":")[0], place.profile)
