"""The kinds of constraints, which the TOML file of each service here declares.

Each says what is wrong with a value (`findings`) and what it accepts in words (`requirement`, which
follows "must be"). A value of None is one that is not given, and nothing is wrong with that.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from oelab.data_files import read_toml
from oelab.findings import Finding

VALUE_TYPE = "ValueType"
"""The rule of what is of another type than any that is accepted."""
_DYNAMIC_REFERENCE = "{{resolve:"


@dataclass(frozen=True)
class Constraint(ABC):
    """What AWS accepts of one value.

    `rule` is the id of its findings and `source` the AWS page or schema that it comes from.
    """

    rule: str
    source: str

    @classmethod
    def declared(cls, name: str, **parts: Any) -> Self:
        """The constraint of a table in the file of a service, such as `ec2.ImageId`.

        `parts` are what is made in code: the constraints of items and keys, choices, and patterns
        that have a part in common.
        """
        return cls(**_fields_of(name) | parts)

    @property
    @abstractmethod
    def requirement(self) -> str:
        """What is accepted, in words that follow "must be"."""

    def findings(self, where: str, value: Any) -> Iterator[Finding]:
        """What is wrong with the value that is given at `where`, if there is one."""
        if value is not None:
            yield from self._check(where, value)

    @abstractmethod
    def _check(self, where: str, value: Any) -> Iterator[Finding]:
        """What is wrong with a value that is given."""

    def required(self, where: str, value: Any) -> Iterator[Finding]:
        """What is wrong with a value that must be given."""
        if value is None:
            yield self._finding(where, "nothing", "give it")
        else:
            yield from self._check(where, value)

    def _wrong_type(self, where: str, value: object, remedy: str, shape: str = "") -> Finding:
        return wrong_type(where, value, f"must be {shape}{self.requirement}", self.source, remedy)

    def _finding(self, where: str, value: object, remedy: str, reason: str = "") -> Finding:
        reason = reason or f"must be {self.requirement}"
        return Finding(self.rule, where, reason, remedy, value, self.source)


@dataclass(frozen=True)
class Text(Constraint):
    """A text of a form, and of so many characters where `at_most` is set.

    `pattern` matches the whole text, and `form` says so in words. `forbidden` is what no text may
    start with. They mean the same in Python and in Java, so that a parameter of a CloudFormation
    template can have them: classes of characters are spelled out.

    One that `is_literal` takes no dynamic reference (`{{resolve:...}}`): CloudFormation resolves
    these in any property, and a name or a description is no place for a secret. Source:
    CloudFormation User Guide, get values stored in other services using dynamic references.
    """

    pattern: str
    form: str
    at_least: int = 0
    at_most: int | None = None
    forbidden: str = ""
    is_literal: bool = False

    @property
    def requirement(self) -> str:
        if self.at_most is None:
            return self.form
        return f"{_limits(self.at_least, self.at_most)} {self.form}"

    def _check(self, where: str, value: Any) -> Iterator[Finding]:
        """One finding, whatever is wrong with the text."""
        if not isinstance(value, str):
            yield self._wrong_type(where, value, "give a text")
        elif self.is_literal and _DYNAMIC_REFERENCE in value:
            remedy = "write the text itself; CloudFormation would show what this stands for"
            yield self._finding(where, value, remedy, "must not hold a dynamic reference")
        elif not self._accepts(value):
            is_long = self.at_most is not None and len(value) > self.at_most
            remedy = f"it has {len(value)} characters" if is_long else "write it in this form"
            yield self._finding(where, value, remedy)

    def _accepts(self, value: str) -> bool:
        return bool(
            _is_within(len(value), self.at_least, self.at_most)
            and re.fullmatch(self.pattern, value)
            and not (self.forbidden and re.match(self.forbidden, value))
        )


@dataclass(frozen=True)
class Number(Constraint):
    """A whole number between limits, both included, of a `unit` where it has one."""

    at_least: int
    at_most: int | None = None
    unit: str = ""

    @property
    def requirement(self) -> str:
        return f"{_limits(self.at_least, self.at_most)} {self.unit}".rstrip()

    def _check(self, where: str, value: Any) -> Iterator[Finding]:
        """One finding where it is no whole number, or too small or too large."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield self._wrong_type(where, value, "give a whole number")
        elif value != int(value) or not _is_within(value, self.at_least, self.at_most):
            yield self._finding(where, value, "choose a whole number in these limits")


