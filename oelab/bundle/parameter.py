"""The parameters of a template, which accept what constraints accept."""

import re
from dataclasses import dataclass
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
        limits: dict[str, Any] = {}
        match self.constraint:
            case Choice(values=values):
                limits = {"allowed_values": list(values)}
            case OrBlank(constraint=Text() as text):
                pattern = _pattern(text, or_blank=True)
                limits = {"allowed_pattern": pattern, "max_length": text.at_most}
            case Text() as text:
                limits = {"allowed_pattern": _pattern(text)}
                limits |= {"min_length": text.at_least or None, "max_length": text.at_most}
        if self.constraint:
            limits["constraint_description"] = f"must be {self.constraint.requirement}"
        cdk.CfnParameter(
            stack,
            self.name,
            type=self.type,
            description=description,
            default=self.default,
            **limits,
        )


def _pattern(text: Text, *, or_blank: bool = False) -> str:
    pattern = text.pattern
    if or_blank:
        is_class = re.fullmatch(r"\[[^]]+\]\+", pattern)
        pattern = f"{pattern[:-1]}*" if is_class else f"({pattern})?"
    if text.forbidden:
        pattern = f"(?!{text.forbidden}){pattern}"
    return f"^{pattern}$"
