"""Account and Region of the request."""

from contextlib import AbstractContextManager
from typing import cast

from ministack.core import responses as _responses


def account_id() -> str:
    return cast("str", _responses.get_account_id())


def region() -> str:
    return cast("str", _responses.get_region())


def pinned(account: str, region_name: str) -> AbstractContextManager[None]:
    """Pin account and Region around work that no request of theirs caused."""
    return cast("AbstractContextManager[None]", _responses.request_scope(account, region_name))
