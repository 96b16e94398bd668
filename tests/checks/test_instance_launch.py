"""The agent and the metadata of a node."""

import base64
from typing import Any

import pytest

from oelab.findings import Finding, Severity
from tests.checks.templates import AGENT_IMAGE, for_all, instance, of, ref, resource, stack

LINUX = "/aws/service/ami-amazon-linux-latest"


def checked(rule: str, *, strict: bool = False, **node: Any) -> list[Finding]:
    app = stack({"Inventory": for_all(), "Web": instance(**node)})
    return of(rule, app, strict=strict)


def image(path: str) -> str:
    return f"{{{{resolve:ssm:{path}}}}}"


# --- the agent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"{LINUX}/al2023-ami-kernel-default-x86_64",
        f"{LINUX}/al2023-ami-kernel-6.1-arm64",
        f"{LINUX}/amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
        f"{LINUX}/amzn2-ami-hvm-x86_64-gp2",
        "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base",
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
        "/aws/service/suse/sles/15-sp5/x86_64/latest",
        "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id",
        "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        "/aws/service/ec2-macos/sonoma/arm64_mac/latest/image_id",
    ],
)
def test_families_that_ship_the_agent(path: str) -> None:
    assert checked("NodeAgent", ImageId=image(path), strict=True) == []


@pytest.mark.parametrize(
    "path",
    [
        f"{LINUX}/al2023-ami-minimal-kernel-default-x86_64",
        f"{LINUX}/amzn2-ami-minimal-hvm-x86_64-ebs",
        "/aws/service/debian/release/12/latest/amd64",
    ],
)
def test_families_without_the_agent_fail(path: str) -> None:
    (finding,) = checked("NodeAgent", ImageId=image(path))
    assert finding.severity is Severity.ERROR
    assert str(finding).startswith(
        "S/Web must run an image that ships the SSM Agent, or install it by user data, since "
        f"S/Inventory gathers its inventory, got '{path}'; take an image"
    )


@pytest.mark.parametrize(
    "image_id",
    [
        "ami-12345678",
        image("/mine/golden"),
        image("/aws/service/bottlerocket/aws-k8s-1.30/x86_64/latest/image_id"),
        ref("Parameter"),
        None,
    ],
)
def test_unknown_images_are_reported_to_the_strict_only(image_id: Any) -> None:
    assert checked("NodeAgent", ImageId=image_id) == []
    (finding,) = checked("NodeAgent", ImageId=image_id, strict=True)
    assert finding.severity is Severity.WARNING


def test_a_parameter_of_the_template_is_followed() -> None:
    parameters = {
        "Image": {
            "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
            "Default": f"{LINUX}/al2023-ami-minimal-kernel-default-x86_64",
        }
    }
    web = instance(ImageId=ref("Image"))
    assert of("NodeAgent", stack({"I": for_all(), "Web": web}, Parameters=parameters))


def test_a_launch_template_may_resolve_the_parameter_itself() -> None:
    data = {"ImageId": f"resolve:ssm:{LINUX}/al2023-ami-minimal-kernel-default-x86_64:1"}
    template = resource("EC2::LaunchTemplate", LaunchTemplateData=data)
    web = instance(ImageId=None, LaunchTemplate={"LaunchTemplateId": ref("Template")})
    app = stack({"I": for_all(), "Web": web, "Template": template})
    (finding,) = of("NodeAgent", app)
    assert f"got '{LINUX}/al2023-ami-minimal-kernel-default-x86_64'" in str(finding)


MINIMAL = image(f"{LINUX}/al2023-ami-minimal-kernel-default-x86_64")
INSTALL = "#!/bin/bash\ndnf install -y amazon-ssm-agent"


@pytest.mark.parametrize(
    "user_data",
    [
        {"Fn::Base64": INSTALL},
        {"Fn::Base64": {"Fn::Join": ["\n", ["#!/bin/bash", INSTALL]]}},
        {"Fn::Base64": {"Fn::Join": ["\n", [ref("Parameter"), INSTALL]]}},
        {"Fn::Base64": {"Fn::Sub": INSTALL + " # ${AWS::Region}"}},
        base64.b64encode(INSTALL.encode()).decode(),
        {"Fn::Base64": "Start-Process AmazonSSMAgentSetup.exe"},
    ],
    ids=["text", "joined", "partly unknown", "substituted", "encoded", "Windows"],
)
def test_user_data_that_installs_the_agent(user_data: Any) -> None:
    assert checked("NodeAgent", ImageId=MINIMAL, UserData=user_data, strict=True) == []


