"""What botocore raises, said so that a person knows what to do."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, which says that nothing answered
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from oelab.review.models import Unread

READ_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""What a call raises that brought no answer."""

_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
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
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_SERVER_ERROR = 500
_SIGN_IN = "sign in again, for example with `aws sso login`, and repeat"


class ReadError(Exception):
    """A call that brought no answer, as `unread`."""

    def __init__(self, unread: Unread) -> None:
        self.unread = unread
        super().__init__(unread.reason)


class NotAwsError(BotoCoreError):
    """Something other than AWS answered, as a proxy or a captive portal does."""

    fmt = "what answered is not AWS"


def code_of(error: Exception) -> str:
    """The error code that AWS answered, or ""."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


def explain(error: Exception, action: str, region: str, endpoint: str) -> tuple[str, bool]:
    """Why a call brought no answer and what to do, and whether that may pass by itself."""
    match error:
        case ClientError():
            return _explain_answer(error, action, region, endpoint)
        case NotAwsError() | ResponseParserError():
            # The text of the parser's error holds the whole answer.
            return (
                f"what answered at {endpoint} is not AWS; check that this is the endpoint that you "
                "mean, the proxy, and that you are signed in to the network"
            ), False
        case NoCredentialsError() | PartialCredentialsError():
            return (
                "no credentials found; name a profile with --profile, or set AWS_PROFILE, or sign "
                "in"
            ), False
        case CredentialRetrievalError() | SSOError() | TokenRetrievalError():
            return f"the credentials could not be fetched ({error}); {_SIGN_IN}", False
        case HTTPClientError() | ConnectionError():
            return f"AWS could not be reached ({error}); {_check(region, endpoint)}", True
    return f"{type(error).__name__}: {error}", False


def _explain_answer(
    error: ClientError, action: str, region: str, endpoint: str
) -> tuple[str, bool]:
    code = code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    is_passing = code in _THROTTLED or status >= _SERVER_ERROR
    if code in _DENIED:
        reason = f"access denied: allow {action}, as the reviewer's policy does"
    elif code in _EXPIRED:
        reason = f"the credentials have expired; {_SIGN_IN}"
    elif code in _REFUSED:
        reason = (
            f"AWS did not accept the credentials in {region} ({code}); check them, and that the "
            "account has this Region enabled"
        )
    elif code in _THROTTLED:
        reason = f"AWS kept throttling ({code}); wait a minute, or ask for fewer Regions at once"
    elif status >= _SERVER_ERROR and code in ("", str(status)):
        reason = f"only HTTP {status} came back; {_check(region, endpoint)}"
    else:
        message = error.response.get("Error", {}).get("Message", "")
        reason = f"{code or 'unknown error'}: {message or 'no message'}"
    return reason, is_passing


def _check(region: str, endpoint: str) -> str:
    return f"check the network, the endpoint {endpoint}, and that {region} is a Region"
