"""The agent and the metadata of a node."""

import base64
from typing import Any

import pytest

from oelab.findings import Finding, Rule, Severity
from tests.checks.templates import AGENT_IMAGE, for_all, instance, of, ref, resource, stack

LINUX = "/aws/service/ami-amazon-linux-latest"


def checked(rule: Rule, *, strict: bool = False, **node: Any) -> list[Finding]:
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
    assert checked(Rule.NODE_AGENT, ImageId=image(path), strict=True) == []


@pytest.mark.parametrize(
    "path",
    [
        f"{LINUX}/al2023-ami-minimal-kernel-default-x86_64",
        f"{LINUX}/amzn2-ami-minimal-hvm-x86_64-ebs",
        "/aws/service/debian/release/12/latest/amd64",
    ],
)
def test_families_without_the_agent_fail(path: str) -> None:
    (finding,) = checked(Rule.NODE_AGENT, ImageId=image(path))
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
    assert checked(Rule.NODE_AGENT, ImageId=image_id) == []
    (finding,) = checked(Rule.NODE_AGENT, ImageId=image_id, strict=True)
    assert finding.severity is Severity.WARNING


def test_a_parameter_of_the_template_is_followed() -> None:
    parameters = {
        "Image": {
            "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
            "Default": f"{LINUX}/al2023-ami-minimal-kernel-default-x86_64",
        }
    }
    web = instance(ImageId=ref("Image"))
    assert of(Rule.NODE_AGENT, stack({"I": for_all(), "Web": web}, Parameters=parameters))


def test_a_launch_template_may_resolve_the_parameter_itself() -> None:
    data = {"ImageId": f"resolve:ssm:{LINUX}/al2023-ami-minimal-kernel-default-x86_64:1"}
    template = resource("EC2::LaunchTemplate", LaunchTemplateData=data)
    web = instance(ImageId=None, LaunchTemplate={"LaunchTemplateId": ref("Template")})
    app = stack({"I": for_all(), "Web": web, "Template": template})
    (finding,) = of(Rule.NODE_AGENT, app)
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
    assert checked(Rule.NODE_AGENT, ImageId=MINIMAL, UserData=user_data, strict=True) == []


@pytest.mark.parametrize(
    "user_data",
    [{"Fn::Base64": "#!/bin/bash\ndnf update -y"}, base64.b64encode(b"echo").decode()],
)
def test_user_data_without_the_agent_fails(user_data: Any) -> None:
    assert checked(Rule.NODE_AGENT, ImageId=MINIMAL, UserData=user_data)


@pytest.mark.parametrize("user_data", [ref("Script"), {"Fn::Base64": ref("Script")}])
def test_unknown_user_data_may_install_the_agent(user_data: Any) -> None:
    assert checked(Rule.NODE_AGENT, ImageId=MINIMAL, UserData=user_data) == []
    assert checked(Rule.NODE_AGENT, ImageId=MINIMAL, UserData=user_data, strict=True)


# --- metadata ----------------------------------------------------------------------------------

UBUNTU = image("/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id")


@pytest.mark.parametrize(
    ("options", "severity", "got"),
    [
        ({"HttpTokens": "optional"}, Severity.ERROR, "HttpTokens=optional"),
        (
            {"HttpTokens": "required", "HttpEndpoint": "disabled"},
            Severity.ERROR,
            "HttpEndpoint=disabled",
        ),
        ({"HttpPutResponseHopLimit": 2}, Severity.WARNING, "HttpTokens=not stated"),
        (None, Severity.WARNING, "HttpTokens=not stated"),
    ],
)
def test_metadata_that_answers_imdsv1_or_nobody(options: Any, severity: Severity, got: str) -> None:
    (finding,) = checked(Rule.NODE_METADATA, ImageId=UBUNTU, MetadataOptions=options)
    assert finding.severity is severity
    assert finding.value == got


def test_imdsv2_is_well() -> None:
    options = {"HttpTokens": "required", "HttpEndpoint": "enabled"}
    assert checked(Rule.NODE_METADATA, ImageId=UBUNTU, MetadataOptions=options, strict=True) == []


def test_amazon_linux_2023_asks_for_imdsv2_by_itself() -> None:
    assert checked(Rule.NODE_METADATA, ImageId=AGENT_IMAGE, MetadataOptions=None, strict=True) == []
    lax = {"HttpTokens": "optional"}
    assert checked(Rule.NODE_METADATA, ImageId=AGENT_IMAGE, MetadataOptions=lax)


@pytest.mark.parametrize("options", [{"HttpTokens": ref("Tokens")}, {"Fn::If": ["A", {}, {}]}])
def test_unknown_metadata_options_are_reported_to_the_strict_only(options: Any) -> None:
    assert checked(Rule.NODE_METADATA, MetadataOptions=options) == []
    assert checked(Rule.NODE_METADATA, MetadataOptions=options, strict=True)


def test_a_launch_template_from_elsewhere_may_ask_for_imdsv2() -> None:
    specification = {"LaunchTemplateId": "lt-1"}
    node: dict[str, Any] = {
        "ImageId": UBUNTU,
        "MetadataOptions": None,
        "LaunchTemplate": specification,
    }
    assert checked(Rule.NODE_METADATA, **node) == []
    assert checked(Rule.NODE_METADATA, strict=True, **node)


def test_a_launch_template_of_the_app_asks_for_imdsv2() -> None:
    data = {"MetadataOptions": {"HttpTokens": "required"}}
    template = resource("EC2::LaunchTemplate", LaunchTemplateData=data)
    web = instance(
        ImageId=UBUNTU, MetadataOptions=None, LaunchTemplate={"LaunchTemplateId": ref("T")}
    )
    assert of(Rule.NODE_METADATA, stack({"I": for_all(), "Web": web, "T": template})) == []
