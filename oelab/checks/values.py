"""Values of tags, ids and addresses, as far as a template gives them."""

import json
import re
from itertools import product
from typing import Any

from oelab.systems_manager.targets import Opaque, Value, equal
from oelab.systems_manager.tristate import Answer
from oelab.template.expression import Expression, Resource

# A pseudo parameter that the app does not know, or a dynamic reference.
_DYNAMIC = re.compile(r"\$\{AWS::|\{\{resolve:")


def value_of(expression: Expression) -> Value:
    """The text of an expression, or an opaque value where only the deployment knows it."""
    text = expression.text()
    if text is not None and not _DYNAMIC.search(text):
        return text
    stack, value = expression.follow()
    return Opaque(stack.path, json.dumps(value, sort_keys=True))


def find_named(name: Expression, resource_type: str, name_property: str) -> Resource | None:
    """The resource that a name or an ARN refers to, or that has it in the same place.

    That is an account, and for all but IAM a Region; a bucket has its name everywhere.
    """
    if found := name.resource(resource_type):
        return found
    wanted = (name.text() or "").rpartition("/")[2]
    here = name.stack.environment
    is_global = resource_type.startswith("AWS::IAM::")
    is_unique = resource_type == "AWS::S3::Bucket"
    for resource in name.stack.app.of_type(resource_type):
        there = resource.stack.environment
        is_here = is_unique or there == here or (is_global and there.account == here.account)
        if wanted and is_here and resource.text_of(name_property) == wanted:
            return resource
    return None


def vpc_of(resource: Resource) -> Value:
    """The VPC that a resource is in: one of the app, an id, or None for the default one."""
    vpc = resource.get("VpcId")
    return vpc and (vpc.resource("AWS::EC2::VPC") or value_of(vpc))


def are_apart(one: Resource, other: Resource) -> bool:
    """Whether two resources are certainly in different VPCs, one of which is of the app."""
    vpcs = vpc_of(one), vpc_of(other)
    return any(isinstance(each, Resource) for each in vpcs) and equal(*vpcs) is False


def are_exclusive(one: Resource, other: Resource) -> bool:
    """Whether two resources of a stack have conditions of which never more than one holds."""
    return one.stack is other.stack and any(
        _contradict(*pair) or _contradict(*reversed(pair))
        for pair in product(conditions_of(one), conditions_of(other))
    )


def conditions_of(resource: Resource) -> list[Any]:
    """The conditions that must all hold for a resource to exist."""
    if resource.condition is None:
        return []
    condition = Expression(resource.stack, {"Condition": resource.condition}).evaluate()
    is_and = isinstance(condition, dict) and "Fn::And" in condition
    return list(condition["Fn::And"]) if is_and else [condition]


def _contradict(one: Any, other: Any) -> bool:
    match one, other:
        case {"Fn::Not": [negated]}, _:
            return bool(negated == other)
        case {"Fn::Equals": [*some]}, {"Fn::Equals": [*others]}:
            shared = [each for each in some if each in others]
            different = [each for each in (*some, *others) if each not in shared]
            are_known = (isinstance(each, str) and "${" not in each for each in different)
            return len(shared) == 1 and len(different) == 2 and all(are_known)
    return False


def is_true(expression: Expression | None) -> Answer:
    """Whether a switch is on; one that is absent is not."""
    if expression is None:
        return False
    text = expression.text()
    return None if text is None else text == "true"


def ports_of(rule: Expression, first: str, last: str) -> tuple[int, int] | None:
    """A range of ports, None where the deployment decides."""
    ends = [rule.text_of(key) or "" for key in (first, last)]
    return (int(ends[0]), int(ends[1])) if all(map(str.isdigit, ends)) else None
