"""Names that nothing in the template has."""

from typing import Any

from tests.template.corpus.build import NAME, named, one, output, role, topic

TOPIC = "AWS::SNS::Topic"


def depends_on(value: Any) -> dict[str, Any]:
    return one(TOPIC, {"DependsOn": value})


CASES = {
    "Ref to nothing": named({"Ref": "Nothing"}),
    "Ref to nothing in an output": output({"Ref": "Nothing"}),
    "Ref with a list": named({"Ref": ["Topic"]}),
    "Ref to an unknown pseudo parameter": named({"Ref": "AWS::Continent"}),
    "Ref to a condition": named(
        {"Ref": "Sure"}, Conditions={"Sure": {"Fn::Equals": ["a", {"Ref": "AWS::Region"}]}}
    ),
    "GetAtt to nothing": output({"Fn::GetAtt": ["Nothing", "TopicArn"]}),
    "GetAtt of an unknown attribute": output({"Fn::GetAtt": ["Topic", "Colour"]}),
    "GetAtt as dotted nothing": output({"Fn::GetAtt": "Nothing.TopicArn"}),
    "GetAtt without an attribute": output({"Fn::GetAtt": ["Topic"]}),
    "Sub of nothing": named({"Fn::Sub": "${Nothing}-topic"}),
    "Sub of an unknown attribute": output({"Fn::Sub": "${Topic.Colour}"}),
    "map of nothing": named({"Fn::FindInMap": ["Nothing", "a", "b"]}),
    "unknown key of a map": named(
        {"Fn::FindInMap": ["Names", "x", "b"]}, Mappings={"Names": {"a": {"b": "c"}}}
    ),
    "unknown second key of a map": named(
        {"Fn::FindInMap": ["Names", "a", "x"]}, Mappings={"Names": {"a": {"b": "c"}}}
    ),
    "If of nothing": named({"Fn::If": ["Nothing", "a", "b"]}),
    "condition of a resource": one(TOPIC, {"Condition": "Nothing"}),
    "condition of an output": topic(Outputs={"It": {"Value": "a", "Condition": "Nothing"}}),
    "condition of a condition": topic(Conditions={"It": {"Fn::Not": [{"Condition": "Nothing"}]}}),
    "DependsOn nothing": depends_on("Nothing"),
    "DependsOn itself": depends_on(NAME),
    "DependsOn a map": depends_on({"Ref": "Topic"}),
    "circle of two": {
        "Resources": {
            "A": {"Type": TOPIC, "Properties": {"TopicName": {"Fn::GetAtt": ["B", "TopicName"]}}},
            "B": {"Type": TOPIC, "Properties": {"TopicName": {"Fn::GetAtt": ["A", "TopicName"]}}},
        }
    },
    "circle of conditions": topic(
        Conditions={"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}}
    ),
    "attribute of another kind": {
        "Resources": {
            "Role": role()["Resources"][NAME],
            **one(
                "AWS::EC2::Subnet",
                VpcId={"Fn::GetAtt": ["Role", "Arn"]},
                CidrBlock="10.0.0.0/24",
            )["Resources"],
        }
    },
    "parameter and resource of one name": topic(Parameters={"Topic": {"Type": "String"}}),
}
