"""What an upgrade from the newest release to today's templates does to the lab.

`tests/releases/VERSION` holds the templates of each release for the lab's own settings. What an
upgrade changes or replaces is written down here and in docs/upgrading.md, or this fails; resources
and outputs that a release did not have are new, and free.
"""

import copy
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from oelab.diff.compare import compare
from oelab.diff.vocabulary import Effect
from oelab.template.assembly import Stack
from tests.synthesis import ROOT, Template
from tests.test_snapshots import SNAPSHOTS

RELEASES = Path(__file__).parent / "releases"
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()

REPLACED: dict[str, dict[str, Effect]] = {
    "0.1.0": {},
}
"""By release, what an upgrade from it to today replaces, may replace, deletes or leaves behind."""


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


VERSIONS = sorted((path.name for path in RELEASES.iterdir()), key=number)


def kept(folder: Path) -> dict[str, Template]:
    """The templates of the app and of the bundle that are kept in a folder."""
    app = {
        path.name.removesuffix(".template.json"): json.loads(path.read_text())
        for path in folder.glob("*.template.json")
    }
    bundle = {
        f"bundle/{path.stem}": yaml.safe_load(path.read_text())
        for path in (folder / "bundle").glob("*.yaml")
    }
    return app | bundle


# The resource properties that differ from each release: what has been added since.
ADDED: dict[str, dict[str, Any]] = {
    "0.1.0": {
        f"{template}/ManagedInstancesRole6A00602B/Tags": [
            {"Key": "Environment", "Value": "OELabIPM"}
        ]
        for template in ("OELabFoundation", "bundle/foundation")
    },
}

# The actions that policies for people have got or lost since each release.
ACTIONS: dict[str, set[str]] = {
    "0.1.0": {
        "cloudformation:ListStacks",
        "resource-groups:ListGroupResources",
        "ssm:ListComplianceSummaries",
        "ssm:ListResourceDataSync",
        "tag:GetResources",
    }
}

# The templates that have been added since each release.
NEW: dict[str, set[str]] = {"0.1.0": {"bundle/fleet-data"}}

# What is for readers and changes nothing in an account. The description of a resource is one of its
# properties and is compared.
DESCRIPTIONS = {"Description", "ConstraintDescription"}


def without_descriptions(template: Template) -> Template:
    """A template without its own description, and those of its parameters and outputs."""
    kept = {name: section for name, section in template.items() if name != "Description"}
    for section in ("Parameters", "Outputs"):
        if section in kept:
            kept[section] = {
                name: {key: each[key] for key in each if key not in DESCRIPTIONS}
                for name, each in kept[section].items()
            }
    return kept


def without_added(template: Template, name: str, added: dict[str, Any]) -> Template:
    """A template without what has been added, each of which it must have to the letter."""
    template = copy.deepcopy(template)
    for where, value in added.items():
        stack, logical_id, key = where.rsplit("/", 2)
        if stack == name:
            assert template["Resources"][logical_id]["Properties"].pop(key) == value
    return template


def without_new(template: Template, before: Template) -> Template:
    """A template without the resources and the outputs that it did not have before."""
    kept = dict(template)
    for section in ("Resources", "Outputs"):
        if section in kept:
            old = before.get(section, {})
            kept[section] = {name: each for name, each in kept[section].items() if name in old}
    return {name: section for name, section in kept.items() if section or name in before}


def without_actions(part: Any, actions: set[str]) -> Any:
    """A part of a template, in whose policies these actions are neither allowed nor denied."""
    if isinstance(part, list):
        return [without_actions(each, actions) for each in part if each not in [*actions]]
    if isinstance(part, dict):
        return {name: without_actions(each, actions) for name, each in part.items()}
    return part


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_released_differs_in_what_is_written_down(version: str) -> None:
    before, today = kept(RELEASES / version), kept(SNAPSHOTS)
    assert today.keys() - before.keys() == NEW[version]
    for name, template in today.items():
        if name in NEW[version]:
            continue
        known = without_new(template, before[name])
        ours = without_descriptions(without_added(known, name, ADDED[version]))
        theirs = without_descriptions(before[name])
        changed = ACTIONS[version]
        assert without_actions(ours, changed) == without_actions(theirs, changed), name


@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifest_differs_in_checksums_and_descriptions(version: str) -> None:
    def manifest(folder: Path) -> Any:
        found = json.loads((folder / "bundle" / "manifest.json").read_text())
        found["templates"] = [
            each for each in found["templates"] if f"bundle/{each['name']}" not in NEW[version]
        ]
        for entry in found["templates"]:
            entry.pop("sha256", None)
            del entry["description"]
            for parameter in entry["parameters"]:
                del parameter["description"]
        return found

    assert manifest(SNAPSHOTS) == manifest(RELEASES / version)


def replaced(base: Mapping[str, Template], head: Mapping[str, Template]) -> dict[str, Effect]:
    """`Stack` or `Stack/LogicalId` of all that an upgrade does more to than change it in place."""
    before, after = (
        {name: Stack(name=name, template=template) for name, template in templates.items()}
        for templates in (base, head)
    )
    changes = compare(before, after)
    found = {change.name: change.effect for change in changes}
    found |= {
        f"{change.name}/{resource.logical_id}": resource.effect
        for change in changes
        for resource in change.resources
    }
    return {key: effect for key, effect in found.items() if effect > Effect.CHANGED}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_replaces_what_is_written_down(version: str) -> None:
    before, today = kept(RELEASES / version), kept(SNAPSHOTS)
    assert before.keys() <= today.keys()
    assert replaced(before, today) == REPLACED[version], (
        "logical ids are a contract: where only a construct was renamed or moved, give what it "
        "defines its old id again (override_logical_id); else write it down in REPLACED"
    )


def test_an_upgrade_that_replaces_would_be_seen(lab: dict[str, Template]) -> None:
    older = copy.deepcopy(dict(lab))
    instances = older["OELabStack2"]["Resources"]
    instances["Web1"]["Properties"]["KeyName"] = "lab"
    instances["Old1"] = instances.pop("App2")
    del older["OELabStack1"]
    older["OELabGone"] = older["OELabStack2"]
    assert replaced(older, lab) == {
        "OELabGone": Effect.LEFT_BEHIND,
        "OELabStack2/Web1": Effect.REPLACED,
        "OELabStack2/Old1": Effect.DELETED,
    }


def test_the_upgrade_guide_tells_of_each_release_and_of_all_that_is_replaced() -> None:
    guide = (ROOT / "docs" / "upgrading.md").read_text()
    for version in VERSIONS:
        assert f"### From {version}" in guide
    for found in REPLACED.values():
        assert all(key in guide for key in found)


def test_versions_are_semantic_and_in_the_changelog() -> None:
    listed = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", CHANGELOG, re.MULTILINE)
    assert listed == sorted(VERSIONS, key=number, reverse=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert number(project["version"]) >= number(VERSIONS[-1])
    assert "## [Unreleased]" in CHANGELOG
