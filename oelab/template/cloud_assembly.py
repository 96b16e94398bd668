"""Read a synthesized app from the files of its cloud assembly."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from oelab.template.app import App
from oelab.template.assembly import SynthesizedStack, read_json
from oelab.template.resources import Expression, Resource, Stack

_NESTED_STACK = "AWS::CloudFormation::Stack"


def read_app(stacks: Iterable[SynthesizedStack]) -> App:
    """The app whose stacks are given, nested stacks included.

    Construct paths come from the metadata beside the templates, since the templates themselves
    name them only where `pathMetadata` is on.
    """
    read: list[Stack] = []
    nestings: list[tuple[Resource, Stack]] = []
    for synthesized in stacks:
        paths = _Paths(synthesized.metadata)
        stack = _stack(synthesized, paths)
        read.append(stack)
        for resource, nested in _read_nested(stack, synthesized.folder, paths):
            read.append(nested)
            nestings.append((resource, nested))
    app = App(read)
    for resource, nested in nestings:
        app.nest(resource, nested)
    return app


def _stack(synthesized: SynthesizedStack, paths: "_Paths") -> Stack:
    return Stack(
        path=synthesized.path,
        name=synthesized.name,
        template=synthesized.template,
        template_file=str(synthesized.template_file),
        environment=synthesized.environment,
        stage=str(synthesized.folder),
        tags=synthesized.tags,
        paths=paths.of(synthesized.template_file.name),
    )


def _read_nested(parent: Stack, folder: Path, paths: "_Paths") -> Iterator[tuple[Resource, Stack]]:
    """The stacks nested in one, at any depth. Their templates are assets, known by their hash."""
    nestings = [resource for resource in parent.resources if resource.type == _NESTED_STACK]
    assets = _template_assets(folder) if nestings else {}
    for resource in nestings:
        url = json.dumps(resource.properties.value.get("TemplateURL"))
        file = next((file for key, file in assets.items() if key in url), None)
        if file is None:
            continue
        stack = Stack(
            path=paths.stack_path(file) or resource.path,
            name=resource.logical_id,
            template=read_json(folder / file),
            template_file=str(folder / file),
            environment=parent.environment,
            stage=parent.stage,
            tags=parent.tags,
            paths=paths.of(file),
            arguments=resource.get("Parameters") or Expression(parent, {}),
        )
        yield resource, stack
        yield from _read_nested(stack, folder, paths)


class _Paths:
    """The construct paths of one stack and of those nested in it."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self._stacks: dict[str, str] = {}
        self._logical_ids: dict[str, str] = {}
        for path, entries in metadata.items():
            for entry in entries:
                if entry["type"] == "aws:cdk:templateFile":
                    self._stacks[entry["data"]] = path
                elif entry["type"] == "aws:cdk:logicalId":
                    self._logical_ids[path] = entry["data"]

    def stack_path(self, template_file: str) -> str | None:
        """The construct path of the stack that a template was made from."""
        path = self._stacks.get(template_file)
        return path.lstrip("/") if path else None

    def of(self, template_file: str) -> dict[str, str]:
        """The construct paths by logical id. Two nested stacks may use the same logical id."""
        owner = self._stacks.get(template_file)
        return {
            logical_id: path.lstrip("/")
            for path, logical_id in self._logical_ids.items()
            if owner is None or self._owner(path) == owner
        }

    def _owner(self, path: str) -> str:
        owners = (stack for stack in self._stacks.values() if path.startswith(f"{stack}/"))
        return max(owners, key=len, default="")


def _template_assets(folder: Path) -> dict[str, str]:
    return {
        key: asset["source"]["path"]
        for file in sorted(folder.glob("*.assets.json"))
        for key, asset in read_json(file).get("files", {}).items()
        if str(asset.get("source", {}).get("path", "")).endswith(".nested.template.json")
    }
