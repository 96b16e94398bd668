"""What a template must look like so that its values can be evaluated.

Source: "CloudFormation template anatomy", CloudFormation user guide, and "Intrinsic function
reference", CloudFormation template reference.
"""

import reprlib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from oelab.template.assembly import Template
from oelab.template.diagnostics import find_by_rules
from oelab.template.intrinsics import ARGUMENTS, calls, is_well_formed

_LEVELS = {"Parameters": 1, "Mappings": 2, "Conditions": 1, "Outputs": 1, "Resources": 1}
"""The sections that are evaluated, and how many levels of objects by name each has."""
_KINDS: dict[type, str] = {str: "a text", dict: "an object"}

_CIRCULAR = "F3004"
_UNRESOLVED = ("E1028", "E8002", "E8007", "F1010", "F1012", "F1018", "F1020")
"""The rules of the engine on resources that refer to each other in a circle, and on references to
what the template does not have."""


def syntax_faults(template: Template, name: str) -> list[str]:
    """What is wrong with a template, each in the words of what must hold; `name` is its own.

    Raises:
        NoAssemblyError: the engine cannot read the template.
    """
    # Each step relies on what the one before has found well-formed.
    return (
        [
            fault
            for section, levels in _LEVELS.items()
            for fault in _not_objects(section, template.get(section, {}), levels)
        ]
        or [*_malformed_entries(template)]
        or [*_circular_conditions(template), *_unresolved(template, name)]
    )


def _not_objects(where: str, value: Any, levels: int) -> Iterator[str]:
    if ".Fn::ForEach" in where:
        yield f"{where} must be written out: what CloudFormation unfolds first cannot be compared"
    elif not isinstance(value, dict):
        yield f"{where} must be an object, got {reprlib.repr(value)}"
    elif levels:
        for name, entry in value.items():
            yield from _not_objects(f"{where}.{name}", entry, levels - 1)


def _malformed_entries(template: Template) -> Iterator[str]:
    for name, resource in template.get("Resources", {}).items():
        where = f"Resources.{name}"
        whole = {"Properties": {}, "Condition": "", **resource}
        yield from _of_kind(where, whole, Type=str, Properties=dict, Condition=str)
        yield from _malformed_calls(where, resource.get("Properties"))
    for name, condition in template.get("Conditions", {}).items():
        yield from _malformed_calls(f"Conditions.{name}", condition)
    for name, mapping in template.get("Mappings", {}).items():
        if any(function != "Fn::Transform" for function, _ in calls(mapping)):
            yield f"Mappings.{name} must have plain values, got the call of a function"
    for name, output in template.get("Outputs", {}).items():
        yield from _of_kind(f"Outputs.{name}", {"Export": {}, **output}, Export=dict)
        yield from _malformed_calls(f"Outputs.{name}", output)


def _of_kind(where: str, entry: Any, **kinds: type) -> Iterator[str]:
    for key, kind in kinds.items():
        if not isinstance(entry.get(key), kind):
            got = reprlib.repr(entry[key]) if key in entry else "none"
            yield f"{where} must have {_KINDS[kind]} as its {key}, got {got}"


def _malformed_calls(where: str, value: Any) -> Iterator[str]:
    for function, argument in calls(value):
        if not is_well_formed(function, argument):
            got = reprlib.repr(argument)
            yield f"{where} must give {function} {ARGUMENTS[function]}, got {got}"


def _circular_conditions(template: Template) -> Iterator[str]:
    used = {
        name: {
            argument[0] if function == "Fn::If" else argument
            for function, argument in calls(condition)
            if function in ("Condition", "Fn::If")
        }
        for name, condition in template.get("Conditions", {}).items()
    }
    try:
        TopologicalSorter(used).prepare()
    except CycleError as error:
        yield f"Conditions must not refer to themselves, got {' -> '.join(error.args[1])}"


def _unresolved(template: Template, name: str) -> Iterator[str]:
    # A macro may add what is referred to.
    rules = [_CIRCULAR] if "Transform" in template else [_CIRCULAR, *_UNRESOLVED]
    for finding in find_by_rules(rules, template, name):
        where = " ".join(filter(None, [finding.logical_id, finding.property_path]))
        yield f"{where or 'it'} must be resolvable: {finding.message}"
