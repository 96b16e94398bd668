"""Versions of the lab to compare, synthesized in this process."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from oelab.diff.compare import StackChange
from oelab.diff.versions import read
from oelab.diff.vocabulary import Effect
from oelab.settings import InventorySettings, Settings, WorkloadSettings
from oelab.stacks import define_stacks
from oelab.template.assembly import Stack
from tests.synthesis import new_app

Edit = Callable[[cdk.App], None]
_synthesized: dict[str, Path] = {}


def version(settings: Settings | None = None, edit: Edit | None = None) -> dict[str, Stack]:
    """The stacks of these settings, with the constructs changed by `edit` as code would."""
    return read(folder_of(settings, edit))


def folder_of(settings: Settings | None = None, edit: Edit | None = None) -> Path:
    """The `cdk.out` folder of a version; without `edit` all tests share it, so only read it."""
    settings = settings or Settings()
    if edit:
        return _synthesize(settings, edit)
    name = repr(settings)
    if name not in _synthesized:
        _synthesized[name] = _synthesize(settings)
    return _synthesized[name]


def _synthesize(settings: Settings, edit: Edit | None = None) -> Path:
    app = new_app()
    define_stacks(app, settings)
    if edit:
        edit(app)
    return Path(app.synth().directory)


def lab(**changes: Any) -> Settings:
    """The settings of the lab, with some changed."""
    return dataclasses.replace(Settings(), **changes)


def prod(**changes: Any) -> Settings:
    """The settings of the lab, with some of its workload Prod changed."""
    test, protected = Settings().workloads
    return lab(workloads=(test, dataclasses.replace(protected, **changes)))


def workloads(*given: WorkloadSettings) -> Settings:
    """The settings of the lab, with other workloads."""
    return lab(workloads=given)


def inventory(**changes: Any) -> Settings:
    """The settings of the lab, with some of its inventory changed."""
    return lab(inventory=dataclasses.replace(InventorySettings(), **changes))


def association(**changes: Any) -> Settings:
    """The settings of the lab, with some of its association changed."""
    (only,) = InventorySettings().associations
    return inventory(associations=(dataclasses.replace(only, **changes),))


def effects(changes: tuple[StackChange, ...]) -> dict[str, set[Effect]]:
    """What happens, by `Stack Type`, and by `Stack` where a stack comes or is left behind."""
    found: dict[str, set[Effect]] = {}
    for change in changes:
        if change.effect is not Effect.CHANGED:
            found[change.name] = {change.effect}
            continue
        for resource in change.resources:
            key = f"{change.name} {resource.type.removeprefix('AWS::')}"
            found.setdefault(key, set()).add(resource.effect)
    return found


def resource(stack: str, *path: str) -> Callable[[cdk.App], cdk.CfnResource]:
    """A resource of an app, by the path of its construct."""

    def find(app: cdk.App) -> cdk.CfnResource:
        construct: Any = app.node.find_child(stack)
        for step in path:
            construct = construct.node.find_child(step)
        found = construct.node.default_child or construct
        assert isinstance(found, cdk.CfnResource)
        return found

    return find


def override(stack: str, *path: str, **properties: Any) -> Edit:
    """Change properties of a resource, as another version of its construct would."""

    def edit(app: cdk.App) -> None:
        for name, value in properties.items():
            resource(stack, *path)(app).add_property_override(name.replace("__", "."), value)

    return edit
