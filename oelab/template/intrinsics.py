"""The syntax of intrinsic functions.

Source: "Intrinsic function reference", CloudFormation Template Reference.
"""

import re
from typing import Any

NO_VALUE = {"Ref": "AWS::NoValue"}
VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
"""A variable in the text of Fn::Sub; `${!Literal}` is none."""


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


def text_and_variables(argument: Any) -> tuple[str, dict[str, Any]]:
    """The text of a Fn::Sub and the variables that it defines itself."""
    if isinstance(argument, list):
        text, variables = argument
        return text, variables
    return argument, {}
