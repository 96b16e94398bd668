"""The values of a template: what they come to, what they refer to and how to say them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from oelab.template.assembly import Template

_NO_VALUE = {"Ref": "AWS::NoValue"}
UNDER_CONDITION = ", where a condition holds"
"""How words end on what is there or is not."""
MOVING_PARAMETER = "AWS::SSM::Parameter::Value<"
"""How the type of a parameter begins whose value Systems Manager holds."""
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def written_out(value: Any, template: Template) -> Any:
    """A value with the parameters, conditions and mappings that it names put in their place.

    So a new default of a parameter is a new value of each property that refers to it, and a
    parameter that merely has another name is none.
    """
    if isinstance(value, list):
        return [written_out(item, template) for item in value if item != _NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref" and argument in template.get("Parameters", {}):
            return _parameter(argument, template)
        if function in ("Fn::If", "Fn::FindInMap"):
            section = "Conditions" if function == "Fn::If" else "Mappings"
            name, *rest = argument
            # Branches by their place: one that is AWS::NoValue counts as one.
            written = [written_out(branch, template) for branch in rest]
            return {function: [_named(name, section, template), *written]}
        if function == "Condition" and isinstance(argument, str):
            return _named(argument, "Conditions", template)
        if function == "Fn::Sub":
            return {function: [_substituted(argument, template), written_out(argument, template)]}
    return {key: written_out(item, template) for key, item in value.items() if item != _NO_VALUE}


def with_shared_mappings(template: Template, other: Template) -> Template:
    """A template whose mappings have only the keys that those of another version have too.

    What a key says that comes or goes was or will be asked for nowhere: a stack that asks for a
    missing key cannot be deployed. So a further Region changes nothing in those there are.
    """
    others = other.get("Mappings", {})
    mappings = {
        name: {key: entry for key, entry in mapping.items() if key in others.get(name, mapping)}
        for name, mapping in template.get("Mappings", {}).items()
    }
    return {**template, "Mappings": mappings}


def _parameter(name: str, template: Template) -> Any:
    definition = template["Parameters"][name]
    if "Default" not in definition:
        return {"Ref": name}
    if definition["Type"].startswith(MOVING_PARAMETER):
        return {"Parameter": {key: definition[key] for key in ("Type", "Default")}}
    return definition["Default"]


def is_read_at_deployment(written: Any) -> bool:
    """Whether a value, written out, is that of a Systems Manager parameter anywhere in it."""
    if isinstance(written, list):
        return any(map(is_read_at_deployment, written))
    if not isinstance(written, dict):
        return False
    kind = written.get("Type") if written.keys() == {"Type", "Default"} else None
    if isinstance(kind, str) and kind.startswith(MOVING_PARAMETER):
        return True
    return any(map(is_read_at_deployment, written.values()))


def _named(name: Any, section: str, template: Template) -> Any:
    definition = template.get(section, {}).get(name) if isinstance(name, str) else None
    return name if definition is None else written_out(definition, template)


def _substituted(argument: Any, template: Template) -> Any:
    names = set(_references_of_sub(argument)) & set(template.get("Parameters", {}))
    return {name: _parameter(name, template) for name in sorted(names)}


def items(value: Any, condition: str = "") -> Iterator[tuple[Any, str]]:
    """The items of a list, or of one item alone, with the words for what is there or is not."""
    if isinstance(value, list):
        for item in value:
            yield from items(item, condition)
    elif isinstance(value, dict) and value.keys() == {"Fn::If"}:
        for branch in value["Fn::If"][1:]:
            yield from items(branch, UNDER_CONDITION)
    elif value not in (None, _NO_VALUE):
        yield value, condition


def is_function(value: Any) -> bool:
    """Whether a value is a call of an intrinsic function, or a parameter written out."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and next(iter(value)).startswith(("Fn::", "Ref", "Parameter"))
    )


def references(value: Any) -> set[str]:
    """The logical ids that a value refers to by Ref, Fn::GetAtt or Fn::Sub."""
    return set(_references(value))


def mappings_asked(value: Any) -> set[str]:
    """The mappings that a value asks by Fn::FindInMap."""
    found = set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        found |= mappings_asked(part)
    if isinstance(value, dict) and "Fn::FindInMap" in value:
        found.add(str(value["Fn::FindInMap"][0]))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Ref":
            yield str(item)
        elif key == "Fn::GetAtt":
            yield str(item[0]) if isinstance(item, list) else str(item).partition(".")[0]
        else:
            if key == "Fn::Sub":
                yield from _references_of_sub(item)
            yield from _references(item)


def _references_of_sub(argument: Any) -> Iterator[str]:
    text, own = argument if isinstance(argument, list) else (argument, {})
    for name in _VARIABLE.findall(text):
        if name not in own:
            yield name.partition(".")[0]


def text(value: Any) -> str:
    """A value in a line: text as it is, references as `${Id.Attribute}`, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return f"${{{argument}}}"
        if function == "Fn::GetAtt":
            return f"${{{argument if isinstance(argument, str) else '.'.join(argument)}}}"
        if function == "Fn::Join" and isinstance(argument[1], list):
            return str(argument[0]).join(text(part) for part in argument[1])
        if function == "Fn::Sub" and isinstance(argument, str):
            return argument
        if function == "Fn::Base64":
            return text(argument)
    return json.dumps(value, sort_keys=True)
