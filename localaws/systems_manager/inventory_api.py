"""The calls about inventory."""

import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from localaws.clock import iso
from localaws.errors import AwsError
from localaws.images import DATA
from localaws.systems_manager import inventory
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.paging import PageSize, page
from localaws.systems_manager.state import InventoryItem, Node

if TYPE_CHECKING:
    from collections.abc import Callable

Request = dict[str, Any]
_SIZE = PageSize()
_SCHEMA_SIZE = PageSize(smallest=50, largest=200, default=50)


def get_inventory(engine: Engine, request: Request) -> Request:
    """Nodes that pass all filters, with the one type asked for (or AWS:InstanceInformation)."""
    state = engine.state()
    entities = []
    for node in sorted(state.nodes.values(), key=lambda node: node.instance_id):
        items = inventory.of_node(state, node)
        if items and all(_passes(items, entry) for entry in request.get("Filters") or []):
            entities.append((node, items))
    if request.get("Aggregators"):
        return {"Entities": [_aggregate(entities, request["Aggregators"][0])]}
    wanted = request.get("ResultAttributes") or [{"TypeName": inventory.INSTANCE_INFORMATION}]
    if len(wanted) != 1:
        raise AwsError("InvalidResultAttributeException", "Exactly one type can be asked for")
    type_name = wanted[0]["TypeName"]
    result = [{"Id": node.instance_id, "Data": _data(items, type_name)} for node, items in entities]
    found, token = page(result, request, _SIZE)
    return {"Entities": found, **token}


def _data(items: dict[str, InventoryItem], type_name: str) -> Request:
    item = items.get(type_name)
    if item is None:
        return {}
    return {
        type_name: {
            "TypeName": item.type_name,
            "SchemaVersion": item.schema_version,
            "CaptureTime": iso(item.captured),
            "ContentHash": item.content_hash,
            "Content": item.content,
        }
    }


def _passes(items: dict[str, InventoryItem], entry: Request) -> bool:
    type_name, _, attribute = entry["Key"].rpartition(".")
    item = items.get(type_name)
    given = [record.get(attribute, "") for record in item.content] if item else []
    return _compare(given, entry["Values"], entry.get("Type", "Equal"))


def _compare(given: list[str], values: list[str], kind: str) -> bool:
    if kind == "NotEqual":
        return bool(given) and not any(value in values for value in given)
    if kind == "Exists":
        return bool(given)
    tests: dict[str, Callable[[str, str], bool]] = {
        "Equal": lambda one, other: one == other,
        "BeginWith": lambda one, other: one.startswith(other),
        "LessThan": lambda one, other: _number(one) < _number(other),
        "GreaterThan": lambda one, other: _number(one) > _number(other),
    }
    if kind not in tests:
        raise AwsError("InvalidFilter", f"Unknown filter type {kind}")
    return any(tests[kind](one, other) for one in given for other in values)


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.replace("-", ".").split(".") if part.isdigit())


def _aggregate(
    entities: list[tuple[Node, dict[str, InventoryItem]]], aggregator: Request
) -> Request:
    """How many nodes have each combination of the attributes; the counts are texts, as on AWS."""
    expressions = []
    level: Request | None = aggregator
    while level:
        expressions.append(level["Expression"].rpartition(".")[::2])
        level = (level.get("Aggregators") or [None])[0]
    type_name = expressions[0][0]
    counts: dict[tuple[str, ...], int] = {}
    for _, items in entities:
        combinations: set[tuple[str, ...]] = {()}
        for name, attribute in expressions:
            content = items[name].content if name in items else []
            combinations = {
                (*before, record.get(attribute, ""))
                for before in combinations
                for record in content
            }
        for combination in combinations:
            counts[combination] = counts.get(combination, 0) + 1
    attributes = [attribute for _, attribute in expressions]
    content = [
        {"Count": str(number), **dict(zip(attributes, combination, strict=True))}
        for combination, number in sorted(counts.items())
    ]
    return {
        "Data": {type_name: {"TypeName": type_name, "SchemaVersion": "1.0", "Content": content}}
    }


def list_entries(engine: Engine, request: Request) -> Request:
    node, type_name = _node(engine, request["InstanceId"]), request["TypeName"]
    if not type_name.startswith("Custom:") and type_name not in _schemas():
        raise AwsError("InvalidTypeNameException", f"The inventory type {type_name} isn't valid.")
    item = inventory.of_node(engine.state(), node).get(type_name)
    answer: Request = {"TypeName": type_name, "InstanceId": node.instance_id, "Entries": []}
    if item is None:
        return answer
    entries = [
        record
        for record in item.content
        if all(
            _compare(
                [record.get(f["Key"].rpartition(".")[2], "")], f["Values"], f.get("Type", "Equal")
            )
            for f in request.get("Filters") or []
        )
    ]
    answer["Entries"], token = page(entries, request, _SIZE)
    answer |= {"SchemaVersion": item.schema_version, "CaptureTime": iso(item.captured)}
    return answer | token


def _node(engine: Engine, instance_id: str) -> Node:
    node = engine.state().nodes.get(instance_id)
    if node is None or not inventory.of_node(engine.state(), node):
        raise AwsError("InvalidInstanceId", f"The node {instance_id} has no inventory.")
    return node


def get_schema(_engine: Engine, request: Request) -> Request:
    wanted = request.get("TypeName", "")
    schemas = [
        {
            "TypeName": name,
            "Version": schema["version"],
            "Attributes": [{"Name": attribute, "DataType": "string"} for attribute in attributes],
        }
        for name, schema in _schemas().items()
        for attributes in [_attributes(schema, request)]
        if attributes and name.startswith(wanted)
    ]
    found, token = page(schemas, request, _SCHEMA_SIZE)
    return {"Schemas": found, **token}


def _attributes(schema: Request, request: Request) -> list[str]:
    chosen: list[str] = schema["aggregated"] if request.get("Aggregator") else schema["attributes"]
    return chosen


@cache
def _schemas() -> dict[str, Request]:
    schemas: dict[str, Request] = json.loads(
        (DATA / "inventory-schema.json").read_text(encoding="utf-8")
    )
    return schemas


def put_inventory(engine: Engine, request: Request) -> Request:
    """What an agent sends; also how custom inventory comes in."""
    state, node_id = engine.state(), request["InstanceId"]
    node = state.nodes.get(node_id)
    if node is None or node.registered_at is None:
        raise AwsError("InvalidInstanceId", f"The node {node_id} is not a managed node.")
    for item in request["Items"]:
        type_name = item["TypeName"]
        if not type_name.startswith("Custom:") and type_name not in _schemas():
            raise AwsError(
                "InvalidTypeNameException", f"The inventory type {type_name} isn't valid."
            )
        inventory.put(
            state,
            node_id,
            type_name,
            item.get("Content") or [],
            _captured(item["CaptureTime"]),
            item["SchemaVersion"],
        )
    return {"Message": "The inventory data was accepted."}


def _captured(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise AwsError("ValidationException", f"CaptureTime is no time: {text}") from error
