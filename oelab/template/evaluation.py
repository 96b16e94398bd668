"""What the expressions of a template evaluate to before it is deployed."""

from itertools import groupby
from typing import Any, NamedTuple

from oelab.environment import Environment
from oelab.template.assembly import Stack
from oelab.template.expression import Expression, nested_name, outermost
from oelab.template.intrinsics import NO_VALUE, function_of, parts_of_sub


class Evaluation(NamedTuple):
    """How to evaluate, as `Expression.evaluate` describes it."""

    with_defaults: bool
    environment: Environment | None

    def of(self, expression: Expression) -> Any:
        """The value of an expression."""
        if isinstance(expression.value, str):
            return expression.value
        origin = expression.follow()
        value = self._value(*origin)
        if isinstance(value, str) or outermost(origin.stack) is outermost(expression.stack):
            return value
        # The names of another stack mean nothing here.
        return self._value(*expression)

    def _value(self, stack: Stack, value: Any) -> Any:
        def evaluate(part: Any) -> Any:
            return self.of(Expression(stack, part))

        match value:
            case bool():
                return str(value).lower()
            case int() | float():
                return str(value)
            case list():
                return [evaluate(item) for item in value if item != NO_VALUE]
            case dict() if function_of(value) is None:
                return {key: evaluate(item) for key, item in value.items() if item != NO_VALUE}
            case {"Ref": str(name)}:
                return self._named(stack, name)
            case {"Condition": str(name)}:
                return evaluate(stack.template.get("Conditions", {}).get(name)) or value
            case {"Fn::If": [str(name), *branches]}:
                # Branches count by their place, so that one that is AWS::NoValue stays.
                return {"Fn::If": [evaluate({"Condition": name}), *map(evaluate, branches)]}
            case {"Fn::FindInMap": [name, *keys]}:
                return self._looked_up(stack, evaluate(name), [evaluate(key) for key in keys])
            case {"Fn::Join": [str(separator), list(parts)]}:
                return _joined(separator, [evaluate(part) for part in parts if part != NO_VALUE])
            case {"Fn::Sub": str() | [str(), dict()] as argument}:
                return _joined("", [evaluate(part) for part in parts_of_sub(argument)])
            case {"Fn::GetAtt": str(written)}:
                return evaluate({"Fn::GetAtt": written.split(".", 1)})
            case {"Fn::GetAtt": [str(name), attribute]}:
                return {"Fn::GetAtt": [nested_name(stack, name), evaluate(attribute)]}
            case dict():
                return {function: evaluate(argument) for function, argument in value.items()}
        return value

    def _named(self, stack: Stack, name: str) -> Any:
        parameter = stack.template.get("Parameters", {}).get(name, {})
        if self.with_defaults and "Default" in parameter:
            default = str(parameter["Default"])
            is_stored = str(parameter.get("Type")).startswith("AWS::SSM::Parameter::Value<")
            return f"{{{{resolve:ssm:{default}}}}}" if is_stored else default
        environment = self.environment or stack.environment
        match name:
            case "AWS::StackName":
                return stack.name
            case "AWS::AccountId" | "AWS::Region" | "AWS::Partition" | "AWS::URLSuffix":
                known = {"AWS::AccountId": environment.account, "AWS::Region": environment.region}
                return known.get(name) or f"${{{name}}}"
        return {"Ref": name if name.startswith("AWS::") else nested_name(stack, name)}

    def _looked_up(self, stack: Stack, name: Any, keys: list[Any]) -> Any:
        """What a mapping has for two keys, or the default; else a call of Fn::FindInMap.

        The call has the mapping in place of its name, and all of them before a name that is
        unknown.
        """
        mappings = stack.template.get("Mappings", {})
        if not _is_known(name):
            return {"Fn::FindInMap": [self._value(stack, mappings), name, *keys]}
        entry = mapping = mappings.get(name, {})
        for key in keys[:2]:
            entry = entry.get(key) if isinstance(entry, dict) and isinstance(key, str) else None
        if entry is not None:
            return self._value(stack, entry)
        match keys:
            case [one, two, {"DefaultValue": default}] if _is_known(one) and _is_known(two):
                return default
        return {"Fn::FindInMap": [self._value(stack, mapping) or name, *keys]}


def _is_known(value: Any) -> bool:
    """Whether a value is a text without pseudo parameters that only the deployment knows."""
    return isinstance(value, str) and "${AWS::" not in value


def _joined(separator: str, parts: list[Any]) -> Any:
    """One text where all parts are texts; otherwise the join, with adjacent texts put together."""
    if all(isinstance(part, str) for part in parts):
        return separator.join(parts)
    if separator:
        return {"Fn::Join": [separator, parts]}
    merged: list[Any] = []
    for is_text, group in groupby(parts, lambda part: isinstance(part, str)):
        adjacent = [*group]
        merged += ["".join(adjacent)] if is_text else adjacent
    return merged[0] if len(merged) == 1 else {"Fn::Join": [separator, merged]}
