"""Short ways to write a template."""

from typing import Any

from tests.synthesis import Template

NAME = "It"
"""The resource that is wrong."""


def one(
    resource_type: str, /, attributes: dict[str, Any] | None = None, **properties: Any
) -> Template:
    """A template of one resource."""
    resource = {"Type": resource_type, "Properties": properties, **(attributes or {})}
    return {"Resources": {NAME: resource}}


def output(value: Any, **template: Any) -> Template:
    """A template that is right but for the value of an output."""
    return topic(Outputs={"Result": {"Value": value}}, **template)


def topic(**template: Any) -> Template:
    """A template that is right but for what is given."""
    return {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, **template}


def named(value: Any, **template: Any) -> Template:
    """A template that is right but for how a topic is named."""
    return one("AWS::SNS::Topic", TopicName=value) | template


def instance(**properties: Any) -> Template:
    """A template with one EC2 instance."""
    return one("AWS::EC2::Instance", **{"ImageId": "ami-0123456789abcdef0"} | properties)


def bucket(**properties: Any) -> Template:
    """A template with one bucket."""
    return one("AWS::S3::Bucket", **properties)


def association(**properties: Any) -> Template:
    """A template with one State Manager association."""
    given = {"Name": "AWS-GatherSoftwareInventory"} | properties
    return one("AWS::SSM::Association", **given)


def role(**properties: Any) -> Template:
    """A template with one role."""
    return one("AWS::IAM::Role", **{"AssumeRolePolicyDocument": TRUST} | properties)


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
