"""Systems Manager: what inventory holds."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from oelab.review.models import InventoryRecord
from oelab.review.read.access import Clients
from oelab.review.read.errors import ReadError, code_of, reading
from oelab.review.read.pages import PAGE

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import PaginatorConfigTypeDef, ResultAttributeTypeDef


def read_captures(
    clients: Clients, type_name: str, nodes: Collection[str]
) -> Mapping[str, datetime]:
    """When this type was captured on each of `nodes`; those without it are absent.

    Inventory keeps terminated nodes for 30 days, so what it says of others is dropped, page by
    page. Raises `ReadError`. AWS: ssm:GetInventory.
    """
    captures: dict[str, datetime] = {}
    with reading(clients.place, "ssm:GetInventory"):
        pages = clients.ssm.get_paginator("get_inventory").paginate(
            ResultAttributes=[{"TypeName": type_name}], PaginationConfig={"PageSize": PAGE}
        )
        for page in pages:
            for entity in page["Entities"]:
                item = entity.get("Data", {}).get(type_name)
                node_id = entity.get("Id", "")
                if item and node_id in nodes:
                    captured = _moment(item.get("CaptureTime", ""))
                    if captured:
                        captures[node_id] = captured
    return captures


def search_records(
    clients: Clients, type_name: str, *, attribute: str = "", value: str = ""
) -> Iterator[InventoryRecord]:
    """The entries of this type on all nodes, one page in memory at a time.

    With `attribute` and `value`, AWS leaves out nodes that have no such entry, and the other
    entries of a node are dropped here. Raises `ReadError`. AWS: ssm:GetInventory.
    """
    paginator = clients.ssm.get_paginator("get_inventory")
    wanted: list[ResultAttributeTypeDef] = [{"TypeName": type_name}]
    size: PaginatorConfigTypeDef = {"PageSize": PAGE}
    with reading(clients.place, "ssm:GetInventory"):
        pages = (
            paginator.paginate(
                Filters=[{"Key": f"{type_name}.{attribute}", "Values": [value], "Type": "Equal"}],
                ResultAttributes=wanted,
                PaginationConfig=size,
            )
            if attribute
            else paginator.paginate(ResultAttributes=wanted, PaginationConfig=size)
        )
        for page in pages:
            for entity in page["Entities"]:
                item = entity.get("Data", {}).get(type_name)
                if not item:
                    continue
                captured = _moment(item.get("CaptureTime", ""))
                for attributes in item.get("Content", []):
                    if not attribute or attributes.get(attribute) == value:
                        yield InventoryRecord(
                            node_id=entity.get("Id", ""), captured=captured, attributes=attributes
                        )


def read_entries(clients: Clients, node_id: str, type_name: str) -> Iterator[InventoryRecord]:
    """The entries of one type of one node; nothing where it has none.

    The call has no paginator in botocore, so its pages are followed here. Raises `ReadError`.
    AWS: ssm:ListInventoryEntries.
    """
    token = ""
    while True:
        try:
            with reading(clients.place, "ssm:ListInventoryEntries"):
                page = (
                    clients.ssm.list_inventory_entries(
                        InstanceId=node_id, TypeName=type_name, MaxResults=PAGE, NextToken=token
                    )
                    if token
                    else clients.ssm.list_inventory_entries(
                        InstanceId=node_id, TypeName=type_name, MaxResults=PAGE
                    )
                )
        except ReadError as error:
            if code_of(error) == "InvalidInstanceId":
                return
            raise
        captured = _moment(page.get("CaptureTime", ""))
        for attributes in page.get("Entries", []):
            yield InventoryRecord(node_id=node_id, captured=captured, attributes=attributes)
        token = page.get("NextToken", "")
        if not token:
            return


def read_types(clients: Clients) -> dict[str, tuple[str, ...]]:
    """All inventory types of the account, custom ones included, and the attributes of each.

    Raises `ReadError`. AWS: ssm:GetInventorySchema.
    """
    with reading(clients.place, "ssm:GetInventorySchema"):
        # This call alone takes pages of 50 to 200.
        pages = clients.ssm.get_paginator("get_inventory_schema").paginate(
            PaginationConfig={"PageSize": 200}
        )
        return {
            schema["TypeName"]: tuple(attribute["Name"] for attribute in schema["Attributes"])
            for page in pages
            for schema in page["Schemas"]
        }


def _moment(text: str) -> datetime | None:
    """CaptureTime is a text such as 2024-05-01T10:00:00Z."""
    return datetime.fromisoformat(text) if text else None
