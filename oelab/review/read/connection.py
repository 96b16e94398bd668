"""The calls of one account and Region: their pages and answers, and what brought none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar

from botocore import xform_name
from botocore.exceptions import PaginationError
from botocore.paginate import Paginator

from oelab.environment import Environment
from oelab.review.call_meter import CallMeter
from oelab.review.models import Unread, known
from oelab.review.read.answers import find, from_answer
from oelab.review.read.clients import MAKING, PARALLEL_CALLS, new_client, partition_of
from oelab.review.read.errors import READ_ERRORS, ReadError, code_of, explain, is_absence
from oelab.review.read.pace import Pace

P = ParamSpec("P")
T = TypeVar("T")

_IDENTITY = "sts:GetCallerIdentity"
_IAM_ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket"}
"""Calls whose IAM action has another name. Source: Service Authorization Reference."""

_LARGEST_PAGE = 1000
"""Of EC2's calls that do not say so in their model. Source: their API reference."""


class Connection:
    """One environment: what it is called, and how it is asked.

    `account` is the id of the account, which is asked for where neither it nor the `environment`
    says it; `meter` counts the calls. Raises `BadInputError` for an unknown Region.
    """

    def __init__(
        self,
        session: Any,
        environment: Environment,
        account: Future[str | Unread] | None = None,
    ) -> None:
        self.meter = CallMeter()
        self.region = environment.region
        self.partition = partition_of(session, environment.region)
        """The partition of the Region, such as `aws`."""
        self._given = environment
        self._session = session
        self._clients: dict[str, Any] = {}
        self._pace = Pace()
        self._pool = ThreadPoolExecutor(PARALLEL_CALLS)
        self.account = account or self.start(Connection._read_account)

    @cached_property
    def environment(self) -> Environment:
        """The account, the Region and the profile; the account is "" where it is not known."""
        return self._given._replace(account=known(self.account.result(), ""))

    def _read_account(self) -> str:
        return self._given.account or str(self.call(_IDENTITY, "Account"))

    @property
    def supported_regions(self) -> list[str]:
        """The Regions of the partition that have Systems Manager, as this botocore knows."""
        regions: list[str] = self._session.get_available_regions("ssm", self.partition)
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

    def call(self, action: str, key: str, **request: Any) -> Any:
        """What one call answers at `key`, a JMESPath; None where there is nothing to ask for.

        Raises `ReadError`, also for an answer without it.
        """
        pages = self.pages(action, key, **request)
        return next((find(page, key) for page in pages), None)

    def items(
        self,
        action: str,
        key: str,
        model: Callable[..., T],
        *,
        given: Mapping[str, Any] | None = None,
        **request: Any,
    ) -> tuple[T, ...]:
        """What a call lists at `key`, as values of `model`.

        `given` are the fields that no answer has. Raises `ReadError`, also for what lacks a field
        of the model that has no default.
        """
        given = {"environment": self.environment, **(given or {})}
        answers = self.answers(action, key, **request)
        try:
            return tuple(from_answer(model, each, **given) for each in answers)
        except READ_ERRORS as error:
            raise ReadError(self.unread(error, action)) from error

    def answers(self, action: str, key: str, **request: Any) -> Iterator[Any]:
        """What a call lists at `key`, a JMESPath, read a page at a time. Raises `ReadError`."""
        for page in self.pages(action, key, **request):
            yield from find(page, key)

    def pages(self, action: str, key: str, **request: Any) -> Iterator[dict[str, Any]]:
        """The pages of a call, as large as it allows, none where there is nothing to ask for.

        Each of them has the key: AWS lists nothing as an empty list, except for S3. A token that
        comes again would lead in circles.
        """
        service, _, operation = action.partition(":")
        client, method = self.client(service), xform_name(operation)
        model = client.meta.service_model.operation_model(operation)
        size = model.input_shape.members.get("MaxResults")
        if size is not None:
            largest = size.metadata.get("max", _LARGEST_PAGE)
            request["PaginationConfig"] = {"PageSize": largest}
        if client.can_paginate(method):
            paginator = client.get_paginator(method)
        else:
            tokens = {"input_token": "NextToken", "output_token": "NextToken"}
            layout = {**tokens, "limit_key": "MaxResults", "result_key": "@"}
            paginator = Paginator(getattr(client, method), layout, model)
        seen: set[str] = set()
        with self._reading(action):
            for page in paginator.paginate(**request):
                self.meter.add(made=1)
                find(page, key)
                token = page.get("NextToken") or page.get("Marker")
                if token in seen:
                    raise PaginationError(message=f"the same token was answered twice: {token}")
                seen.update(filter(None, [token]))
                yield page

    @contextmanager
    def _reading(self, action: str) -> Iterator[None]:
        """Turn what botocore raises into a `ReadError`, or into nothing where that is meant."""
        try:
            yield
        except ReadError as error:
            # There are no credentials to make the call with.
            raise ReadError(replace(error.unread, environment=self.environment)) from error
        except READ_ERRORS as error:
            if not is_absence(error, action):
                raise ReadError(self.unread(error, action), code_of(error)) from error

    def unread(self, error: Exception, action: str) -> Unread:
        """What a call is that ended with one of `READ_ERRORS`."""
        endpoint = self.client(action.partition(":")[0]).meta.endpoint_url
        action = _IAM_ACTIONS.get(action, action)
        reason, is_passing = explain(error, action, self.region, endpoint)
        return Unread(
            # The account is what is being asked for here, if not known yet.
            environment=self._given if action == _IDENTITY else self.environment,
            call=action,
            reason=reason,
            is_passing=is_passing,
        )

    def client(self, service: str) -> Any:
        """The client of a service, for what reads by other means; raises what botocore raises."""
        # Most calls find their client, and do not wait while another environment makes one.
        if service not in self._clients:
            with MAKING:
                if service not in self._clients:
                    client = new_client(self._session, service, self.region, self._pace)
                    self._clients[service] = client
        return self._clients[service]


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


def results(**started: Future[Any] | Mapping[Any, Future[Any]]) -> dict[str, Any]:
    """What several parts are, by name, once all are read: one that was started, or many by key."""
    found: dict[str, Any] = {}
    for name, part in started.items():
        if isinstance(part, Mapping):
            found[name] = {key: each.result() for key, each in part.items()}
        else:
            found[name] = part.result()
    return found


def require(part: T | Unread) -> T:
    """A part that another one is read by. Raises `ReadError` where it could not be read."""
    if isinstance(part, Unread):
        raise ReadError(part)
    return part
