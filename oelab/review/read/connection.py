"""Connections to AWS: an account and a Region, with the credentials of one profile."""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound
from botocore.paginate import Paginator

from oelab.constraints.ec2 import REGION_NAME
from oelab.environment import Environment
from oelab.findings import BadInputError
from oelab.review.models import Unread, known
from oelab.review.read.answers import from_answer
from oelab.review.read.errors import READ_ERRORS, NotAwsError, ReadError, code_of, explain
from oelab.review.read.pace import Pace

P = ParamSpec("P")
T = TypeVar("T")

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

_IDENTITY = "sts:GetCallerIdentity"
_LARGEST_PAGE = 1000
"""Of EC2's calls that do not say so in their model. Source: their API reference."""
_SERVER_ERROR = 500
_REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-request-id")
_REQUEST_ID = re.compile(rb"<requestid>", re.IGNORECASE)

_log = logging.getLogger(__name__)


class Connection:
    """One environment: what it is called, and how it is asked.

    `account` is the id of the account, which is asked for once for each profile.
    """

    def __init__(
        self,
        session: boto3.Session,
        environment: Environment,
        account: Future[str | Unread] | None = None,
    ) -> None:
        self.region = environment.region
        self._unnamed = environment
        # boto3's types know each service by its literal name only.
        self._session: Any = session
        self._clients: dict[str, Any] = {}
        self._pace = Pace()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(PARALLEL_CALLS)
        self.account = account or self.start(_read_account)

    @cached_property
    def environment(self) -> Environment:
        """The account, the Region and the profile; the account is "" where it is not known."""
        return self._unnamed._replace(account=known(self.account.result(), ""))

    @property
    def supported_regions(self) -> list[str]:
        """The Regions of the partition that have Systems Manager, as this botocore knows."""
        partition = self._session.get_partition_for_region(self.region)
        regions: list[str] = self._session.get_available_regions("ssm", partition_name=partition)
        return regions

    def start(
        self, read: Callable[Concatenate["Connection", P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T | Unread]:
        """Read a part while others are read; `read` itself must not wait for another part."""

        def attempt() -> T | Unread:
            try:
                return read(self, *args, **kwargs)
            except ReadError as error:
                return error.unread

        return self._pool.submit(attempt)

    def call(self, action: str, *, absent: Sequence[str] = (), **request: Any) -> dict[str, Any]:
        """The answer to one call; nothing for the error code `absent`. Raises `ReadError`."""
        client, operation = self._client_of(action)
        with self._reading(action, client, absent):
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**request)
            return answer
        return {}

    def items(
        self,
        action: str,
        key: str,
        model: Callable[..., T],
        *,
        absent: Sequence[str] = (),
        given: Mapping[str, Any] | None = None,
        **request: Any,
    ) -> Iterator[T]:
        """What a call lists under `key`, as values of `model`, read a page at a time.

        `given` are the fields that no answer has. There is nothing for an error code of `absent`.
        Raises `ReadError`.
        """
        for answer in self.answers(action, key, absent=absent, **request):
            yield from_answer(model, answer, environment=self.environment, **given or {})

    def answers(
        self, action: str, key: str, *, absent: Sequence[str] = (), **request: Any
    ) -> Iterator[dict[str, Any]]:
        """What a call lists under `key`, in other respects as `items`."""
        for page in self.pages(action, key, absent=absent, **request):
            yield from page.get(key, ())

    def pages(
        self, action: str, key: str, *, absent: Sequence[str] = (), **request: Any
    ) -> Iterator[dict[str, Any]]:
        """The pages of a call, as large as it allows, in other respects as `items`."""
        client, operation = self._client_of(action)
        model = client.meta.service_model.operation_model(operation)
        size = model.input_shape.members.get("MaxResults")
        if size is not None:
            largest = size.metadata.get("max", _LARGEST_PAGE)
            request["PaginationConfig"] = {"PageSize": largest}
        method = xform_name(operation)
        if client.can_paginate(method):
            paginator = client.get_paginator(method)
        else:
            tokens = {"input_token": "NextToken", "output_token": "NextToken"}
            layout = {**tokens, "limit_key": "MaxResults", "result_key": key}
            paginator = Paginator(getattr(client, method), layout, model)
        with self._reading(action, client, absent):
            yield from paginator.paginate(**request)

    @contextmanager
    def _reading(self, action: str, client: Any, absent: Sequence[str]) -> Iterator[None]:
        """Turn what botocore raises into a `ReadError`, or into nothing for a code of `absent`."""
        try:
            yield
        except READ_ERRORS as error:
            if code_of(error) in absent:
                return
            reason, is_passing = explain(error, action, self.region, client.meta.endpoint_url)
            unread = Unread(
                # The account is what is being asked for here, if not known yet.
                environment=self._unnamed if action == _IDENTITY else self.environment,
                call=action,
                reason=reason,
                is_passing=is_passing,
            )
            raise ReadError(unread) from error

    def _client_of(self, action: str) -> tuple[Any, str]:
        """The client of an action's service, and the name of its operation."""
        service, _, operation = action.partition(":")
        # Sessions and their clients are made by one thread at a time.
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
        return self._clients[service], operation

    def _new_client(self, service: str) -> Any:
        # boto3 names the service as no IAM action does.
        name = {"servicequotas": "service-quotas"}.get(service, service)
        try:
            client = self._session.client(name, region_name=self.region, config=CONFIG)
        except (BotoCoreError, ValueError) as error:
            # ValueError is what botocore raises for an endpoint that is no URL.
            raise BadInputError(
                f"the AWS configuration cannot be used for {service} in {self.region}: {error}; "
                "check AWS_ENDPOINT_URL and `endpoint_url` of the profile"
            ) from error
        events = client.meta.events
        events.register("before-call", self._before_call)
        events.register("before-parse", _check_answer)
        events.register("after-call", _log_answer)
        events.register("after-call-error", _log_failure)
        return client

    def _before_call(self, model: Any, context: dict[str, Any], **_: object) -> None:
        self._pace.wait(model.name)
        context["oelab_started"] = time.monotonic()


def connect(
    profiles: Sequence[str], regions: Sequence[str], *, default_region: str = ""
) -> list[Connection]:
    """A connection for each profile in each Region.

    Without profiles the default credentials count; without Regions `default_region`, or else the
    one of the environment or the profile. Raises `BadInputError` for an unknown profile, and where
    no Region is known.
    """
    found: list[Connection] = []
    for profile in profiles or [""]:
        session = _session(profile)
        account = None
        for region in regions or [default_region or _region_of(session)]:
            if faults := [*REGION_NAME.findings("the Region", region)]:
                raise BadInputError("\n".join(map(str, faults)))
            connection = Connection(session, Environment("", region, profile), account)
            account = connection.account
            found.append(connection)
    return found


def read_all(
    connections: Sequence[Connection],
    read: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> list[T]:
    """What is read of each environment, at the same time, in their order."""
    pool = ThreadPoolExecutor(PARALLEL_CALLS)
    try:
        return list(pool.map(lambda each: read(each, *args, **kwargs), connections))
    finally:
        # After a Ctrl-C no answer is waited for.
        pool.shutdown(wait=False, cancel_futures=True)


def require(part: T | Unread) -> T:
    """A part that another one is read by. Raises `ReadError` where it could not be read."""
    if isinstance(part, Unread):
        raise ReadError(part)
    return part


def _read_account(connection: Connection) -> str:
    return str(connection.call(_IDENTITY)["Account"])


def _session(profile: str) -> boto3.Session:
    try:
        return boto3.Session(profile_name=profile or None)
    except ProfileNotFound as error:
        profiles = ", ".join(botocore.session.Session().available_profiles) or "none"
        remedy = f"known are: {profiles}; check --profile and AWS_PROFILE"
        raise BadInputError(f"{error}; {remedy}") from error
    except BotoCoreError as error:
        raise BadInputError(f"the AWS configuration cannot be used: {error}; fix it") from error


def _region_of(session: boto3.Session) -> str:
    # Unlike other SDKs, boto3 does not look at AWS_REGION.
    region = os.environ.get("AWS_REGION") or session.region_name
    if not region:
        raise BadInputError(
            "no Region: name one with --region, set AWS_REGION, or set `region` in the profile or "
            "the settings"
        )
    return region


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


def _log_answer(http_response: Any, parsed: dict[str, Any], **event: Any) -> None:
    in_header = next(filter(None, map(http_response.headers.get, _REQUEST_ID_HEADERS)), "unknown")
    request_id = parsed.get("ResponseMetadata", {}).get("RequestId", in_header)
    _log_call(f"HTTP {http_response.status_code}, request id {request_id}", **event)


def _log_failure(exception: Exception, **event: Any) -> None:
    _log_call(type(exception).__name__, **event)


def _log_call(outcome: str, event_name: str, context: dict[str, Any], **_: object) -> None:
    """Log a call by its event, such as `after-call.ssm.ListAssociations`, and nothing secret."""
    service, operation = event_name.split(".")[1:]
    now = time.monotonic()
    seconds = now - context.get("oelab_started", now)
    retries = context.get("retries", {}).get("attempt", 1) - 1
    where = f"{service}:{operation} in {context['client_region']}"
    _log.debug("%s: %s, %.3f s, %d retries", where, outcome, seconds, retries)
