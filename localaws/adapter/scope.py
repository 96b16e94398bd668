"""Account and Region of the request."""

from contextlib import AbstractContextManager
from typing import cast

from ministack.core import responses as _responses
from ministack.services import organizations as _organizations

Pinned = AbstractContextManager[None]


def account_id() -> str:
    return cast("str", _responses.get_account_id())


def region() -> str:
    return cast("str", _responses.get_region())


def pinned(account: str, region_name: str) -> Pinned:
    """Pin account and Region around work that no request of theirs caused."""
    return cast("Pinned", _responses.request_scope(account, region_name))


def organization_id() -> str:
    """The organization that the account is a member of, or nothing."""
    for management, member in _organizations._accounts._data:
        if member == account_id():
            return str(_organizations._orgs.get_scoped(management, None, "self")["Id"])
    return ""
