"""The stacks of a synthesized app, read from the files of its `cdk.out` folder.

Source: the schema of the cloud assembly's manifest, npm package @aws-cdk/cloud-assembly-schema.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oelab.environment import Environment
from oelab.findings import BadInputError
from oelab.template.expression import Expression, Resource

if TYPE_CHECKING:
    from oelab.template.app import App

_MANIFEST = "manifest.json"
_STACK = "aws:cloudformation:stack"
_STAGE = "cdk:cloud-assembly"

Template = Mapping[str, Any]


class NoAssemblyError(BadInputError):
    """A folder or a template that `cdk synth` has not written, or that cannot be read."""


_ANYWHERE = Environment()


@dataclass(frozen=True)
class ConstructPaths:
    """The construct paths of one stack and of those nested in it.

    The templates themselves name the constructs only where the CDK's `pathMetadata` is on.
    `metadata` is what the manifest says of each construct, and `file` holds the rest of it. The
    file is read when the first path is asked for.
    """

    metadata: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    file: Path | None = None

    def of(self, template_file: str) -> dict[str, str]:
        """The construct paths by logical id. Two nested stacks may use the same logical id."""
        owner = self.of_stack(template_file)
        return {
            logical_id: path
            for path, logical_id in self._by_entry["aws:cdk:logicalId"].items()
            if owner is None or _owner(path, self.templates) == owner
        }

    def of_stack(self, template_file: str) -> str | None:
        """The construct path of the stack that a template was made from."""
        return {file: path for path, file in self.templates.items()}.get(template_file)

    @property
    def templates(self) -> Mapping[str, str]:
        """The templates of stacks by construct path."""
        return self._by_entry["aws:cdk:templateFile"]

    @cached_property
    def _by_entry(self) -> dict[str, dict[str, str]]:
        """What the CDK notes of constructs: by the type of the entry, then by path."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        rest = read_json(self.file) if self.file else {}
        for path, entries in {**self.metadata, **rest}.items():
            for entry in entries:
                found[entry["type"]][path.lstrip("/")] = entry.get("data")
        return found


@dataclass(eq=False, kw_only=True)
class Stack:
    """A template, and what the assembly says about the stack that is deployed from it.

    `folder` is the assembly that the stack is in; each Stage has one of its own. `tags` are those
    of the stack, which CloudFormation gives to its resources. `arguments` are the parameters of a
    nested stack, as expressions of its parent.
    """

    name: str
    path: str = ""
    template: Template
    template_file: Path = Path()
    folder: Path = Path()
    environment: Environment = _ANYWHERE
    tags: Mapping[str, str] = field(default_factory=dict)
    termination_protection: bool = False
    construct_paths: ConstructPaths = field(default_factory=ConstructPaths)
    arguments: Expression | None = None

    @cached_property
    def app(self) -> "App":
        """The app that the stack is in, which sets it; one of its own until then."""
        from oelab.template.app import App

        return App([self])

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """The resources by logical id; a loop such as Fn::ForEach is none.

        Raises `NoAssemblyError` where the template has no resources by id.
        """
        definitions = self.template.get("Resources", {})
        if not isinstance(definitions, dict):
            raise NoAssemblyError(f"{self.template_file} must be a template with resources by id")
        return {
            logical_id: Resource(self, logical_id)
            for logical_id, definition in definitions.items()
            if isinstance(definition, dict)
        }

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The construct paths of the resources by logical id, as far as they are known."""
        return self.construct_paths.of(self.template_file.name)


def stacks_in(folder: Path) -> list[Stack]:
    """The stacks of a `cdk.out` folder and of the Stages in it, by name.

    Raises:
        NoAssemblyError: the folder or that of a Stage has no manifest, or a template is missing or
            malformed.
    """
    stacks = []
    try:
        for artifact_id, artifact in read_json(folder / _MANIFEST)["artifacts"].items():
            if artifact["type"] == _STACK:
                stacks.append(_stack(folder, artifact_id, artifact))
            elif artifact["type"] == _STAGE:
                stacks += stacks_in(folder / artifact["properties"]["directoryName"])
    except NoAssemblyError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NoAssemblyError(
            f"{folder} must be a folder that `cdk synth` has written; it has no {_MANIFEST} of one"
        ) from error
    return sorted(stacks, key=lambda stack: stack.name)


def stacks_of(template_files: Iterable[Path]) -> Iterator[Stack]:
    """The stacks whose templates are given, in their order."""
    known: dict[Path, Stack] = {}
    for file in template_files:
        if file not in known:
            known |= {stack.template_file: stack for stack in stacks_in(file.parent)}
        yield known[file]


def read_template(file: Path, stack_name: str) -> Template:
    """The template of a stack. Raises `NoAssemblyError` where it is missing or malformed."""
    try:
        template = read_json(file)
    except (OSError, ValueError, RecursionError) as error:
        raise NoAssemblyError(
            f"{file} must be the template of {stack_name}, as `cdk synth` has written it; "
            f"{error.strerror if isinstance(error, OSError) else error}"
        ) from error
    if not isinstance(template, dict):
        raise NoAssemblyError(f"{file} must be a template, got {template!r}")
    return template


def read_json(file: Path) -> dict[str, Any]:
    """The object that a file holds."""
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _stack(folder: Path, artifact_id: str, artifact: Mapping[str, Any]) -> Stack:
    properties = artifact["properties"]
    name = properties.get("stackName", artifact_id)
    template_file = folder / properties["templateFile"]
    metadata_file = artifact.get("additionalMetadataFile")
    return Stack(
        name=name,
        path=artifact.get("displayName", artifact_id),
        template=read_template(template_file, name),
        template_file=template_file,
        folder=folder,
        environment=_environment(artifact),
        tags=dict(properties.get("tags", {})),
        termination_protection=bool(properties.get("terminationProtection")),
        construct_paths=ConstructPaths(
            artifact.get("metadata", {}), folder / metadata_file if metadata_file else None
        ),
    )


def _environment(artifact: Mapping[str, Any]) -> Environment:
    url: str = artifact.get("environment", "aws://unknown-account/unknown-region")
    account, _, region = url.removeprefix("aws://").partition("/")
    return Environment(account.replace("unknown-account", ""), region.replace("unknown-region", ""))


def _owner(path: str, stacks: Mapping[str, str]) -> str:
    owners = (stack for stack in stacks if path.startswith(f"{stack}/"))
    return max(owners, key=len, default="")
