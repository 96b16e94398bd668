"""The resources of a template, and what the expressions in it evaluate to.

An expression evaluates to a text, to a resource that it refers to, or to nothing where only the
deployment knows. The default of a parameter counts for nothing here: a deployment may give another
value, and a check must not report what need not happen.
"""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from oelab.template.intrinsics import NO_VALUE, VARIABLE, attribute_of, text_and_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oelab.template.assembly import Stack

_UNNAMED = frozenset({"Default", "Resource"})


class Expression(NamedTuple):
    """A value as a template writes it, and the stack whose names it uses."""

    stack: "Stack"
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
        return None if value is None or value == NO_VALUE else type(self)(self.stack, value)

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
        return [type(self)(self.stack, value) for value in self.value if value != NO_VALUE]

    def all(self, key: str) -> list[Self]:
        """The elements of a property that is a list, none where it is absent."""
        found = self.get(key)
        return found.items() if found else []

    def text_of(self, key: str) -> str | None:
        """The text of a property, None where it is absent or only the deployment knows it."""
        found = self.get(key)
        return found.text() if found else None

    def text(self) -> str | None:
        """The text that it evaluates to, None where only the deployment knows it.

        Pseudo parameters that the app does not know stay as they are, such as `${AWS::Region}`.
        """
        stack, value = origin = self.follow()
        match value:
            case str():
                return value
            case bool():
                return str(value).lower()
            case int():
                return str(value)
        match origin.function:
            case "Ref":
                return _pseudo_parameter(stack, str(value["Ref"]))
            case "Fn::Join":
                return _joined(stack, *value["Fn::Join"])
            case "Fn::Sub":
                return _substituted(stack, *text_and_variables(value["Fn::Sub"]))
        return None

    def resource(self, resource_type: str) -> "Resource | None":
        """The resource that it refers to, if that is in the app and of the type."""
        reference = self.referent()
        if reference is None or reference.resource.type != resource_type:
            return None
        return reference.resource

    def referent(self) -> "Reference | None":
        """The resource of the app that it refers to, through exports and stacks."""
        stack, value = self.follow()
        if not isinstance(value, dict):
            return None
        reference = (
            (value["Ref"], "Ref") if "Ref" in value else attribute_of(value.get("Fn::GetAtt"))
        )
        if reference is None or reference[0] not in stack.resources:
            return None
        return Reference(stack.resources[reference[0]], reference[1])

    def follow(self) -> "Expression":
        """What it stands for: from an import, an output or a nested stack's parameter on."""
        expression: Expression = self
        while (origin := expression._origin()) is not None:
            expression = origin
        return expression

    def _origin(self) -> "Expression | None":
        stack, value = self
        match self.function:
            case "Fn::ImportValue":
                return stack.app.export(stack.environment, value["Fn::ImportValue"])
            case "Fn::GetStackOutput":
                output = value["Fn::GetStackOutput"]
                names = str(output.get("StackName")), str(output.get("OutputName"))
                return stack.app.output(stack.environment, *names)
            case "Ref":
                return stack.arguments.get(value["Ref"]) if stack.arguments else None
            case "Fn::GetAtt":
                logical_id, attribute = attribute_of(value["Fn::GetAtt"]) or ("", "")
                nested = stack.app.nested_stack(Resource(stack, logical_id))
                output_id = attribute.removeprefix("Outputs.")
                outputs = nested.template.get("Outputs", {}) if nested else {}
                if nested and output_id in outputs:
                    return Expression(nested, outputs[output_id].get("Value"))
        return None


class Resource(NamedTuple):
    """A resource of a stack."""

    stack: "Stack"
    logical_id: str

    def __str__(self) -> str:
        return self.path

    @property
    def definition(self) -> "Mapping[str, Any]":
        """All that the template says of it."""
        definition: Mapping[str, Any] = self.stack.template["Resources"][self.logical_id]
        return definition

    @property
    def type(self) -> str:
        """Such as `AWS::EC2::Instance`."""
        return str(self.definition.get("Type"))

    @property
    def condition(self) -> str | None:
        """The condition under which the resource exists."""
        condition: str | None = self.definition.get("Condition")
        return condition

    @property
    def properties(self) -> Expression:
        """The properties as the template writes them."""
        return Expression(self.stack, self.definition.get("Properties", {}))

    def get(self, key: str) -> Expression | None:
        """One property, None where it is absent."""
        return self.properties.get(key)

    def all(self, key: str) -> list[Expression]:
        """The elements of a property that is a list, none where it is absent."""
        return self.properties.all(key)

    def text_of(self, key: str) -> str | None:
        """The text of a property, None where it is absent or only the deployment knows it."""
        return self.properties.text_of(key)

    def referenced(self, key: str, resource_type: str) -> "Resource | None":
        """The resource that a property refers to, if that is in the app and of the type."""
        found = self.get(key)
        return found.resource(resource_type) if found else None

    @property
    def path(self) -> str:
        """The path of the construct that a person wrote, rather than of the L1 within it."""
        path = self.stack.paths.get(self.logical_id, f"{self.stack.path}/{self.logical_id}")
        parent, _, last = path.rpartition("/")
        return parent if last in _UNNAMED else path


class Reference(NamedTuple):
    """A resource, and which of its attributes is meant; `Ref` where it is the resource itself."""

    resource: Resource
    attribute: str


def _joined(stack: "Stack", separator: str, parts: Any) -> str | None:
    if not isinstance(parts, list):
        return None
    texts = [Expression(stack, part).text() for part in parts]
    known = [text for text in texts if text is not None]
    return separator.join(known) if len(known) == len(texts) else None


def _substituted(stack: "Stack", template: str, variables: dict[str, Any]) -> str | None:
    names = {match[1] for match in VARIABLE.finditer(template)}
    texts: dict[str, str] = {}
    for name in names:
        text = Expression(stack, variables.get(name, {"Ref": name})).text()
        if text is None:
            return None
        texts[name] = text
    return VARIABLE.sub(lambda match: texts[match[1]], template)


def _pseudo_parameter(stack: "Stack", name: str) -> str | None:
    known = {
        "AWS::StackName": stack.name,
        "AWS::AccountId": stack.environment.account or "${AWS::AccountId}",
        "AWS::Region": stack.environment.region or "${AWS::Region}",
        "AWS::Partition": "${AWS::Partition}",
        "AWS::URLSuffix": "${AWS::URLSuffix}",
    }
    return known.get(name)
