"""The templates of the bundle, their files, and a manifest for people and programs."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from oelab import tags as lab_tags
from oelab.bundle.fleet_data import FLEET_DATA
from oelab.bundle.foundation import FOUNDATION
from oelab.bundle.inventory import INVENTORY
from oelab.bundle.rendering import Template, as_yaml, synthesize
from oelab.bundle.template import BundledTemplate
from oelab.bundle.workload import WORKLOAD

BUNDLE = (FOUNDATION, WORKLOAD, INVENTORY, FLEET_DATA)
"""Every template, in the order in which they are launched."""

MANIFEST = "manifest.json"
SCHEMA = "oelab.bundle/1"

# Source: CloudFormation API Reference, CreateStack, Capabilities.
_NAMES = {"GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName"}


def write_bundle(directory: Path, flags: Mapping[str, Any]) -> None:
    """Write the templates and their manifest, the same bytes wherever and whenever."""
    directory.mkdir(parents=True, exist_ok=True)
    entries = []
    for bundled in BUNDLE:
        template = synthesize(bundled, flags)
        content = as_yaml(template, is_compact=bundled.is_compact).encode()
        (directory / bundled.file_name).write_bytes(content)
        entries.append(_entry(bundled, template, content))
    manifest = {"schema": SCHEMA, "version": version("oelab"), "templates": entries}
    (directory / MANIFEST).write_bytes(f"{json.dumps(manifest, indent=2)}\n".encode())


def _entry(bundled: BundledTemplate, template: Template, content: bytes) -> dict[str, Any]:
    """What a launch needs to know of a template."""
    return {
        "name": bundled.name,
        "file": bundled.file_name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "description": bundled.description,
        "launch": bundled.launches,
        "capabilities": _capabilities(template),
        "stack_tags": [lab_tags.OWNER],
        "parameters": [
            {name: getattr(each, name) for name in ("name", "type", "default", "description")}
            for each in bundled.parameters
        ],
    }


def _capabilities(template: Template) -> list[str]:
    """What must be acknowledged, whichever conditions hold."""
    found = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"].startswith("AWS::IAM::")
    ]
    if any(_NAMES & properties.keys() for properties in found):
        return ["CAPABILITY_NAMED_IAM"]
    return ["CAPABILITY_IAM"] if found else []
