"""The resources of a template and the expressions in it, and what they refer to."""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from oelab.template.intrinsics import NO_VALUE, attribute_of, function_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oelab.environment import Environment
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

    def all(self, *keys: str) -> list[Self]:
        """The elements of a property that is a list, none where it is absent."""
        found = self.at(*keys)
        return found.items() if found else []

    def text_of(self, *keys: str) -> str | None:
        """The text of a property, None where it is absent or only the deployment knows it."""
        found = self.at(*keys)
        return found.text() if found else None

    def text(self) -> str | None:
        """The text that it evaluates to, None where only the deployment knows it."""
        value = self.evaluate()
        return value if isinstance(value, str) else None

    def evaluate(
        self, *, with_defaults: bool = False, environment: "Environment | None" = None
    ) -> Any:
        """The value, with all that is known before a deployment in its place.

        Texts are joined and substituted, and mappings looked up. What still depends on the
        deployment stays a call of its function, with conditions and mappings written out: two
        values that are equal then say the same, whatever names they use. Numbers and booleans are
        texts, as CloudFormation takes either, a Fn::GetAtt has a list, and AWS::NoValue is left
        out. Pseudo parameters that the app does not know are texts such as `${AWS::Region}`, and
        names within a nested stack come after its own, such as `Network/Vpc`.

        A parameter is unknown, as a deployment may give it any value. `with_defaults` it is its
        default, and `{{resolve:ssm:NAME}}` where that is the name of a Systems Manager parameter.
        `environment` is where the stack is deployed, by default what the app says of it.
        """
        # The evaluation builds on expressions.
        from oelab.template.evaluation import Evaluation

        return Evaluation(with_defaults, environment).of(self)

    def resource(self, resource_type: str) -> "Resource | None":
        """The resource that it refers to, if that is in the app and of the type."""
        found = self.referent()
        return found.resource if found and found.resource.type == resource_type else None

    def referent(self) -> "Reference | None":
        """The resource of the app that it refers to, through exports and stacks."""
        stack, value = self.follow()
        match value:
            case {"Ref": str(name)}:
                logical_id, attribute = name, "Ref"
            case {"Fn::GetAtt": argument} if found := attribute_of(argument):
                logical_id, attribute = found
            case _:
                return None
        resource = stack.resources.get(logical_id)
        return Reference(resource, attribute) if resource else None

    def follow(self) -> "Expression":
        """What it stands for: from an import, an output or a nested stack's parameter on."""
        expression: Expression = self
        while (origin := expression._origin()) is not None:
            expression = origin
        return expression

    def _origin(self) -> "Expression | None":
        stack, value = self
        match value if self.function else None:
            case {"Fn::ImportValue": str(name)}:
                return stack.app.exports.get((stack.environment, name))
            case {"Fn::GetStackOutput": {"StackName": str(name), "OutputName": str(output_id)}}:
                return stack.app.outputs.get((stack.environment, name, output_id))
            case {"Ref": str(name)} if stack.arguments:
                return stack.arguments.get(name)
            case {"Fn::GetAtt": argument} if attribute := attribute_of(argument):
                nested = stack.app.nested_stack(Resource(stack, attribute[0]))
                outputs = nested.template.get("Outputs", {}) if nested else {}
                output = outputs.get(attribute[1].removeprefix("Outputs."))
                if nested and output:
                    return Expression(nested, output.get("Value"))
        return None


class Resource(NamedTuple):
    """A resource of a stack."""

    stack: "Stack"
    logical_id: str

    def __str__(self) -> str:
        return self.path

    @property
    def nested_id(self) -> str:
        """The logical id, after those of the nested stacks that it is in: `Network/Vpc`."""
        return nested_name(self.stack, self.logical_id)

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

    def all(self, *keys: str) -> list[Expression]:
        """The elements of a property that is a list, none where it is absent."""
        return self.properties.all(*keys)

    def text_of(self, *keys: str) -> str | None:
        """The text of a property, None where it is absent or only the deployment knows it."""
        return self.properties.text_of(*keys)

    def referenced(self, key: str, resource_type: str) -> "Resource | None":
        """The resource that a property refers to, if that is in the app and of the type."""
        found = self.get(key)
        return found.resource(resource_type) if found else None

    def referring(self, key: str, *types: str) -> "list[Resource]":
        """The resources of these types that refer to it by a property, or by one item of it."""
        return self.stack.app.referring(self, key, *types)

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


def outermost(stack: "Stack") -> "Stack":
    """The stack that a stack is nested in, at whatever depth, or the stack itself."""
    return outermost(stack.arguments.stack) if stack.arguments else stack


def nested_name(stack: "Stack", name: str) -> str:
    """A name of a stack, after those of the nested stacks that it is in: `Network/Vpc`."""
    return nested_name(stack.arguments.stack, f"{stack.name}/{name}") if stack.arguments else name
