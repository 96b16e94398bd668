"""Synthesize as the CLI would: with the flags of cdk.json, which neither pytest nor jsii reads."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from oelab.settings import Settings
from oelab.stacks import define_stacks
from oelab.template.assembly import Stack, stacks_in

ROOT = Path(__file__).resolve().parent.parent
FLAGS = json.loads((ROOT / "cdk.json").read_text())["context"]

Template = dict[str, Any]
Resource = dict[str, Any]


def new_app(*, context: Mapping[str, Any] | None = None, **options: Any) -> cdk.App:
    """An app with this project's flags, and without the tree.json that no test reads."""
    flags = FLAGS | (context or {})
    return cdk.App(context=flags, analytics_reporting=False, tree_metadata=False, **options)


def new_stack(stack_id: str = "Stack") -> cdk.Stack:
    """A stack of an app with this project's flags."""
    return cdk.Stack(
        new_app(),
        stack_id,
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )


def app_of(settings: Settings, **options: Any) -> cdk.App:
    """An app with the stacks of `settings`."""
    app = new_app(**options)
    define_stacks(app, settings)
    return app


def synthesize(settings: Settings) -> dict[str, Template]:
    """The templates of all stacks of `settings`, by the name of the stack."""
    return templates_of(app_of(settings))


def templates_of(app: cdk.App) -> dict[str, Template]:
    """The templates of an app, by the name of the stack."""
    return {stack.name: dict(stack.template) for stack in stacks_of(app)}


def stacks_of(app: cdk.App) -> list[Stack]:
    """The stacks of an app as they are on disk, which is quicker than to ask node for each."""
    return stacks_in(Path(app.synth().directory))


def template_of(stack: cdk.Stack) -> Template:
    """The template of one stack."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    return templates_of(app)[stack.stack_name]


def of_type(template: Template, resource_type: str) -> Iterator[Resource]:
    """The resources of one type."""
    for resource in template["Resources"].values():
        if resource["Type"] == resource_type:
            yield resource


def only(template: Template, resource_type: str) -> Resource:
    """The one resource of a type."""
    (resource,) = of_type(template, resource_type)
    return resource
