"""What the bundle says of a template in addition to what its stack defines."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import aws_cdk as cdk

from oelab.constraints.kinds import Choice, OrBlank, Text


@dataclass(frozen=True)
class Parameter:
    """A parameter of a template; without a `default`, a launch must give a value.

    A parameter of Systems Manager has no constraint: the path must exist.
    """

    name: str
    constraint: Text | Choice | OrBlank | None = None
    default: str | None = None
    type: str = "String"

    def define_in(self, stack: cdk.Stack, description: str) -> None:
        """Define it in a template, so that it accepts what its constraint accepts."""
        cdk.CfnParameter(
            stack,
            self.name,
            type=self.type,
            description=description,
            default=self.default,
            **self._limits(),
        )

    def _limits(self) -> dict[str, Any]:
        limits: dict[str, Any] = {}
        match self.constraint:
            case Choice(values=values):
                limits = {"allowed_values": list(values)}
            case OrBlank(constraint=Text() as text):
                limits = {"allowed_pattern": _pattern(text, or_blank=True)}
                limits |= {"max_length": text.at_most}
            case Text() as text:
                limits = {"allowed_pattern": _pattern(text)}
                limits |= {"min_length": text.at_least or None, "max_length": text.at_most}
        if self.constraint:
            limits["constraint_description"] = f"must be {self.constraint.requirement}"
        return limits


def _pattern(text: Text, *, or_blank: bool = False) -> str:
    pattern = text.pattern
    if or_blank:
        is_class = re.fullmatch(r"\[[^]]+\]\+", pattern)
        pattern = f"{pattern[:-1]}*" if is_class else f"({pattern})?"
    if text.forbidden:
        pattern = f"(?!{text.forbidden}){pattern}"
    return f"^{pattern}$"


@dataclass(frozen=True)
class ParameterCondition:
    """A condition on a parameter, and what the template has only where it holds.

    The parameter has the `value`, or is given at all where that is blank. `keeps` are resource
    types ("AWS::IAM::Policy") and properties of them ("AWS::EC2::Instance.KeyName").
    """

    parameter: str
    keeps: tuple[str, ...]
    value: str = ""

    @property
    def name(self) -> str:
        """Such as `HasKeyName`, or `StandardPermissions` where a value is asked for."""
        return f"{self.value or 'Has'}{self.parameter}"

    def define_in(self, stack: cdk.Stack) -> None:
        """Define it."""
        has_value = cdk.Fn.condition_equals(cdk.Fn.ref(self.parameter), self.value)
        test = has_value if self.value else cdk.Fn.condition_not(has_value)
        cdk.CfnCondition(stack, self.name, expression=test)


@dataclass(frozen=True, kw_only=True)
class BundledTemplate:
    """One template of the bundle; `parameters` are in the order of the console.

    `define` makes the stack; it names parameters by `Fn.ref`, which needs no more than their names.
    `launches` says how often: "once", or "once for each ...". `capabilities` must be acknowledged
    at a launch (CloudFormation API Reference, CreateStack, Capabilities).
    One that is compact has each property of a resource on one line, to stay within the 51,200 bytes
    that CloudFormation takes without a bucket to put the template into (CloudFormation User Guide,
    quotas).
    """

    name: str
    description: str
    launches: str
    capabilities: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...]
    conditions: tuple[ParameterCondition, ...]
    define: Callable[..., cdk.Stack]
    is_compact: bool = False

    @property
    def file_name(self) -> str:
        """The file of the template."""
        return f"{self.name}.yaml"

    @property
    def groups(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """The headings in the console, each with the texts of its parameters by name."""
        texts = files(__package__).joinpath("parameters.toml").read_text(encoding="utf-8")
        groups: Mapping[str, Mapping[str, Mapping[str, str]]] = tomllib.loads(texts)[self.name]
        return groups

    @property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """What the console shows of each parameter: `label` and `description`."""
        return {name: each for group in self.groups.values() for name, each in group.items()}

    def interface(self) -> dict[str, Any]:
        """Groups and labels, in the order of the parameters.

        Source: CloudFormation template reference, AWS::CloudFormation::Interface.
        """
        return {
            "ParameterGroups": [
                {"Label": {"default": heading}, "Parameters": [*group]}
                for heading, group in self.groups.items()
            ],
            "ParameterLabels": {
                name: {"default": each["label"]} for name, each in self.texts.items()
            },
        }
