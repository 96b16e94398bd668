"""The calls about inventory."""

from datetime import datetime
from typing import Any

from localaws.clock import iso
from localaws.errors import AwsError
from localaws.systems_manager import inventory
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import page
from localaws.systems_manager.state import InventoryItem

Request = dict[str, Any]
CUSTOM_PREFIX = "Custom:"


def get_inventory(engine: Engine, request: Request) -> Request:
    """All nodes, with the one type asked for (or AWS:InstanceInformation) where they have it."""
    state = engine.state()
    wanted = request.get("ResultAttributes", [{"TypeName": inventory.INSTANCE_INFORMATION}])
    type_name = wanted[0]["TypeName"]
    entities = []
    for node_id, node in sorted(state.nodes.items()):
        if node.registered_at is not None:
            items = inventory.of_node(state, node)
            data = {type_name: _data(items[type_name])} if type_name in items else {}
            entities.append({"Id": node_id, "Data": data})
    found, token = page(entities, request)
    return {"Entities": found, **token}


def _data(item: InventoryItem) -> Request:
    return {
        "TypeName": item.type_name,
        "SchemaVersion": item.schema_version,
        "CaptureTime": iso(item.captured),
        "Content": item.content,
    }


def list_entries(engine: Engine, request: Request) -> Request:
    node, type_name = engine.node(request["InstanceId"]), request["TypeName"]
    _check_type(type_name)
    item = inventory.of_node(engine.state(), node).get(type_name)
    answer: Request = {"TypeName": type_name, "InstanceId": node.node_id, "Entries": []}
    if item is None:
        return answer
    answer["Entries"], token = page(item.content, request)
    return {
        **answer,
        **token,
        "SchemaVersion": item.schema_version,
        "CaptureTime": iso(item.captured),
    }


def get_schema(_engine: Engine, request: Request) -> Request:
    schemas = [
        {
            "TypeName": name,
            "Version": schema["version"],
            "Attributes": [
                {"Name": attribute, "DataType": "string"} for attribute in schema["attributes"]
            ],
        }
        for name, schema in inventory.schemas().items()
    ]
    found, token = page(schemas, request)
    return {"Schemas": found, **token}


def put_inventory(engine: Engine, request: Request) -> Request:
    """What an agent sends; also how custom inventory comes in."""
    node = engine.node(request["InstanceId"])
    for entry in request["Items"]:
        _check_type(entry["TypeName"])
        item = InventoryItem(
            type_name=entry["TypeName"],
            schema_version=entry["SchemaVersion"],
            captured=datetime.fromisoformat(entry["CaptureTime"]).timestamp(),
            content=entry.get("Content", []),
        )
        inventory.put(engine.state(), node, item)
    return {}


def _check_type(name: str) -> None:
    if not name.startswith(CUSTOM_PREFIX) and name not in inventory.schemas():
        raise AwsError("InvalidTypeNameException", f"The inventory type {name} isn't valid.")
