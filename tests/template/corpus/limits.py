"""Too many, too few, too long, too short, too great, too small."""

from typing import Any

from tests.template.corpus.build import (
    association,
    bucket,
    instance,
    named,
    one,
    output,
    role,
    topic,
)

VALUE: dict[str, Any] = {"Value": "a"}
STRING: dict[str, Any] = {"Type": "String", "Default": "a"}


def many(count: int, item: Any) -> dict[str, Any]:
    return {f"Item{number}": item for number in range(count)}


CASES = {
    "501 resources": topic(Resources=many(501, {"Type": "AWS::SNS::Topic"})),
    "201 outputs": topic(Outputs=many(201, VALUE)),
    "201 parameters": topic(Parameters=many(201, STRING)),
    "201 mappings": topic(Mappings=many(201, {"a": {"b": "c"}})),
    "201 conditions": topic(Conditions=many(201, {"Fn::Equals": ["a", {"Ref": "AWS::Region"}]})),
    "description of 1025": topic(Description="a" * 1025),
    "parameter name of 256": topic(Parameters={"a" * 256: STRING}),
    "output name of 256": topic(Outputs={"a" * 256: VALUE}),
    "mapping name of 256": topic(Mappings={"a" * 256: {"b": {"c": "d"}}}),
    "bucket name of 2": bucket(BucketName="ab"),
    "bucket name of 64": bucket(BucketName="a" * 64),
    "topic name of 257": named("a" * 257),
    "role name of 65": role(RoleName="a" * 65),
    "role description of 1001": role(Description="a" * 1001),
    "session of a minute": role(MaxSessionDuration=60),
    "session of a day": role(MaxSessionDuration=86400),
    "association name of 2": association(AssociationName="ab"),
    "targets of an association": association(
        Targets=[{"Key": f"tag:{number}", "Values": ["a"]} for number in range(6)]
    ),
    "values of a target": association(
        Targets=[{"Key": "tag:Name", "Values": [str(number) for number in range(51)]}]
    ),
    "offset of an association": association(
        ScheduleExpression="cron(0 0 ? * SUN *)", ScheduleOffset=7
    ),
    "delay of a queue": one("AWS::SQS::Queue", DelaySeconds=901),
    "negative delay": one("AWS::SQS::Queue", DelaySeconds=-1),
    "port of a listener": one("AWS::ElasticLoadBalancingV2::TargetGroup", Port=70000),
    "memory of a function": one(
        "AWS::Lambda::Function",
        Code={"ZipFile": "pass"},
        Role="arn:aws:iam::123456789012:role/It",
        Handler="index.handler",
        Runtime="python3.13",
        MemorySize=64,
    ),
    "hop limit": instance(MetadataOptions={"HttpPutResponseHopLimit": 65}),
    "no roles in a profile": one("AWS::IAM::InstanceProfile", Roles=[]),
    "empty export": topic(Outputs={"It": {"Value": "a", "Export": {"Name": ""}}}),
    "selection below zero": output({"Fn::Select": [-1, ["a"]]}),
}
