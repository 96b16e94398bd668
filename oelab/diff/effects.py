"""Which properties make CloudFormation replace a resource, by the schemas of the resource types."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache

from oelab.data_files import read_toml
from oelab.diff.vocabulary import Effect, Replacement
from oelab.template.app import NESTED_STACK, all_resources, with_nested
from oelab.template.assembly import Stack
from oelab.template.diagnostics import TemplateFinding, find_by_rules
from oelab.template.expression import Resource

CREATE_ONLY = "I9001"
"""The rule that reports each create-only property, conditional ones with a message of their own."""
UNKNOWN_PROPERTY = "F3002"
"""The rule that reports each property that the schema of its type does not have."""

Path = tuple[str, ...]

_STOPPED_BY: Mapping[str, list[str]] = read_toml("interruptions.toml", __package__)
"""The properties whose update at least stops and starts the resource, by its type."""


def replacements(stack: Stack) -> dict[str, dict[Path, Replacement]]:
    """What an update of each property does to the resources of a stack and of those nested in it.

    A schema calls a property create-only where its update replaces the resource, and conditionally
    create-only where it may. The engine reports only properties that are present: a removed one is
    known from before the change, an added one from after it.

    Raises:
        NoAssemblyError: the engine cannot read the template.
    """
    found: dict[str, dict[Path, Replacement]] = defaultdict(dict)
    for resource in all_resources(stack):
        if not is_described(resource):
            for name in resource.properties.value:
                found[resource.nested_id][name,] = Replacement.UNKNOWN
    rules = [CREATE_ONLY, UNKNOWN_PROPERTY]
    for each in with_nested(stack):
        for finding in find_by_rules(rules, each.template, f"the template of {stack.name}"):
            path = tuple((finding.property_path or "").split(".")[1:])
            resource = Resource(each, finding.logical_id or "")
            found[resource.nested_id][path] = _replacement(finding)
    return found


def is_described(resource: Resource) -> bool:
    """Whether a schema describes the resource, or a template of the app a nested stack."""
    if resource.type == NESTED_STACK:
        return resource.stack.app.nested_stack(resource) is not None
    return has_schema(resource.type)


def _replacement(finding: TemplateFinding) -> Replacement:
    if finding.rule == UNKNOWN_PROPERTY:
        return Replacement.UNKNOWN
    return Replacement.MAYBE if is_conditional(finding) else Replacement.YES


def may_change(
    resource_type: str, attribute: str, *, changed: Collection[str], kept: Collection[str]
) -> bool:
    """Whether an attribute may change with these properties of a resource that is not replaced.

    A change of only the tags changes no attribute. Others stay where they are called as a property
    that is `kept` or create-only, or as the ARN or the id of the resource: `Arn`, `VpcId` or, of a
    ManagedPolicy, `PolicyArn`.
    """
    if attribute in changed or {*changed} <= {"Tags"}:
        return attribute in changed
    identifier = re.fullmatch("(.*?)(arn|id|identifier)", attribute.lower())
    if identifier and resource_type.lower().endswith(identifier[1]):
        return False
    return attribute not in kept and not is_create_only(resource_type, attribute)


def effect_of(resource_type: str, changed: Mapping[str, Replacement]) -> Effect:
    """What happens to a resource of which these properties change."""
    worst = max(changed.values(), default=Replacement.NO)
    if worst is Replacement.YES:
        return Effect.REPLACED
    if changed.keys() & {*_STOPPED_BY.get(resource_type, ())}:
        return Effect.STOPPED
    return Effect.CHANGED if worst is Replacement.NO else Effect.MAY_BE_REPLACED


@cache
def has_schema(resource_type: str) -> bool:
    """Whether the engine has a schema of a type, by which it refuses a property that is none.

    It has none of custom resources, modules, private types and those that a transform defines.
    """
    return bool(_find(UNKNOWN_PROPERTY, resource_type, "NoSuchProperty"))


@cache
def is_create_only(resource_type: str, name: str) -> bool:
    """Whether every update of a property replaces the resource."""
    found = _find(CREATE_ONLY, resource_type, name)
    return any(not is_conditional(each) for each in found)


def is_conditional(finding: TemplateFinding) -> bool:
    """Whether a property that is reported as create-only is so only under some conditions."""
    return "conditionally create-only" in finding.message


def _find(rule: str, resource_type: str, name: str) -> list[TemplateFinding]:
    """What a rule finds in a resource with one property."""
    resource = {"Type": resource_type, "Properties": {name: "any"}}
    return find_by_rules([rule], {"Resources": {"Only": resource}}, resource_type)
