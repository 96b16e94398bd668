"""Which managed nodes the targets of an association match.

Sources: the data type Target of the Systems Manager API, "Understanding targets and rate controls
in State Manager associations" and "Targeting multiple managed nodes" in the user guide. They spell
the key of node ids both `InstanceIds` and `instanceids`, so keys are taken in any case; the name
of a tag has its own case.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from localaws.errors import AwsError

ALL_NODES = "*"
INSTANCE_IDS = "instanceids"
RESOURCE_GROUP = "resource-groups:name"
TAG = "tag:"

Target = Mapping[str, Any]  # {"Key": text, "Values": [text, ...]}


def matches(
    targets: Sequence[Target],
    node_id: str,
    tags: Mapping[str, str],
    groups: Collection[str] = (),
) -> bool:
    """Whether a node meets all targets; of the values of one target it must meet any.

    So several tag keys narrow the choice down. A tag without values may have any value. `groups`
    are the names of the resource groups that the node is a member of. No target matches no node.
    """
    return bool(targets) and all(_meets(target, node_id, tags, groups) for target in targets)


def is_for_all_nodes(targets: Sequence[Target]) -> bool:
    return any(_key(target) == INSTANCE_IDS and ALL_NODES in target["Values"] for target in targets)


def resource_groups(targets: Sequence[Target]) -> list[str]:
    """The names of the resource groups among the targets."""
    return [name for t in targets if _key(t) == RESOURCE_GROUP for name in t["Values"]]


def check(targets: Sequence[Target]) -> None:
    """Raise InvalidTarget for what no association can target.

    That is a key of another tool, ids or groups without values, ids next to the wildcard, and more
    than one resource group.
    """
    if not targets:
        raise AwsError("InvalidTarget", "Targets must name at least one target")
    for target in targets:
        key, values = _key(target), target.get("Values") or []
        if key.startswith(TAG) and key != TAG:
            continue
        if key not in (INSTANCE_IDS, RESOURCE_GROUP) or not values:
            raise AwsError("InvalidTarget", f"The target {dict(target)} isn't valid")
        if ALL_NODES in values and len(values) > 1:
            raise AwsError("InvalidTarget", "InstanceIds may hold * or ids, not both")
    if len(resource_groups(targets)) > 1:
        raise AwsError("InvalidTarget", "Only one resource group can be a target")


def _key(target: Target) -> str:
    return str(target.get("Key", "")).casefold()


def _meets(target: Target, node_id: str, tags: Mapping[str, str], groups: Collection[str]) -> bool:
    key, values = _key(target), target.get("Values") or []
    if key == INSTANCE_IDS:
        return ALL_NODES in values or node_id in values
    if key == RESOURCE_GROUP:
        return any(name in groups for name in values)
    tag = target["Key"][len(TAG) :]
    return key.startswith(TAG) and tag in tags and (not values or tags[tag] in values)
