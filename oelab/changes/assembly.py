"""The stacks of a synthesized app, read from its `cdk.out` folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_STACK = "aws:cloudformation:stack"
_UNKNOWN = "unknown-"

Template = Mapping[str, Any]


class NoAssemblyError(ValueError):
    """A folder that no synthesis has written."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A template, and what the deployment is told beside it."""

    name: str
    template: Template
    termination_protection: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    """`account/Region`, empty where the deployment decides."""

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources by logical id."""
        resources: Mapping[str, Mapping[str, Any]] = self.template.get("Resources", {})
        return resources


def read(folder: Path) -> dict[str, Stack]:
    """The stacks of a `cdk.out` folder, by name. Raises `NoAssemblyError`."""
    try:
        artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
    except (OSError, ValueError, KeyError) as error:
        raise NoAssemblyError(
            f"{folder} must be a folder that `cdk synth` has written; it has no manifest.json of "
            "one"
        ) from error
    stacks = (
        _stack(folder, artifact_id, artifact)
        for artifact_id, artifact in artifacts.items()
        if artifact["type"] == _STACK
    )
    return {stack.name: stack for stack in sorted(stacks, key=lambda stack: stack.name)}


def _stack(folder: Path, artifact_id: str, artifact: Mapping[str, Any]) -> Stack:
    properties = artifact["properties"]
    return Stack(
        name=properties.get("stackName", artifact_id),
        template=json.loads((folder / properties["templateFile"]).read_text()),
        termination_protection=properties.get("terminationProtection", False),
        tags=properties.get("tags", {}),
        environment=_environment(artifact.get("environment", "")),
    )


def _environment(url: str) -> str:
    account_and_region = url.removeprefix("aws://")
    return "" if _UNKNOWN in account_and_region else account_and_region
