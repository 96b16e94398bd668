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
        ((name, argument),) = value.items()
        # In an IAM statement, `Condition` is a mapping.
        is_condition = name == "Condition" and isinstance(argument, str)
        if name == "Ref" or str(name).startswith("Fn::") or is_condition:
            return str(name)
    return None


ARGUMENTS = {
    "Ref": "the name of a resource or parameter",
    "Fn::FindInMap": "a mapping, two keys and at most a DefaultValue",
    "Fn::GetAtt": "a resource and one of its attributes",
    "Fn::GetStackOutput": "an object",
    "Fn::If": "the name of a condition and two values",
    "Fn::Join": "a separator and a list",
    "Fn::Sub": "a text, or a text and an object of its variables",
}
"""The functions that are evaluated, and what each takes."""


def is_well_formed(function: str, argument: Any) -> bool:
    """Whether the argument of a function is one that it takes."""
    match function, argument:
        case (
            ("Ref", str())
            | ("Fn::FindInMap", [_, _, _] | [_, _, _, {"DefaultValue": _}])
            | ("Fn::GetAtt", [str(), str() | dict()])
            | ("Fn::GetStackOutput", dict())
            | ("Fn::If", [str(), _, _])
            | ("Fn::Join", [str(), list() | dict()])
            | ("Fn::Sub", str() | [str(), dict()])
        ):
            return True
        case "Fn::GetAtt", str():
            return "." in argument
    return function not in ARGUMENTS


def attribute_of(argument: Any) -> tuple[str, str] | None:
    """The logical id and the attribute of a Fn::GetAtt, written as a list or as one text.

    There is None where they are not written out.
    """
    match argument.split(".", 1) if isinstance(argument, str) else argument:
        case [str(logical_id), str(attribute)]:
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


def calls(value: Any) -> Iterator[tuple[str, Any]]:
    """Every call of an intrinsic function in a value, as its name and its argument."""
    if isinstance(value, dict):
        if function := function_of(value):
            yield function, value[function]
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from calls(item)


def references(value: Any) -> set[str]:
    """The names that a value refers to by Ref, Fn::GetAtt or Fn::Sub."""
    return {name for name, _ in reads(value)}


def reads(value: Any) -> set[tuple[str, str]]:
    """The names that a value refers to, each with the attribute that it reads.

    The attribute is `Ref` for what Ref returns, and empty where only the deployment knows it.
    """
    return {
        reading for function, argument in calls(value) for reading in _reads(function, argument)
    }


def _reads(function: str, argument: Any) -> set[tuple[str, str]]:
    match function, argument:
        case "Ref", str():
            return {(argument, "Ref")}
        case "Fn::GetAtt", _ if attribute := attribute_of(argument):
            return {attribute}
        case "Fn::GetAtt", [str(name), *_]:
            return {(name, "")}
        case "Fn::Sub", str() | [str(), dict()]:
            return reads(parts_of_sub(argument))
    return set()


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
