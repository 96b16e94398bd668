"""What inventory holds."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from oelab.findings import BadInputError
from oelab.review.models import Unread, moment_of, unread_of
from oelab.review.read.connection import Connection, read_all
from oelab.review.records import InventoryEntry
from oelab.review.snapshots import FleetSnapshot


def read_captures(
    aws: Connection, type_name: str, nodes: Collection[str]
) -> Mapping[str, datetime]:
    """When this type was captured on each of `nodes`; those without an entry of it are absent.

    Inventory keeps terminated nodes for 30 days, so what it says of others is dropped, page by
    page.
    """
    captures: dict[str, datetime] = {}
    wanted = [{"TypeName": type_name}]
    for entity in aws.answers("ssm:GetInventory", "Entities", ResultAttributes=wanted):
        item, node_id = entity.get("Data", {}).get(type_name, {}), entity.get("Id", "")
        moment = moment_of(item.get("CaptureTime", ""))
        if node_id in nodes and moment and item.get("Content"):
            captures[node_id] = moment
    return captures


def read_entries(aws: Connection, fleet: FleetSnapshot, type_name: str) -> Iterator[InventoryEntry]:
    """The entries of this type on all nodes, one page in memory at a time.

    A filter of AWS by the name of a package would leave out the nodes without an entry of that
    name, and with them whether there is any inventory of these.
    """
    wanted = [{"TypeName": type_name}]
    for entity in aws.answers("ssm:GetInventory", "Entities", ResultAttributes=wanted):
        item, node_id = entity.get("Data", {}).get(type_name, {}), entity.get("Id", "")
        if fleet.may_have(node_id):
            yield from _entries(fleet, node_id, item, item.get("Content", ()))


def read_entries_of_node(
    aws: Connection, fleet: FleetSnapshot, type_name: str, node_id: str
) -> Iterator[InventoryEntry]:
    """The entries of one type of one node; nothing where it has none."""
    request = {"InstanceId": node_id, "TypeName": type_name}
    for page in aws.pages("ssm:ListInventoryEntries", "Entries", **request):
        yield from _entries(fleet, node_id, page, page["Entries"])


def read_attributes(
    connections: Sequence[Connection], type_name: str
) -> tuple[tuple[str, ...], list[Unread]]:
    """The attributes of a type in all environments, and why some do not report theirs.

    Raises `BadInputError` for a type that none of them knows.
    """
    read = read_all(connections, lambda aws: aws.start(read_types).result())
    types = [each for each in read if not isinstance(each, Unread)]
    names = {name for each in types for name in each}
    if type_name not in names and len(types) == len(read):
        raise BadInputError(
            f"there is no inventory type {type_name!r}; known are: {', '.join(sorted(names))}"
        )
    attributes = dict.fromkeys(name for each in types for name in each.get(type_name, ()))
    return tuple(attributes), [*unread_of(read)]


def read_types(aws: Connection) -> Mapping[str, tuple[str, ...]]:
    """All inventory types of the account, custom ones included, and the attributes of each."""
    names = "Schemas[].[TypeName || '', Attributes[].Name || `[]`]"
    return {name: tuple(each) for name, each in aws.answers("ssm:GetInventorySchema", names)}


def _entries(
    fleet: FleetSnapshot, node_id: str, item: Mapping[str, Any], listed: Iterable[Mapping[str, str]]
) -> Iterator[InventoryEntry]:
    for attributes in listed:
        yield InventoryEntry(
            environment=fleet.environment,
            node_id=node_id,
            name=fleet.name_of(node_id),
            capture_time=moment_of(item.get("CaptureTime", "")),
            attributes=attributes,
        )