@pytest.mark.parametrize(
    "user_data",
    [{"Fn::Base64": "#!/bin/bash\ndnf update -y"}, base64.b64encode(b"echo").decode()],
)
def test_user_data_without_the_agent_fails(user_data: Any) -> None:
    assert checked("NodeAgent", ImageId=MINIMAL, UserData=user_data)


@pytest.mark.parametrize("user_data", [ref("Script"), {"Fn::Base64": ref("Script")}])
def test_unknown_user_data_may_install_the_agent(user_data: Any) -> None:
    assert checked("NodeAgent", ImageId=MINIMAL, UserData=user_data) == []
    assert checked("NodeAgent", ImageId=MINIMAL, UserData=user_data, strict=True)


# --- the processor -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "instance_type", "is_right"),
    [
        (f"{LINUX}/al2023-ami-kernel-default-arm64", "t3.micro", False),
        (f"{LINUX}/al2023-ami-kernel-default-x86_64", "t4g.micro", False),
        (f"{LINUX}/al2023-ami-kernel-default-arm64", "t4g.micro", True),
        (
            "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
            "t4g.micro",
            True,
        ),
        (f"{LINUX}/al2023-ami-kernel-default-arm64", ref("Type"), True),
    ],
    ids=["arm on x86", "x86 on arm", "arm on arm", "unknown image", "unknown type"],
)
def test_the_processor_of_the_type_is_that_of_the_image(
    path: str, instance_type: Any, is_right: bool
) -> None:
    found = checked("NodeArchitecture", ImageId=image(path), InstanceType=instance_type)
    assert (not found) == is_right


# --- metadata ----------------------------------------------------------------------------------

UBUNTU = image("/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id")
HOST_MANAGEMENT = resource(
    "SSM::ServiceSetting",
    SettingId="/ssm/managed-instance/default-ec2-instance-management-role",
)


def metadata(by_default: bool = True, **node: Any) -> list[Finding]:
    """What is found of an instance without a profile, which is managed by default or is not."""
    web = instance(**({"ImageId": UBUNTU, "IamInstanceProfile": None} | node))
    setting = {"Setting": HOST_MANAGEMENT} if by_default else {}
    return of("NodeMetadata", stack({"I": for_all(), "Web": web} | setting), strict=True)


@pytest.mark.parametrize(
    ("options", "got"),
    [
        ({"HttpTokens": "optional"}, "HttpTokens=optional"),
        ({"HttpPutResponseHopLimit": 2}, "HttpTokens=not stated"),
        (None, "HttpTokens=not stated"),
    ],
)
def test_default_host_management_needs_imdsv2_and_nothing_else_does(options: Any, got: str) -> None:
    (finding,) = metadata(MetadataOptions=options)
    assert (finding.severity, finding.value) == (Severity.WARNING, got)
    assert metadata(by_default=False, MetadataOptions=options) == []


@pytest.mark.parametrize(
    "node",
    [
        {"MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}},
        {"MetadataOptions": {"HttpTokens": ref("Tokens")}},
        {"MetadataOptions": {"Fn::If": ["A", {}, {}]}},
        {"ImageId": AGENT_IMAGE, "MetadataOptions": None},
        {"MetadataOptions": None, "LaunchTemplate": {"LaunchTemplateId": "lt-1"}},
        {"MetadataOptions": None, "IamInstanceProfile": "FromElsewhere"},
    ],
    ids=["required", "unknown", "conditional", "by image", "by template", "own profile"],
)
def test_imdsv2_is_well(node: dict[str, Any]) -> None:
    assert metadata(**node) == []


def test_amazon_linux_2023_may_be_told_otherwise() -> None:
    assert metadata(ImageId=AGENT_IMAGE, MetadataOptions={"HttpTokens": "optional"})


def test_no_metadata_at_all_is_an_error() -> None:
    off = {"HttpTokens": "required", "HttpEndpoint": "disabled"}
    (finding,) = metadata(by_default=False, MetadataOptions=off)
    assert finding.severity is Severity.ERROR


def test_a_launch_template_of_the_app_asks_for_imdsv2() -> None:
    data = {"MetadataOptions": {"HttpTokens": "required"}}
    template = {"T": resource("EC2::LaunchTemplate", LaunchTemplateData=data)}
    web = instance(
        ImageId=UBUNTU,
        IamInstanceProfile=None,
        MetadataOptions=None,
        LaunchTemplate={"LaunchTemplateId": ref("T")},
    )
    app = {"I": for_all(), "Web": web, "Setting": HOST_MANAGEMENT}
    assert of("NodeMetadata", stack(app | template)) == []
