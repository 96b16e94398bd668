"""What whoever launches the bundle needs to know of it, for a person or a program."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from oelab import tags as lab_tags
from oelab.bundle.template import BundledTemplate

SCHEMA = "oelab.bundle/1"

# Source: CloudFormation API Reference, CreateStack, Capabilities.
_NAMES = ("GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName")


def manifest(rendered: Mapping[BundledTemplate, tuple[dict[str, Any], bytes]]) -> dict[str, Any]:
    """The templates, with their files' content, in the order in which they are launched."""
    return {
        "schema": SCHEMA,
        "version": version("oelab"),
        "templates": [
            _entry(bundled, template, content) for bundled, (template, content) in rendered.items()
        ],
    }


def _entry(bundled: BundledTemplate, template: dict[str, Any], content: bytes) -> dict[str, Any]:
    return {
        "name": bundled.name,
        "file": bundled.file_name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "description": bundled.description,
        "launch": bundled.launches,
        "capabilities": _capabilities(template),
        "stack_tags": [lab_tags.OWNER],
        "parameters": [
            {
                "name": each.name,
                "type": each.type,
                "default": each.default,
                "description": each.description,
            }
            for each in bundled.parameters
        ],
    }


def _capabilities(template: dict[str, Any]) -> list[str]:
    """What must be acknowledged, conditions or not."""
    found = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"].startswith("AWS::IAM::")
    ]
    if any(name in properties for properties in found for name in _NAMES):
        return ["CAPABILITY_NAMED_IAM"]
    return ["CAPABILITY_IAM"] if found else []
