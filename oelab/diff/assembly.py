"""The stacks of a synthesized app, read from its `cdk.out` folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oelab.template.assembly import NoAssemblyError, Template, stacks_in
from oelab.template.assembly import Stack as SynthesizedStack


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A template, and what the deployment is told beside it."""

    name: str
    template: Template
    path: str = ""
    """Of its construct in the app, by which the CDK CLI knows it."""
    termination_protection: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    """`account/Region`, empty where the deployment decides."""

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources by logical id."""
        resources: Mapping[str, Mapping[str, Any]] = self.template.get("Resources", {})
        return resources

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        """The properties of one of them."""
        properties: Mapping[str, Any] = self.resources[logical_id].get("Properties", {})
        return properties


def read(folder: Path) -> dict[str, Stack]:
    """The stacks of a `cdk.out` folder, by name.

    Raises:
        NoAssemblyError: it is none, a template has more than resources of a type (as Fn::ForEach,
            which CloudFormation alone unfolds), or two stacks have one name, as in two Regions.
    """
    stacks: dict[str, Stack] = {}
    for stack in stacks_in(folder):
        if stack.name in stacks:
            raise NoAssemblyError(
                f"{folder} has two stacks of the name {stack.name}, which cannot be told apart "
                f"from one version to the next; give {stack.path} a name of its own"
            )
        stacks[stack.name] = _stack(stack)
    return stacks


def _stack(stack: SynthesizedStack) -> Stack:
    resources = stack.template.get("Resources", {}) if isinstance(stack.template, dict) else None
    if not isinstance(resources, dict):
        raise NoAssemblyError(f"{stack.template_file} must be a template with resources by id")
    for logical_id, resource in resources.items():
        if not isinstance(resource, dict) or "Type" not in resource:
            raise NoAssemblyError(
                f"{logical_id} in {stack.template_file} must be a resource with a Type: what is to "
                "be unfolded first cannot be compared"
            )
    account, region = stack.environment
    return Stack(
        name=stack.name,
        path=stack.path,
        template=stack.template,
        termination_protection=stack.termination_protection,
        tags=stack.tags,
        environment=f"{account}/{region}" if stack.environment.known else "",
    )
