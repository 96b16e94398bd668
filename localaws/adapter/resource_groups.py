"""The members and queries of Resource Groups; a group that does not exist has neither."""

from typing import cast

from ministack.services import resource_groups as _groups


def members(name: str) -> list[str]:
    """The ARNs that were put into the group one by one."""
    return list(_groups._group_members.get(name) or [])


def query(name: str) -> str:
    """The group's query as JSON, or nothing."""
    return cast("str", (_groups._group_queries.get(name) or {}).get("Query", ""))
