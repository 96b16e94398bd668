"""The resources of a template, and what the expressions in it evaluate to."""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from oelab.template.intrinsics import NO_VALUE, attribute_of, function_of, parts_of_sub

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
        return function_of(self.value)

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
        """The text that it evaluates to, None where only the deployment knows it."""
        value = self.evaluate()
        return value if isinstance(value, str) else None

    def evaluate(self, *, with_defaults: bool = False) -> Any:
        """The value, with all that is known before a deployment in its place.

        Texts are joined and substituted, and mappings looked up. What still depends on the
        deployment stays a call of its function, with conditions and mappings written out: two
        values that are equal then say the same, whatever names they use. Numbers and booleans are
        texts, as CloudFormation takes either, a Fn::GetAtt has a list, and AWS::NoValue is left
        out. Pseudo parameters that the app does not know are texts such as `${AWS::Region}`.

        A parameter is unknown, as a deployment may give it any value. `with_defaults` it is its
        default, and `{{resolve:ssm:NAME}}` where that is the name of a Systems Manager parameter.
        """
        if isinstance(self.value, str):
            return self.value
        origin = self.follow()
        if origin.stack is not self.stack:
            value = origin.evaluate(with_defaults=with_defaults)
            # The names in anything but a text mean nothing here.
            return value if isinstance(value, str) else self.value
        return _evaluate(origin, with_defaults=with_defaults)

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


def _evaluate(expression: Expression, *, with_defaults: bool) -> Any:
    stack, value = expression

    def evaluate(part: Any) -> Any:
        return Expression(stack, part).evaluate(with_defaults=with_defaults)

    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list():
            return [evaluate(item) for item in value if item != NO_VALUE]
        case dict() if expression.function is None:
            return {key: evaluate(item) for key, item in value.items() if item != NO_VALUE}
        case {"Ref": str(name)}:
            return _named(stack, name, with_defaults=with_defaults)
        case {"Condition": name}:
            return evaluate(stack.template.get("Conditions", {}).get(name)) or value
        case {"Fn::If": [str(name), *branches]}:
            # Branches count by their place, so that one that is AWS::NoValue stays.
            return {"Fn::If": [evaluate({"Condition": name}), *map(evaluate, branches)]}
        case {"Fn::FindInMap": [str(name), *keys]} if name in stack.template.get("Mappings", {}):
            return _looked_up(evaluate(stack.template["Mappings"][name]), [*map(evaluate, keys)])
        case {"Fn::Join": [str(separator), list(parts)]}:
            return _joined(separator, [evaluate(part) for part in parts if part != NO_VALUE])
        case {"Fn::Sub": str() | [str(), dict()] as argument}:
            return _joined("", [evaluate(part) for part in parts_of_sub(argument)])
        case {"Fn::GetAtt": argument} if attribute := attribute_of(argument):
            return {"Fn::GetAtt": [*attribute]}
        case dict():
            return {function: evaluate(argument) for function, argument in value.items()}
    return value


def _named(stack: "Stack", name: str, *, with_defaults: bool) -> Any:
    known = {
        "AWS::StackName": stack.name,
        "AWS::AccountId": stack.environment.account or "${AWS::AccountId}",
        "AWS::Region": stack.environment.region or "${AWS::Region}",
        "AWS::Partition": "${AWS::Partition}",
        "AWS::URLSuffix": "${AWS::URLSuffix}",
    }
    parameter = stack.template.get("Parameters", {}).get(name, {})
    if with_defaults and "Default" in parameter:
        default = str(parameter["Default"])
        is_stored = str(parameter.get("Type")).startswith("AWS::SSM::Parameter::Value<")
        return f"{{{{resolve:ssm:{default}}}}}" if is_stored else default
    return known.get(name, {"Ref": name})


def _looked_up(mapping: Any, keys: list[Any]) -> Any:
    entry = mapping
    for key in keys[:2]:
        entry = entry.get(key) if isinstance(entry, dict) and isinstance(key, str) else None
    return {"Fn::FindInMap": [mapping, *keys]} if entry is None else entry


def _joined(separator: str, parts: list[Any]) -> Any:
    """One text where all parts are texts; otherwise the join, with adjacent texts put together."""
    if all(isinstance(part, str) for part in parts):
        return separator.join(parts)
    if separator:
        return {"Fn::Join": [separator, parts]}
    merged: list[Any] = []
    for part in parts:
        if merged and isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged[0] if len(merged) == 1 else {"Fn::Join": [separator, merged]}
