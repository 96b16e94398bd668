"""A synthesized app as a whole: all of its stacks, and what crosses from one to another."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from oelab.template.assembly import NoAssemblyError, Stack, read_json, read_template
from oelab.template.expression import Expression, Resource

if TYPE_CHECKING:
    from oelab.environment import Environment

NESTED_STACK = "AWS::CloudFormation::Stack"
# What the path of such a resource has after that of the stack that it creates.
_OWN = ".NestedStack/"


class App:
    """All stacks of an app, nested ones included; each stack belongs to one `App`.

    `exports` are the values that its stacks export, by environment and name, and `outputs` those of
    their outputs, by environment, stack and id.
    """

    def __init__(
        self, stacks: Iterable[Stack], nested: Mapping[Resource, Stack] | None = None
    ) -> None:
        self.stacks = list(stacks)
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self.exports: dict[tuple[Environment, str], Expression] = {}
        self.outputs: dict[tuple[Environment, str, str], Expression] = {}
        self._nested = nested or {}
        self._referring: dict[object, dict[Resource, list[Resource]]] = {}
        for stack in self.stacks:
            stack.app = self
            for resource in stack.resources.values():
                self._by_type[resource.type].append(resource)
            if stack.arguments is None:
                self._index_outputs(stack)

    def of_type(self, resource_type: str) -> list[Resource]:
        """Every resource of one type."""
        return self._by_type.get(resource_type, [])

    def referring(self, resource: Resource, key: str, *types: str) -> list[Resource]:
        """The resources of these types that refer to one by a property, or by one item of it."""
        if (key, types) not in self._referring:
            found = self._referring[key, types] = defaultdict(list)
            for each in (each for kind in types for each in self.of_type(kind)):
                for reference in filter(None, (item.referent() for item in each.all(key))):
                    found[reference.resource].append(each)
        return self._referring[key, types].get(resource, [])

    def nested_stack(self, resource: Resource) -> Stack | None:
        """The stack that a resource of type AWS::CloudFormation::Stack creates."""
        return self._nested.get(resource)

    def _index_outputs(self, stack: Stack) -> None:
        for output_id, output in stack.template.get("Outputs", {}).items():
            value = Expression(stack, output.get("Value"))
            self.outputs[stack.environment, stack.name, output_id] = value
            name = output.get("Export", {}).get("Name")
            if isinstance(name, str):
                self.exports[stack.environment, name] = value


def read_app(stacks: Iterable[Stack]) -> App:
    """The app of these stacks and of those nested in them."""
    read: list[Stack] = []
    nested: dict[Resource, Stack] = {}
    for stack in stacks:
        children = dict(_nested_in(stack))
        read += [stack, *children.values()]
        nested |= children
    return App(read, nested)


def with_nested(stack: Stack) -> Iterator[Stack]:
    """A stack and those nested in it, at any depth, as far as their templates are in the app."""
    yield stack
    for resource in stack.resources.values():
        if nested := stack.app.nested_stack(resource):
            yield from with_nested(nested)


def all_resources(stack: Stack) -> Iterator[Resource]:
    """The resources of a stack and of those nested in it."""
    return (resource for each in with_nested(stack) for resource in each.resources.values())


def _nested_in(parent: Stack) -> Iterator[tuple[Resource, Stack]]:
    """The stacks nested in one, at any depth. Their templates are assets, known by their hash."""
    nestings = [each for each in parent.resources.values() if each.type == NESTED_STACK]
    assets = _template_assets(parent.folder) if nestings else {}
    for resource in nestings:
        url = json.dumps([each.value for each in resource.all("TemplateURL")])
        file = next((file for key, file in assets.items() if key in url), None)
        # Stacks that are alike are one asset, and still have a template each.
        file = parent.construct_paths.templates.get(resource.path.rpartition(_OWN)[0]) or file
        if file is None:
            continue
        stack = replace(
            parent,
            name=resource.logical_id,
            path=parent.construct_paths.of_stack(file) or resource.path,
            template=read_template(parent.folder / file, resource.logical_id),
            template_file=parent.folder / file,
            arguments=resource.get("Parameters") or Expression(parent, {}),
        )
        yield resource, stack
        yield from _nested_in(stack)


def _template_assets(folder: Path) -> dict[str, str]:
    try:
        return {
            key: asset["source"]["path"]
            for file in sorted(folder.glob("*.assets.json"))
            for key, asset in read_json(file).get("files", {}).items()
            if str(asset.get("source", {}).get("path", "")).endswith(".nested.template.json")
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise NoAssemblyError(
            f"{folder} must have the *.assets.json files that `cdk synth` has written"
        ) from error
