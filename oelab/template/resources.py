"""The templates of an app as data: stacks, resources and the expressions in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from oelab.template.assembly import Environment

_NO_VALUE = {"Ref": "AWS::NoValue"}
_UNNAMED = frozenset({"Default", "Resource"})


_ANYWHERE = Environment()


@dataclass(frozen=True, eq=False, kw_only=True)
class Stack:
    """One template, where it goes, and what its parent hands to it.

    `paths` maps logical ids to construct paths, `stage` tells the assemblies of Stages apart, and
    `arguments` are the parameters of a nested stack, seen from its parent. `template_file` is
    where the template was read from.
    """

    path: str
    name: str
    template: Mapping[str, Any]
    template_file: str = ""
    environment: Environment = _ANYWHERE
    stage: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    arguments: "Expression | None" = None

    @property
    def resources(self) -> Iterator["Resource"]:
        """Every resource of the template."""
        for logical_id in self.template.get("Resources", {}):
            yield Resource(self, logical_id)


class Expression(NamedTuple):
    """A value as a template writes it, and the stack whose names it uses."""

    stack: Stack
    value: Any

    @property
    def function(self) -> str | None:
        """The intrinsic function that the value calls, if it is such a call."""
        if isinstance(self.value, dict) and len(self.value) == 1:
            (name,) = self.value
            if name in ("Ref", "Condition") or str(name).startswith("Fn::"):
                return str(name)
        return None

    def get(self, key: str) -> Self | None:
        """A property of a mapping, None where it is absent.

        All that is in a mapping that only the deployment knows is unknown as well, so the
        expression then stands for its own properties.
        """
        if self.function:
            return self
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return None if value is None or value == _NO_VALUE else type(self)(self.stack, value)

    def at(self, *keys: str) -> Self | None:
        """A property of a property."""
        found: Self | None = self
        for key in keys:
            found = found.get(key) if found else None
        return found

    def items(self) -> list[Self]:
        """The elements of a list; a list that only the deployment knows counts as one element."""
        if not isinstance(self.value, list):
            return [self]
        return [type(self)(self.stack, value) for value in self.value if value != _NO_VALUE]

    def all(self, key: str) -> list[Self]:
        """The elements of a property that is a list, none where it is absent."""
        found = self.get(key)
        return found.items() if found else []


class Resource(NamedTuple):
    """A resource of a stack."""

    stack: Stack
    logical_id: str

    def __str__(self) -> str:
        return self.path

    @property
    def type(self) -> str:
        """Such as `AWS::EC2::Instance`."""
        return str(self.stack.template["Resources"][self.logical_id].get("Type"))

    @property
    def condition(self) -> str | None:
        """The condition under which the resource exists."""
        condition: str | None = self.stack.template["Resources"][self.logical_id].get("Condition")
        return condition

    @property
    def properties(self) -> Expression:
        """The properties as the template writes them."""
        properties = self.stack.template["Resources"][self.logical_id].get("Properties", {})
        return Expression(self.stack, properties)

    def get(self, key: str) -> Expression | None:
        """One property, None where it is absent."""
        return self.properties.get(key)

    def all(self, key: str) -> list[Expression]:
        """The elements of a property that is a list, none where it is absent."""
        return self.properties.all(key)

    @property
    def path(self) -> str:
        """The path of the construct that a person wrote, rather than of the L1 within it."""
        path = self.stack.paths.get(self.logical_id, f"{self.stack.path}/{self.logical_id}")
        parent, _, last = path.rpartition("/")
        return parent if last in _UNNAMED else path
