"""The templates of the bundle, their files, and a manifest for people and programs."""

import hashlib
import json
import math
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import yaml

from oelab import tags as lab_tags
from oelab.bundle.templates import BUNDLE, BundledTemplate

MANIFEST = "manifest.json"
SCHEMA = "oelab.bundle/1"

_SECTIONS = ("Description", "Metadata", "Parameters", "Conditions", "Resources", "Outputs")

Template = dict[str, Any]


def write_bundle(directory: Path, flags: Mapping[str, Any]) -> None:
    """Write the templates and their manifest, the same bytes wherever and whenever."""
    directory.mkdir(parents=True, exist_ok=True)
    entries = []
    for bundled in BUNDLE:
        template = _synthesize(bundled, flags)
        content = _as_yaml(template, is_compact=bundled.texts.get("is_compact", False)).encode()
        file = f"{bundled.name}.yaml"
        (directory / file).write_bytes(content)
        entries.append(_entry(bundled, file, content))
    manifest = {"schema": SCHEMA, "version": version("oelab"), "templates": entries}
    (directory / MANIFEST).write_bytes(f"{json.dumps(manifest, indent=2)}\n".encode())


def _entry(bundled: BundledTemplate, file: str, content: bytes) -> dict[str, Any]:
    """What a launch needs to know of a template."""
    return {
        "name": bundled.name,
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "description": bundled.texts["description"],
        "launch": bundled.texts["launch"],
        "capabilities": bundled.texts["capabilities"],
        "stack_tags": [lab_tags.OWNER],
        "parameters": [
            {
                "name": each.name,
                "type": each.type,
                "default": each.default,
                "description": bundled.parameter_texts[each.name]["description"],
            }
            for each in bundled.parameters
        ],
    }


def _synthesize(bundled: BundledTemplate, flags: Mapping[str, Any]) -> Template:
    """The template, in an app of its own with the CDK's feature `flags`."""
    conditions = bundled.texts.get("conditions", {})
    with tempfile.TemporaryDirectory() as directory:
        app = cdk.App(context=dict(flags), analytics_reporting=False, outdir=directory)
        stack = bundled.define(
            app,
            bundled.name,
            description=bundled.texts["description"],
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        stack.template_options.metadata = {"AWS::CloudFormation::Interface": _interface(bundled)}
        for parameter in bundled.parameters:
            parameter.define_in(stack, bundled.parameter_texts[parameter.name]["description"])
        for name, condition in conditions.items():
            _define_condition(stack, name, condition)
        template: Template = app.synth().get_stack_by_name(bundled.name).template
    _keep(template["Resources"], conditions)
    sections = {name: template[name] for name in _SECTIONS if name in template}
    return {"AWSTemplateFormatVersion": "2010-09-09", **sections}


def _interface(bundled: BundledTemplate) -> dict[str, Any]:
    """Groups and labels of parameters.

    Source: CloudFormation template reference, AWS::CloudFormation::Interface.
    """
    labels = {name: {"default": each["label"]} for name, each in bundled.parameter_texts.items()}
    return {
        "ParameterGroups": [
            {"Label": {"default": heading}, "Parameters": [*group]}
            for heading, group in bundled.texts["parameters"].items()
        ],
        "ParameterLabels": labels,
    }


def _define_condition(stack: cdk.Stack, name: str, condition: Mapping[str, Any]) -> None:
    value = condition.get("value", "")
    has_value = cdk.Fn.condition_equals(cdk.Fn.ref(condition["parameter"]), value)
    test = has_value if value else cdk.Fn.condition_not(has_value)
    cdk.CfnCondition(stack, name, expression=test)


def _keep(resources: dict[str, dict[str, Any]], conditions: Mapping[str, Any]) -> None:
    """Make what conditions keep depend on them.

    That is done here and not in the constructs, which need not know about blanks.
    """
    for resource in resources.values():
        properties = resource.get("Properties", {})
        for name, condition in conditions.items():
            kept = condition["keeps"].get(resource["Type"])
            if kept == "*":
                resource["Condition"] = name
            elif kept in properties:
                properties[kept] = {"Fn::If": [name, properties[kept], {"Ref": "AWS::NoValue"}]}
    for resource in resources.values():
        _depend_on_what_is_there(resource, resources)


def _depend_on_what_is_there(
    resource: dict[str, Any], resources: Mapping[str, dict[str, Any]]
) -> None:
    # DependsOn takes no resource that a condition can leave out (cfn-lint E3005), nor a function;
    # a reference from the metadata takes both, and CloudFormation waits for what it refers to.
    conditions = {each: resources[each].get("Condition") for each in resource.pop("DependsOn", [])}
    if stays := [each for each, condition in conditions.items() if not condition]:
        resource["DependsOn"] = stays
    may_go = ((each, condition) for each, condition in conditions.items() if condition)
    if after := [{"Fn::If": [condition, {"Ref": each}, ""]} for each, condition in may_go]:
        resource["Metadata"] = {"After": after}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, and no aliases, which CloudFormation does not take."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own signature
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


class _Line(dict[str, Any]):
    """A mapping that is written on one line."""


def _line(dumper: yaml.SafeDumper, value: _Line) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)


_Dumper.add_representer(_Line, _line)


def _as_yaml(template: Template, *, is_compact: bool = False) -> str:
    """The template as a person reads it, or with each property of a resource on one line."""
    width = 100.0
    if is_compact:
        template, width = {**template, "Resources": _compacted(template["Resources"])}, math.inf
    return yaml.dump(template, Dumper=_Dumper, sort_keys=False, width=width, allow_unicode=True)


def _compacted(resources: Mapping[str, Any]) -> dict[str, Any]:
    return {
        logical_id: {
            **resource,
            "Properties": {
                name: _Line(value) if isinstance(value, dict) else value
                for name, value in resource["Properties"].items()
            },
        }
        for logical_id, resource in resources.items()
    }
