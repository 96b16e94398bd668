"""What instances start from: families, processors, pins, and the warning about the latest."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import cx_api

from oelab.settings import Settings, WorkloadSettings, findings
from oelab.systems_manager.images import (
    ARM64,
    FAMILIES,
    X86_64,
    architecture_of_image,
    architecture_of_type,
    family_of,
)
from tests.synthesis import Template, app_of, synthesize

AMI = "ami-0123456789abcdef0"
AMAZON = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
AMAZON_ARM = AMAZON.replace("x86_64", "arm64")
UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
WINDOWS = "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"
PINS = {"us-east-1": AMI, "eu-west-1": "ami-0fedcba9876543210"}


def workload(**changes: Any) -> WorkloadSettings:
    return WorkloadSettings(name="Test", stack_name="OELabStack1", **changes)


def template(each: WorkloadSettings | None = None, **changes: Any) -> Template:
    settings = Settings(workloads=(each or workload(),), **changes)
    assert findings(settings) == ()
    return synthesize(settings)["OELabStack1"]


def properties(found: Template, logical_id: str) -> dict[str, Any]:
    resource: dict[str, Any] = found["Resources"][logical_id]["Properties"]
    return resource


# --- families ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "named", "key"),
    [
        (AMAZON, "", "amazon-linux"),
        (UBUNTU, "", "ubuntu"),
        (WINDOWS, "", "windows"),
        (AMI, "", "amazon-linux"),
        (AMI, "rhel", "rhel"),
        ("/mine/golden", "", "amazon-linux"),
        ("/mine/golden", "windows", "windows"),
    ],
)
def test_the_family_is_told_by_the_image_or_named(image: str, named: str, key: str) -> None:
    assert family_of(image, named).key == key


@pytest.mark.parametrize(
    ("key", "device", "packages"),
    [
        ("amazon-linux", "/dev/xvda", "dnf install -y httpd"),
        ("ubuntu", "/dev/sda1", "apache2"),
        ("rhel", "/dev/sda1", "dnf install -y httpd"),
        ("windows", "/dev/sda1", "Install-WindowsFeature"),
    ],
)
def test_root_device_and_user_data_fit_the_family(key: str, device: str, packages: str) -> None:
    found = template(image=AMI, image_family=key)
    web, app = properties(found, "Web1"), properties(found, "App1")
    assert web["BlockDeviceMappings"][0]["DeviceName"] == device
    user_data = json.dumps(web["UserData"])
    assert packages in user_data
    assert ("<powershell>" in user_data) == (key == "windows")
    assert ("UserData" in app) == ("amazon-ssm-agent" in user_data) == (key == "rhel")


@pytest.mark.parametrize(
    ("instance_type", "architecture"), [("t3.micro", "amd64"), ("t4g.micro", "arm64")]
)
def test_rhel_installs_the_agent_of_its_processor_from_its_region(
    instance_type: str, architecture: str
) -> None:
    each = workload(instance_type_web=instance_type, instance_type_app=instance_type)
    found = template(each, image=AMI, image_family="rhel")
    script = "".join(
        part if isinstance(part, str) else f"<{part['Ref']}>"
        for part in properties(found, "App1")["UserData"]["Fn::Base64"]["Fn::Join"][1]
    )
    assert script.splitlines() == [
        "#!/bin/bash",
        "dnf install -y --disablerepo='*' https://s3.<AWS::Region>.<AWS::URLSuffix>/"
        f"amazon-ssm-<AWS::Region>/latest/linux_{architecture}/amazon-ssm-agent.rpm",
        "systemctl enable --now amazon-ssm-agent",
    ]


@pytest.mark.parametrize(
    ("image", "command"),
    [
        (AMAZON.replace("al2023-ami-", "al2023-ami-minimal-"), "dnf install -y amazon-ssm-agent"),
        (UBUNTU.replace("/server/", "/server-minimal/"), "snap install amazon-ssm-agent"),
    ],
)
def test_minimal_images_get_the_agent_too(image: str, command: str) -> None:
    assert command in json.dumps(properties(template(image=image), "App1")["UserData"])


# --- processors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instance_type", "architecture"),
    [
        ("t3.micro", X86_64),
        ("c7i-flex.large", X86_64),
        ("g4dn.xlarge", X86_64),
        ("u-6tb1.112xlarge", None),
        ("t4g.micro", ARM64),
        ("m6gd.large", ARM64),
        ("im4gn.large", ARM64),
        ("g5g.xlarge", ARM64),
        ("a1.medium", ARM64),
        ("p6e-gb200.36xlarge", ARM64),
        ("p6-b200.48xlarge", X86_64),
        ("mac2.metal", None),
    ],
)
def test_the_processor_of_an_instance_type(instance_type: str, architecture: str | None) -> None:
    assert architecture_of_type(instance_type) == architecture


@pytest.mark.parametrize(
    ("image", "architecture"),
    [(AMAZON, X86_64), (AMAZON_ARM, ARM64), (UBUNTU, X86_64), (WINDOWS, X86_64), (AMI, None)],
)
def test_the_processor_of_an_image(image: str, architecture: str | None) -> None:
    assert architecture_of_image(image, family_of(image)) == architecture


def test_every_family_starts_on_both_processors_where_it_runs() -> None:
    for family in FAMILIES.values():
        types = ("t3.micro", "t4g.micro") if family.runs_on_arm64 else ("t3.micro",)
        for each in types:
            one = workload(instance_type_web=each, instance_type_app=each)
            found = template(one, image=AMI, image_family=family.key)
            assert properties(found, "Web1")["InstanceType"] == each


# --- modes -------------------------------------------------------------------------------------


def test_pins_are_a_mapping_where_the_region_is_not_known() -> None:
    found = template(image_pins=PINS)
    assert found["Mappings"] == {"ImageIds": {key: {"Id": value} for key, value in PINS.items()}}
    assert properties(found, "Web1")["ImageId"] == {
        "Fn::FindInMap": ["ImageIds", {"Ref": "AWS::Region"}, "Id"]
    }
    assert "Parameters" not in found


def test_the_pin_of_a_known_region_stands_in_the_template() -> None:
    found = template(image_pins=PINS, account="111122223333", region="eu-west-1")
    assert properties(found, "Web1")["ImageId"] == PINS["eu-west-1"]
    assert not {"Mappings", "Parameters"} & set(found)


def test_pins_need_no_parameter_that_they_come_from() -> None:
    found = template(image="", image_family="rhel", image_pins=PINS)
    assert properties(found, "Web1")["BlockDeviceMappings"][0]["DeviceName"] == "/dev/sda1"


def test_a_parameter_of_ones_own_is_read_at_deployment() -> None:
    (parameter,) = template(image="/mine/golden")["Parameters"].values()
    assert parameter == {
        "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "Default": "/mine/golden",
    }


# --- the warning -------------------------------------------------------------------------------


def warnings(app: cdk.App) -> list[str]:
    return [
        str(message.entry.data)
        for stack in app.synth().stacks
        for message in stack.messages
        if message.level == cx_api.SynthesisMessageLevel.WARNING
    ]


def test_a_protected_workload_that_follows_the_latest_is_warned_of() -> None:
    (warning,) = warnings(app_of(Settings(workloads=(workload(protection=True),))))
    assert "may replace the instances of this protected workload" in warning
    assert "[ack: oelab:latestImage]" in warning


def test_the_warning_can_be_acknowledged_the_cdks_way() -> None:
    app = app_of(Settings(workloads=(workload(protection=True),)))
    cdk.Annotations.of(app).acknowledge_warning("oelab:latestImage", "rebuilt each week")
    assert warnings(app) == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"workloads": (workload(),)},
        {"workloads": (workload(protection=True, accept_latest_image=True),)},
        {"workloads": (workload(protection=True),), "image_pins": PINS},
        {"workloads": (workload(protection=True),), "image": AMI},
    ],
    ids=["the lab", "unprotected", "accepted", "pinned", "an id"],
)
def test_nobody_is_warned_without_need(changes: dict[str, Any]) -> None:
    assert warnings(app_of(Settings(**changes))) == []
