"""A synthesized app as a whole: its resources, and what an expression in it stands for."""

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from oelab.template.resources import Expression, Resource, Stack

if TYPE_CHECKING:
    from oelab.template.assembly import Environment


class Reference(NamedTuple):
    """A resource, and which of its attributes is meant; `Ref` where it is the resource itself."""

    resource: Resource
    attribute: str


class App:
    """All stacks of an app."""

    def __init__(self, stacks: list[Stack]) -> None:
        self.stacks = stacks
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self._exports: dict[tuple[Environment, str], Expression] = {}
        self._outputs: dict[tuple[Environment, str, str], Expression] = {}
        self._nested: dict[Resource, Stack] = {}
        for stack in stacks:
            for resource in stack.resources:
                self._by_type[resource.type].append(resource)
            if stack.arguments is None:
                self._index_outputs(stack)

    def nest(self, resource: Resource, stack: Stack) -> None:
        """Tell which stack a resource of type AWS::CloudFormation::Stack stands for."""
        self._nested[resource] = stack

    def of_type(self, resource_type: str) -> list[Resource]:
        """Every resource of one type."""
        return self._by_type.get(resource_type, [])

    def referent(self, expression: Expression | None) -> Reference | None:
        """The resource of the app that an expression refers to, through exports and stacks."""
        if expression is None:
            return None
        stack, value = self.follow(expression)
        if not isinstance(value, dict):
            return None
        reference = (value["Ref"], "Ref") if "Ref" in value else _attribute(value.get("Fn::GetAtt"))
        if reference is None or reference[0] not in stack.template.get("Resources", {}):
            return None
        return Reference(Resource(stack, reference[0]), reference[1])

    def resource(self, expression: Expression | None, resource_type: str) -> Resource | None:
        """The resource that an expression refers to, if it is of the type."""
        reference = self.referent(expression)
        if reference is None or reference.resource.type != resource_type:
            return None
        return reference.resource

    def follow(self, expression: Expression) -> Expression:
        """Go from an import, an output or a nested stack's parameter to what it stands for."""
        while (origin := self._origin(expression)) is not None:
            expression = origin
        return expression

    def text(self, expression: Expression | None) -> str | None:
        """The text of an expression, None where only the deployment knows it.

        Pseudo parameters that the app does not know stay as they are, such as `${AWS::Region}`.
        """
        if expression is None:
            return None
        stack, value = self.follow(expression)
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int):
            return str(value)
        function = Expression(stack, value).function
        if function == "Ref":
            return _pseudo_parameter(stack, str(value["Ref"]))
        if function == "Fn::Join":
            return self._joined(stack, *value["Fn::Join"])
        if function == "Fn::Sub":
            return self._substituted(stack, value["Fn::Sub"])
        return None

    def _joined(self, stack: Stack, separator: str, parts: Any) -> str | None:
        if not isinstance(parts, list):
            return None
        texts = [self.text(Expression(stack, part)) for part in parts]
        known = [text for text in texts if text is not None]
        return separator.join(known) if len(known) == len(texts) else None

    def _substituted(self, stack: Stack, value: Any) -> str | None:
        template, variables = value if isinstance(value, list) else (value, {})
        unknown = False

        def replace(match: re.Match[str]) -> str:
            nonlocal unknown
            name = match[1]
            text = self.text(Expression(stack, variables.get(name, {"Ref": name})))
            unknown = unknown or text is None
            return text or ""

        text = re.sub(r"\$\{([^!}][^}]*)\}", replace, template)
        return None if unknown else text

    def _index_outputs(self, stack: Stack) -> None:
        for output_id, output in stack.template.get("Outputs", {}).items():
            value = Expression(stack, output.get("Value"))
            self._outputs[stack.environment, stack.name, output_id] = value
            name = output.get("Export", {}).get("Name")
            if isinstance(name, str):
                self._exports[stack.environment, name] = value

    def _origin(self, expression: Expression) -> Expression | None:
        stack, value = expression
        match expression.function:
            case "Fn::ImportValue":
                name = value["Fn::ImportValue"]
                return (
                    self._exports.get((stack.environment, name)) if isinstance(name, str) else None
                )
            case "Fn::GetStackOutput":
                output = value["Fn::GetStackOutput"]
                names = (str(output.get("StackName")), str(output.get("OutputName")))
                return self._outputs.get((stack.environment, *names))
            case "Ref":
                return stack.arguments.get(value["Ref"]) if stack.arguments else None
            case "Fn::GetAtt":
                logical_id, attribute = _attribute(value["Fn::GetAtt"]) or ("", "")
                nested = self._nested.get(Resource(stack, logical_id))
                output_id = attribute.removeprefix("Outputs.")
                if nested and output_id in nested.template.get("Outputs", {}):
                    return Expression(nested, nested.template["Outputs"][output_id].get("Value"))
        return None


def _attribute(value: Any) -> tuple[str, str] | None:
    """The logical id and the attribute of a Fn::GetAtt, written as a list or as one text."""
    if isinstance(value, str):
        value = value.split(".", 1)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return value[0], value[1]
    return None


def _pseudo_parameter(stack: Stack, name: str) -> str | None:
    known = {
        "AWS::StackName": stack.name,
        "AWS::AccountId": stack.environment.account or "${AWS::AccountId}",
        "AWS::Region": stack.environment.region or "${AWS::Region}",
        "AWS::Partition": "${AWS::Partition}",
        "AWS::URLSuffix": "${AWS::URLSuffix}",
    }
    return known.get(name)