@dataclass(frozen=True)
class Flag(Constraint):
    """On or off."""

    @property
    def requirement(self) -> str:
        return "true or false"

    def _check(self, where: str, value: Any) -> Iterator[Finding]:
        """One finding where it is neither."""
        if not isinstance(value, bool):
            yield self._wrong_type(where, value, "choose one, without quotes")


@dataclass(frozen=True)
class Choice(Constraint):
    """One of a few values."""

    values: tuple[str, ...]

    @property
    def requirement(self) -> str:
        return f"{', '.join(self.values[:-1])} or {self.values[-1]}"

    def _check(self, where: str, value: Any) -> Iterator[Finding]:
        """One finding, with the value that is meant where only its case is wrong."""
        if value not in self.values:
            meant = str(value).strip().upper()
            remedy = f"write {meant!r}" if meant in self.values else "choose one of them"
            yield self._finding(where, value, remedy)


@dataclass(frozen=True)
class Items(Constraint):
    """A list or a table of so many items; `noun` names them in the plural.

    `each` is what every item must be, where it is limited, and `keys` every key of a table.
    """

    noun: str
    each: Constraint | None = None
    keys: Constraint | None = None
    at_least: int = 0
    at_most: int | None = None

    @property
    def requirement(self) -> str:
        return f"{_limits(self.at_least, self.at_most)} {self.noun}"

    def _check(self, where: str, value: Any) -> Iterator[Finding]:
        """What is wrong with their kind, their number, and each of them."""
        if isinstance(value, str) or not isinstance(value, Mapping if self.keys else Sequence):
            is_item = isinstance(value, str) and not self.keys
            remedy = f"write [{value!r}]" if is_item else "make it one"
            shape = "a table of " if self.keys else "a list of "
            yield self._wrong_type(where, value, remedy, shape)
            return
        if not _is_within(len(value), self.at_least, self.at_most):
            reason = f"must hold {self.requirement}"
            yield self._finding(where, len(value), "add some, or leave some out", reason)
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in items:
            at = key_path(where, str(key)) if self.keys else f"{where}[{key}]"
            if self.keys:
                yield from self.keys.required(at, key)
            if self.each:
                yield from self.each.required(at, item)


@dataclass(frozen=True)
class OrBlank:
    """What a constraint accepts, or nothing at all, which stands for none."""

    constraint: Constraint

    @property
    def requirement(self) -> str:
        """What is accepted, in words that follow "must be"."""
        return f"blank, or {self.constraint.requirement}"

    def findings(self, where: str, value: Any) -> Iterator[Finding]:
        """What is wrong with the value that is given at `where`, if there is one."""
        if value:
            yield from self.constraint.findings(where, value)


def _fields_of(name: str) -> dict[str, Any]:
    """The fields of a table, and of the one that it is `like`; its name is the rule by default."""
    service, rule = name.split(".")
    own = dict(read_toml(f"{service}.toml", __package__)[rule])
    base = _fields_of(own.pop("like")) if "like" in own else {"source": ""}
    return base | {"rule": rule} | own


def wrong_type(where: str, value: object, reason: str, source: str, remedy: str) -> Finding:
    """The finding about a value of another type than any that is accepted."""
    shown = "None" if value is None else value
    return Finding(VALUE_TYPE, where, reason, remedy, shown, source)


def key_path(where: str, key: str) -> str:
    """The path of one key in a table, quoted where TOML would need it: `tags."Patch Group"`."""
    name = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)
    return f"{where}.{name}".removeprefix(".")


def _is_within(number: float, at_least: int, at_most: int | None) -> bool:
    return at_least <= number and (at_most is None or number <= at_most)


def _limits(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return f"{at_least} or more"
    if at_least == at_most:
        return f"{at_least}"
    return f"{at_least} to {at_most}" if at_least else f"up to {at_most}"
