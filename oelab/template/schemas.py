"""What the schema of a resource type says, as far as the engine reports it."""

from functools import cache

from oelab.template.diagnostics import TemplateFinding, find_by_rules

CREATE_ONLY = "I9001"
"""The rule that reports each create-only property, conditional ones with a message of their own."""
UNKNOWN_PROPERTY = "F3002"
"""The rule that reports each property that the schema of its type does not have."""


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
