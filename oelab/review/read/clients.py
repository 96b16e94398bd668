"""Clients of boto3: retries, pace, timeouts, the check of answers and the log of calls."""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ProfileNotFound, UnknownRegionError

from oelab.findings import BadInputError
from oelab.review.read.errors import NotAwsError
from oelab.review.read.pace import Pace

PARALLEL_CALLS = 16
"""The most calls at a time in an environment, and the most environments at a time."""

CONFIG = Config(
    # Adaptive: slows down by itself when AWS throttles a call without a documented rate.
    retries={"mode": "adaptive", "total_max_attempts": 5},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=PARALLEL_CALLS,
    user_agent_extra="oelab",
)

_SERVER_ERROR = 500
_REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-request-id")
_REQUEST_ID = re.compile(rb"<requestid>", re.IGNORECASE)

MAKING = threading.Lock()
"""To hold while a client is made: sessions are not made for threads, and each of these would parse
the model of a service anew."""

_log = logging.getLogger(__name__)


def new_session(profile: str) -> Any:
    """A session of a profile, "" for the default one. Raises `BadInputError`.

    boto3's types know each service by its literal name only, so it has none here.
    """
    try:
        return boto3.Session(profile_name=profile or None)
    except ProfileNotFound as error:
        profiles = ", ".join(botocore.session.Session().available_profiles) or "none"
        remedy = f"known are: {profiles}; check --profile and AWS_PROFILE"
        raise BadInputError(f"{error}; {remedy}") from error
    except BotoCoreError as error:
        raise BadInputError(f"the AWS configuration cannot be used: {error}; fix it") from error


def session_with(profile: str, fetch: Callable[[], Mapping[str, str]]) -> Any:
    """A session with other credentials than those of its profile, "" for the default one.

    `fetch` gives them when they are first needed, and again before they expire: `access_key`,
    `secret_key`, `token` and `expiry_time`. What it raises, the calls raise.
    """
    session = botocore.session.Session(profile=profile or None)
    credentials = DeferredRefreshableCredentials(refresh_using=fetch, method="oelab")
    # All that botocore asks of its resolver, the component of this name.
    resolver = SimpleNamespace(load_credentials=lambda: credentials)
    session.register_component("credential_provider", resolver)
    return boto3.Session(botocore_session=session)


def partition_of(session: Any, region: str) -> str:
    """The partition of a Region. Raises `BadInputError` for what is none."""
    try:
        partition: str = session.get_partition_for_region(region)
    except UnknownRegionError as error:
        raise BadInputError(
            f"the Region must be the code of a Region such as eu-west-1, got {region!r}; fix it, "
            "or update boto3 where AWS has just added it"
        ) from error
    return partition


def region_of(session: Any) -> str:
    """The Region of the environment or the profile. Raises `BadInputError` where there is none."""
    # Unlike other SDKs, boto3 does not look at AWS_REGION.
    region: str = os.environ.get("AWS_REGION") or session.region_name or ""
    if not region:
        raise BadInputError(
            "no Region: name one with --region, set AWS_REGION, or set `region` in the profile or "
            "the settings"
        )
    return region


def new_client(session: Any, service: str, region: str, pace: Pace) -> Any:
    """A client of a service, which is named as in IAM actions. Raises `BadInputError`."""
    name = {"servicequotas": "service-quotas"}.get(service, service)
    try:
        client = session.client(name, region_name=region, config=CONFIG)
    except (BotoCoreError, ValueError) as error:
        # ValueError is what botocore raises for an endpoint that is no URL.
        raise BadInputError(
            f"the AWS configuration cannot be used for {service} in {region}: {error}; check "
            "AWS_ENDPOINT_URL and `endpoint_url` of the profile"
        ) from error

    def before_call(model: Any, context: dict[str, Any], **_: object) -> None:
        pace.wait(model.name)
        context["oelab_started"] = time.monotonic()

    events = client.meta.events
    events.register("before-call", before_call)
    events.register("before-parse", _check_answer)
    events.register("after-call", _log_call)
    events.register("after-call-error", _log_call)
    return client


def _check_answer(response_dict: dict[str, Any], **_: object) -> None:
    """Raise `NotAwsError` for an answer without a request id, which every answer of AWS has.

    botocore would take it for an empty one, or fail on it. A server error may come from a load
    balancer in front of AWS, and pass: it keeps its status, and loses its page.
    """
    headers, body = response_dict["headers"], response_dict["body"]
    if any(name in headers for name in _REQUEST_ID_HEADERS) or _REQUEST_ID.search(body):
        return
    if response_dict["status_code"] < _SERVER_ERROR:
        raise NotAwsError
    response_dict["body"] = b""


def _log_call(
    event_name: str, context: dict[str, Any], exception: Exception | None = None, **answer: Any
) -> None:
    """Log a call by its event, such as `after-call.ssm.ListAssociations`, and nothing secret."""
    outcome = type(exception).__name__ if exception else _describe_answer(**answer)
    service, operation = event_name.split(".")[1:]
    now = time.monotonic()
    seconds = now - context.get("oelab_started", now)
    retries = context.get("retries", {}).get("attempt", 1) - 1
    where = f"{service}:{operation} in {context['client_region']}"
    _log.debug("%s: %s, %.3f s, %d retries", where, outcome, seconds, retries)


def _describe_answer(http_response: Any, parsed: dict[str, Any], **_: object) -> str:
    in_header = next(filter(None, map(http_response.headers.get, _REQUEST_ID_HEADERS)), "unknown")
    request_id = parsed.get("ResponseMetadata", {}).get("RequestId", in_header)
    return f"HTTP {http_response.status_code}, request id {request_id}"
