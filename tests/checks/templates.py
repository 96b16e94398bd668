"""Write an app's templates by hand, as small as a test needs them."""

from pathlib import Path
from typing import Any

from oelab.checks import check
from oelab.environment import Environment
from oelab.findings import Finding
from oelab.template.app import App
from oelab.template.assembly import Stack
from oelab.template.expression import Resource

Properties = dict[str, Any]

FRANKFURT = Environment("111111111111", "eu-central-1")
DUBLIN = Environment("111111111111", "eu-west-1")

AGENT_IMAGE = (
    "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}"
)


def ref(logical_id: str) -> Properties:
    return {"Ref": logical_id}


def att(logical_id: str, attribute: str) -> Properties:
    return {"Fn::GetAtt": [logical_id, attribute]}


def resource(resource_type: str, **properties: Any) -> Properties:
    return {"Type": f"AWS::{resource_type}", "Properties": properties}


def association(*targets: tuple[str, list[Any]], **properties: Any) -> Properties:
    properties = {"Name": "AWS-GatherSoftwareInventory"} | properties
    if targets:
        properties["Targets"] = [{"Key": key, "Values": values} for key, values in targets]
    return resource("SSM::Association", **properties)


def by_tag(key: str = "Env", *values: Any) -> Properties:
    return association((f"tag:{key}", list(values or ["Prod"])))


def for_all(**properties: Any) -> Properties:
    return association(("InstanceIds", ["*"]), **properties)


def tags(**values: Any) -> list[Properties]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def instance(**properties: Any) -> Properties:
    """An instance that lacks nothing that its template can show."""
    complete = {
        "ImageId": AGENT_IMAGE,
        "IamInstanceProfile": "FromElsewhere",
        "MetadataOptions": {"HttpTokens": "required"},
    }
    merged = {key: value for key, value in (complete | properties).items() if value is not None}
    return resource("EC2::Instance", **merged)


def stack(
    resources: Properties,
    name: str = "S",
    environment: Environment = FRANKFURT,
    stage: str = "",
    **template: Any,
) -> Stack:
    path = f"{stage}/{name}" if stage else name
    own_tags = template.pop("stack_tags", {})
    return Stack(
        path=path,
        name=name,
        template={"Resources": resources, **template},
        environment=environment,
        folder=Path(stage),
        tags=own_tags,
    )


def findings(*stacks: Stack, strict: bool = False) -> list[Finding]:
    return check(App(list(stacks)), strict=strict)


def of(rule: str, *stacks: Stack, strict: bool = False) -> list[Finding]:
    """What is found by one rule."""
    return [finding for finding in findings(*stacks, strict=strict) if finding.rule == rule]


def resource_of(finding: Finding) -> Resource:
    """The resource that a finding of the checks is about."""
    assert isinstance(finding.subject, Resource)
    return finding.subject
