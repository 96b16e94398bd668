"""Which resource groups a node is a member of: listed, by tags, or by CloudFormation stack."""

import json
from collections.abc import Iterable

from localaws.adapter import resource_groups, scope
from localaws.systems_manager.state import Node, RegionState

STACK_TAG = "aws:cloudformation:stack-id"


def groups_of(node: Node, names: Iterable[str]) -> set[str]:
    """Those of the named groups that have the node as a member."""
    return {name for name in names if _is_member(node, name)}


def members(state: RegionState, name: str) -> list[str]:
    """The ARNs of the instances in the group; no other resource is looked for."""
    prefix = f"arn:aws:ec2:{scope.region()}:{scope.account_id()}:instance/"
    return [
        prefix + node_id
        for node_id, node in sorted(state.nodes.items())
        if not node.is_terminated and _is_member(node, name)
    ]


def _is_member(node: Node, name: str) -> bool:
    if any(arn.endswith(f":instance/{node.node_id}") for arn in resource_groups.members(name)):
        return True
    query = json.loads(resource_groups.query(name) or "{}")
    types = query.get("ResourceTypeFilters", ["AWS::AllSupported"])
    if not {"AWS::AllSupported", "AWS::EC2::Instance"} & set(types):
        return False
    if "StackIdentifier" in query:
        return node.tags.get(STACK_TAG, "") == str(query["StackIdentifier"])
    filters = query.get("TagFilters", [])
    return bool(filters) and all(
        entry["Key"] in node.tags
        and (not entry.get("Values") or node.tags[entry["Key"]] in entry["Values"])
        for entry in filters
    )
