"""The members and queries of Resource Groups; a group that does not exist has neither."""

from collections.abc import Callable
from typing import cast

from ministack.services import resource_groups as _groups

from localaws.adapter import Record, Response


def members(name: str) -> list[str]:
    """The ARNs that were put into the group one by one."""
    return list(_groups._group_members.get(name) or [])


def query(name: str) -> str:
    """The group's query as JSON, or nothing."""
    return cast("str", (_groups._group_queries.get(name) or {}).get("Query", ""))


def install_members_by_query(members_of: Callable[[str], list[str]]) -> None:
    """Let ListGroupResources show the members of a group that has a query.

    MiniStack shows listed members only, so it is shown the others as listed for this one call.
    """
    route = "/list-group-resources"
    answer = _groups._POST_ROUTES[route]

    def list_group_resources(request: Record) -> Response:
        name = _groups._resolve_name(request.get("GroupName"), request.get("Group"))
        if name not in _groups._group_queries:
            return cast("Response", answer(request))
        _groups._group_members[name] = members_of(name)
        try:
            return cast("Response", answer(request))
        finally:
            del _groups._group_members[name]

    _groups._POST_ROUTES[route] = list_group_resources
