"""What the bundle says of a template beyond what its stack defines."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a template; without a `default` whoever launches it must give a value.

    `group` and `label` are what the console shows. `pattern` must match the whole value, `at_least`
    and `at_most` limit its length, and `constraint` is what CloudFormation says of a value that it
    refuses: it reads on from "Parameter NAME". A parameter of Systems Manager has none: the path
    must exist.
    """

    name: str
    group: str
    label: str
    description: str
    constraint: str | None = None
    type: str = "String"
    default: str | None = None
    pattern: str | None = None
    at_least: int | None = None
    at_most: int | None = None
    allowed: tuple[str, ...] = ()

    def define_in(self, stack: cdk.Stack) -> None:
        """Define it."""
        cdk.CfnParameter(
            stack,
            self.name,
            type=self.type,
            description=self.description,
            default=self.default,
            allowed_pattern=self.pattern,
            allowed_values=list(self.allowed) or None,
            constraint_description=self.constraint,
            min_length=self.at_least,
            max_length=self.at_most,
        )


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A condition, and what the template has only where it holds.

    `keeps` are resource types ("AWS::IAM::Policy") and properties of them
    ("AWS::EC2::Instance.KeyName").
    """

    name: str
    test: cdk.ICfnConditionExpression
    keeps: tuple[str, ...] = ()


def given(parameter: str, *keeps: str) -> Condition:
    """`HasParameter`: holds where the parameter is not blank."""
    blank = cdk.Fn.condition_equals(cdk.Fn.ref(parameter), "")
    return Condition(name=f"Has{parameter}", test=cdk.Fn.condition_not(blank), keeps=keeps)


@dataclass(frozen=True, kw_only=True)
class BundledTemplate:
    """One template of the bundle.

    `define` makes the stack; it names parameters by `Fn.ref`, which needs no more than their names.
    `launches` says how often: "once", or "once for each ...".
    """

    name: str
    description: str
    launches: str
    parameters: tuple[Parameter, ...]
    conditions: Callable[[], tuple[Condition, ...]]
    define: Callable[..., cdk.Stack]

    @property
    def file_name(self) -> str:
        """The file of the template."""
        return f"{self.name}.yaml"

    def interface(self) -> dict[str, Any]:
        """Groups and labels, in the order of the parameters.

        Source: CloudFormation template reference, AWS::CloudFormation::Interface.
        """
        groups: dict[str, list[str]] = {}
        for parameter in self.parameters:
            groups.setdefault(parameter.group, []).append(parameter.name)
        return {
            "ParameterGroups": [
                {"Label": {"default": group}, "Parameters": names}
                for group, names in groups.items()
            ],
            "ParameterLabels": {
                parameter.name: {"default": parameter.label} for parameter in self.parameters
            },
        }
