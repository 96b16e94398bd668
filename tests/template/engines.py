"""The findings of either engine over templates that no app could write."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import aws_cdk as cdk
import jsii

from tests.synthesis import Template, new_app


class Found(NamedTuple):
    """An error or warning, wherever in the template it is."""

    rule: str
    severity: str
    resource: str
    """Its logical id; empty where the finding is about no resource."""
    description: str


@jsii.implements(cdk.IPolicyValidationContext)
class Templates:
    """What the CDK hands to a validation plugin."""

    def __init__(self, stacks: list[cdk.PolicyValidationStack]) -> None:
        self._stacks = stacks
        self._app = new_app()

    @property
    def stack_templates(self) -> list[cdk.PolicyValidationStack]:
        return self._stacks

    @property
    def template_paths(self) -> list[str]:
        return [stack.template_path for stack in self._stacks]

    @property
    def account_id(self) -> str | None:
        return None

    @property
    def region(self) -> str | None:
        return None

    @property
    def app_construct(self) -> cdk.App:
        return self._app


def findings(
    plugin: cdk.IPolicyValidationPlugin, corpus: Mapping[str, Template], folder: Path
) -> dict[str, list[Found]]:
    """What a plugin finds in each template of a corpus."""
    names, artifacts = {}, {}
    for number, (name, template) in enumerate(corpus.items()):
        path = folder / f"{number}.template.json"
        path.write_text(json.dumps(template))
        names[str(path)] = name
        artifacts[str(number)] = {
            "type": "aws:cloudformation:stack",
            "displayName": name,
            "properties": {"templateFile": path.name},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    stacks = [
        cdk.PolicyValidationStack(stack_construct_path=name, template_path=path)
        for path, name in names.items()
    ]
    found: dict[str, list[Found]] = {name: [] for name in corpus}
    for violation in plugin.validate(Templates(stacks)).violations:
        for place in violation.violating_resources:
            found[names[str(place.template_path)]].append(
                Found(
                    violation.rule_name,
                    str(violation.severity),
                    place.resource_logical_id or "",
                    violation.description,
                )
            )
    return {name: sorted(each) for name, each in found.items()}
