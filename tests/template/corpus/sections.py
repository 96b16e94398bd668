"""Sections of a template that are not as they must be."""

from typing import Any

from tests.synthesis import Template
from tests.template.corpus.build import topic


def parameter(**properties: Any) -> Template:
    used = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "It"}}}
    return {"Parameters": {"It": properties}, "Resources": {"Topic": used}}


def rule(**properties: Any) -> Template:
    return topic(Rules={"It": properties})


CASES: dict[str, Template] = {
    "no resources": {"Resources": {}},
    "no section of resources": {"Description": "Nothing"},
    "unknown section": topic(Resource={}),
    "format version": topic(AWSTemplateFormatVersion="2026-01-01"),
    "description as a list": topic(Description=["a"]),
    "logical id with a hyphen": topic(Resources={"a-topic": {"Type": "AWS::SNS::Topic"}}),
    "output without a value": topic(Outputs={"It": {"Description": "a"}}),
    "output as a list": topic(Outputs={"It": {"Value": ["a"]}}),
    "output as a string": topic(Outputs={"It": "a"}),
    "output of a hyphened name": topic(Outputs={"It-is": {"Value": "a"}}),
    "unknown property of an output": topic(Outputs={"It": {"Value": "a", "Type": "String"}}),
    "parameter without a type": parameter(Default="a"),
    "unknown type of a parameter": parameter(Type="Text"),
    "unknown property of a parameter": parameter(Type="String", Mandatory=True),
    "default of the wrong type": parameter(Type="Number", Default="a"),
    "default that is not allowed": parameter(Type="String", Default="a", AllowedValues=["b"]),
    "default that is too short": parameter(Type="String", Default="a", MinLength=2),
    "default against its pattern": parameter(Type="String", Default="a", AllowedPattern="b+"),
    "default as a list": parameter(Type="String", Default=["a"]),
    "parameter of a hyphened name": topic(Parameters={"It-is": {"Type": "String"}}),
    "mapping of one level": topic(Mappings={"It": {"a": "b"}}),
    "mapping as a list": topic(Mappings={"It": ["a"]}),
    "mapping of four levels": topic(Mappings={"It": {"a": {"b": {"c": "d"}}}}),
    "rule without assertions": rule(),
    "rule with no assertion": rule(Assertions=[]),
    "assertion without its condition": rule(Assertions=[{"AssertDescription": "a"}]),
    "resources of a serverless transform": {
        "Resources": {
            "It": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Handler": "a.b", "Runtime": "python3.13", "InlineCode": "pass"},
            }
        }
    },
}
