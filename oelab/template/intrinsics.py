"""The syntax of intrinsic functions: how to recognize, read and print a call of one.

Source: "Intrinsic function reference", CloudFormation Template Reference.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

NO_VALUE = {"Ref": "AWS::NoValue"}
UNDER_CONDITION = ", where a condition holds"
"""How a line ends on what is there or not."""
VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
"""A variable in the text of Fn::Sub; `${!Literal}` is none."""


def function_of(value: Any) -> str | None:
    """The name of the intrinsic function that a value calls, None where it is no such call."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        if name == "Ref" or str(name).startswith("Fn::"):
            return str(name)
        # In an IAM statement, `Condition` is a mapping.
        if name == "Condition" and isinstance(value[name], str):
            return "Condition"
    return None


def attribute_of(argument: Any) -> tuple[str, str] | None:
    """The logical id and the attribute of a Fn::GetAtt, written as a list or as one text.

    There is None where they are not written out.
    """
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if isinstance(argument, list) and len(argument) == 2:
        logical_id, attribute = argument
        if isinstance(logical_id, str) and isinstance(attribute, str):
            return logical_id, attribute
    return None


def parts_of_sub(argument: Any) -> list[Any]:
    """What a Fn::Sub puts together: texts, and in place of its variables what they stand for."""
    text, own = argument if isinstance(argument, list) else (argument, {})
    parts: list[Any] = []
    # Splitting by a pattern with one group gives texts and variables in turn.
    for index, part in enumerate(VARIABLE.split(text)):
        if index % 2 == 0:
            parts += [part] if part else []
        elif part in own:
            parts.append(own[part])
        else:
            parts.append({"Fn::GetAtt": part.split(".", 1)} if "." in part else {"Ref": part})
    return parts


def references(value: Any) -> set[str]:
    """The names that a value refers to by Ref, Fn::GetAtt or Fn::Sub."""
    return set(_references(value))


def _references(value: Any) -> Iterator[str]:
    match value:
        case list():
            for item in value:
                yield from _references(item)
        case {"Ref": name}:
            yield str(name)
        case {"Fn::GetAtt": str(name) | [str(name), *_]}:
            yield name.partition(".")[0]
        case {"Fn::Sub": str() | [str(), dict()] as argument}:
            yield from _references(parts_of_sub(argument))
        case dict():
            yield from _references(list(value.values()))


def alternatives(value: Any, suffix: str = "") -> Iterator[tuple[Any, str]]:
    """The items of a list, or a single item, each with words if a condition decides on it."""
    match value:
        case list():
            for item in value:
                yield from alternatives(item, suffix)
        case {"Fn::If": [_, *branches]}:
            yield from alternatives(branches, UNDER_CONDITION)
        case _ if value not in (None, NO_VALUE):
            yield value, suffix


def format_value(value: Any) -> str:
    """A value in one line: texts as they are, references as `${Id.Attribute}`, others as JSON."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [*attribute]}:
            return f"${{{'.'.join(map(format_value, attribute))}}}"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(map(format_value, parts))
        case {"Fn::Base64": text}:
            return format_value(text)
    return json.dumps(value, sort_keys=True)
