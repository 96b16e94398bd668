"""Intrinsic functions with the wrong arguments, or in the wrong place."""

from tests.template.corpus.build import named, output, topic

EQUAL = {"Fn::Equals": ["a", {"Ref": "AWS::Region"}]}

CASES = {
    "Select without a list": output({"Fn::Select": [0]}),
    "Select of a word": output({"Fn::Select": ["first", ["a", "b"]]}),
    "Select beyond the end": output({"Fn::Select": [2, ["a", "b"]]}),
    "Select of a string": output({"Fn::Select": [0, "a,b"]}),
    "Join without a list": output({"Fn::Join": ["-"]}),
    "Join of a string": output({"Fn::Join": ["-", "ab"]}),
    "Join with a list for a delimiter": output({"Fn::Join": [["-"], ["a", "b"]]}),
    "Join of maps": output({"Fn::Join": ["-", [{"a": "b"}]]}),
    "Split of a list": output({"Fn::Select": [0, {"Fn::Split": [",", ["a"]]}]}),
    "Split without a source": output({"Fn::Select": [0, {"Fn::Split": [","]}]}),
    "Sub of a list": output({"Fn::Sub": ["a"]}),
    "Sub with a list of variables": output({"Fn::Sub": ["${a}", ["b"]]}),
    "Sub of a map": output({"Fn::Sub": {"a": "b"}}),
    "If with two": named({"Fn::If": ["Sure", "a"]}, Conditions={"Sure": EQUAL}),
    "If with four": named({"Fn::If": ["Sure", "a", "b", "c"]}, Conditions={"Sure": EQUAL}),
    "Equals with one": topic(Conditions={"It": {"Fn::Equals": ["a"]}}),
    "Equals with three": topic(Conditions={"It": {"Fn::Equals": ["a", "b", "c"]}}),
    "And with one": topic(Conditions={"It": {"Fn::And": [EQUAL]}}),
    "Or with eleven": topic(Conditions={"It": {"Fn::Or": [EQUAL] * 11}}),
    "Not with two": topic(Conditions={"It": {"Fn::Not": [EQUAL, EQUAL]}}),
    "condition as a string": topic(Conditions={"It": "true"}),
    "function in a condition": topic(Conditions={"It": {"Fn::Join": ["", ["a"]]}}),
    "GetAZs of a list": output({"Fn::Select": [0, {"Fn::GetAZs": ["us-east-1"]}]}),
    "Base64 of a list": output({"Fn::Base64": ["a"]}),
    "Cidr of a word": output({"Fn::Select": [0, {"Fn::Cidr": ["network", 2, 8]}]}),
    "Cidr of too many": output({"Fn::Select": [0, {"Fn::Cidr": ["10.0.0.0/16", 300, 8]}]}),
    "ImportValue of a list": output({"Fn::ImportValue": ["a"]}),
    "FindInMap with one": named({"Fn::FindInMap": ["Names"]}),
    "Length without its transform": named({"Fn::Length": ["a"]}),
    "ToJsonString without its transform": named({"Fn::ToJsonString": {"a": "b"}}),
    "variable outside of Sub": named("${AWS::Region}-topic"),
    "two functions in one map": named({"Ref": "AWS::Region", "Fn::Sub": "a"}),
    "secret in a name": named("{{resolve:ssm-secure:name:1}}"),
    "malformed dynamic reference": named("{{resolve:ssm}}"),
}
