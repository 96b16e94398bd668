"""Which nodes an association applies to."""

import json
from typing import Any

from localaws.adapter import resource_groups
from localaws.errors import AwsError
from localaws.systems_manager.state import Association, Node

MAX_TARGETS = 5
ALL_NODES = "*"
INSTANCE_IDS = "instanceids"
TAG = "tag"
RESOURCE_GROUP = "resource-groups:name"


def check(targets: list[dict[str, Any]]) -> None:
    """Refuse what State Manager refuses: the count, and keys it does not know."""
    if len(targets) > MAX_TARGETS:
        raise AwsError(
            "ValidationException",
            "1 validation error detected: Value at 'targets' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_TARGETS}",
        )
    for target in targets:
        kind, values = kind_of(target), target.get("Values") or []
        if kind not in (INSTANCE_IDS, RESOURCE_GROUP, TAG) or (not values and kind != TAG):
            raise AwsError(
                "InvalidTarget",
                "The target isn't valid or doesn't exist: "
                f"key {target.get('Key', '')!r} with {len(values)} values",
            )
        if ALL_NODES in values and kind == INSTANCE_IDS and len(values) > 1:
            raise AwsError("InvalidTarget", "InstanceIds may hold * or ids, not both")
    groups = [target for target in targets if kind_of(target) == RESOURCE_GROUP]
    if len(groups) > 1 or any(len(group["Values"]) > 1 for group in groups):
        raise AwsError("InvalidTarget", "Only one resource group can be a target")


def kind_of(target: dict[str, Any]) -> str:
    """The key in small letters, as AWS spells it in several ways; of a tag no more than `tag`."""
    key: str = target.get("Key", "").casefold()
    return TAG if key.startswith(f"{TAG}:") else key


def is_wildcard(association: Association) -> bool:
    return any(
        kind_of(target) == INSTANCE_IDS and ALL_NODES in target["Values"]
        for target in association.targets
    )


def applies_to(association: Association, node: Node) -> bool:
    """Several targets must all hold; of the values of one, any. A tag without any has any value."""
    if association.legacy_instance_id:
        return association.legacy_instance_id == node.instance_id
    return bool(association.targets) and all(_holds(t, node) for t in association.targets)


def _holds(target: dict[str, Any], node: Node) -> bool:
    kind, values = kind_of(target), target.get("Values") or []
    if kind == INSTANCE_IDS:
        return ALL_NODES in values or node.instance_id in values
    if kind == RESOURCE_GROUP:
        return _is_member(node, values[0])
    _, _, tag = target["Key"].partition(":")
    return tag in node.tags and (not values or node.tags[tag] in values)


def _is_member(node: Node, group_name: str) -> bool:
    """By the group's member list, or by its tag query; a query by CloudFormation stack too."""
    group = resource_groups.find(group_name)
    if group is None:
        return False
    members, query = group
    if any(arn.endswith(f":instance/{node.instance_id}") for arn in members):
        return True
    document = json.loads(query.get("Query") or "{}")
    types = document.get("ResourceTypeFilters", [])
    if types and not {"AWS::AllSupported", "AWS::EC2::Instance"} & set(types):
        return False
    if "StackIdentifier" in document:
        return bool(node.tags.get("aws:cloudformation:stack-id") == document["StackIdentifier"])
    filters = document.get("TagFilters", [])
    return bool(filters) and all(
        entry["Key"] in node.tags
        and (not entry.get("Values") or node.tags[entry["Key"]] in entry["Values"])
        for entry in filters
    )
