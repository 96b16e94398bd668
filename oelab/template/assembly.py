"""The stacks of a synthesized app, read from the files of its `cdk.out` folder.

Source: the schema of the cloud assembly's manifest, npm package @aws-cdk/cloud-assembly-schema.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

_MANIFEST = "manifest.json"
_STACK = "aws:cloudformation:stack"
_STAGE = "cdk:cloud-assembly"

Template = Mapping[str, Any]


class NoAssemblyError(ValueError):
    """A folder that no synthesis has written."""


class Environment(NamedTuple):
    """Where a stack goes; what the app leaves to the deployment is None."""

    account: str | None = None
    region: str | None = None

    @property
    def known(self) -> bool:
        """Whether the app names both the account and the Region."""
        return bool(self.account and self.region)


@dataclass(frozen=True)
class SynthesizedStack:
    """A stack as the manifest and its files describe it."""

    folder: Path
    artifact_id: str
    artifact: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Of the stack in CloudFormation."""
        name: str = self._properties.get("stackName", self.artifact_id)
        return name

    @property
    def path(self) -> str:
        """Of the stack's construct in the app."""
        path: str = self.artifact.get("displayName", self.artifact_id)
        return path

    @property
    def template_file(self) -> Path:
        """The file of the template."""
        name: str = self._properties["templateFile"]
        return self.folder / name

    @cached_property
    def template(self) -> Template:
        """The template. Raises `NoAssemblyError` where its file is gone."""
        try:
            return read_json(self.template_file)
        except (OSError, ValueError) as error:
            raise NoAssemblyError(
                f"{self.template_file} must be the template of {self.name}, as `cdk synth` has "
                f"written it; {error.strerror if isinstance(error, OSError) else error}"
            ) from error

    @property
    def tags(self) -> Mapping[str, str]:
        """Of the stack, which CloudFormation hands on to its resources."""
        tags: Mapping[str, str] = self._properties.get("tags", {})
        return tags

    @property
    def termination_protection(self) -> bool:
        """Whether the stack is protected from being deleted."""
        return bool(self._properties.get("terminationProtection"))

    @property
    def environment(self) -> Environment:
        """Where the stack goes."""
        url: str = self.artifact.get("environment", "aws://unknown-account/unknown-region")
        account, _, region = url.removeprefix("aws://").partition("/")
        return Environment(
            None if account == "unknown-account" else account,
            None if region == "unknown-region" else region,
        )

    @property
    def metadata(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """What the CDK notes of each construct, by its path with a slash in front."""
        metadata: Mapping[str, list[Mapping[str, Any]]] = self.artifact.get("metadata", {})
        beside = self.artifact.get("additionalMetadataFile")
        return {**metadata, **read_json(self.folder / beside)} if beside else metadata

    @property
    def _properties(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self.artifact["properties"]
        return properties


def stacks_in(folder: Path) -> list[SynthesizedStack]:
    """The stacks of a `cdk.out` folder and of the Stages in it, by name.

    Raises:
        NoAssemblyError: the folder has no manifest, or that of a Stage has none.
    """
    try:
        artifacts = read_json(folder / _MANIFEST)["artifacts"]
        found = [
            SynthesizedStack(folder, artifact_id, artifact)
            for artifact_id, artifact in artifacts.items()
            if artifact["type"] == _STACK
        ]
        stages = [
            folder / artifact["properties"]["directoryName"]
            for artifact in artifacts.values()
            if artifact["type"] == _STAGE
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NoAssemblyError(
            f"{folder} must be a folder that `cdk synth` has written; it has no {_MANIFEST} of one"
        ) from error
    nested = [stack for stage in stages for stack in stacks_in(stage)]
    return sorted([*found, *nested], key=lambda stack: stack.name)


def stacks_of(template_files: Iterable[Path]) -> Iterator[SynthesizedStack]:
    """The stacks whose templates are given, in their order."""
    known: dict[Path, SynthesizedStack] = {}
    for file in template_files:
        if file not in known:
            known |= {stack.template_file: stack for stack in stacks_in(file.parent)}
        yield known[file]


def read_json(file: Path) -> dict[str, Any]:
    """The object that a file holds."""
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
