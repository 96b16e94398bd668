"""The members and queries of Resource Groups."""

from ministack.services import resource_groups as _groups

from localaws.adapter import Record


def find(name: str) -> tuple[list[str], Record] | None:
    """The member ARNs and the query of a resource group, or None if there is no such group."""
    if name not in _groups._groups:
        return None
    return list(_groups._group_members.get(name) or []), dict(
        _groups._group_queries.get(name) or {}
    )
