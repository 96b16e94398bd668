"""Every mode and family of images, launched on the local AWS from the app's own templates."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from localaws import LocalAws
from oelab.settings import Settings, WorkloadSettings
from tests.synthesis import synthesize
from tests.waiting import eventually

AMAZON_ARM = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
WINDOWS = "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"
AMAZON_MINIMAL = "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64"
AMAZON_ID, ARM_ID = "ami-0c2023a1b2c3d4e5f", "ami-0a2023a1b2c3d4e5f"
MINIMAL_ID = "ami-0d2023a1b2c3d4e5f"  # without the SSM Agent, which user data installs
UBUNTU_ID, WINDOWS_ID = "ami-0b24040000c3d4e5f", "ami-0fedcba9876543210"
PINS = {"us-east-1": UBUNTU_ID, "eu-west-1": AMAZON_ID}

_ACCOUNTS = itertools.count(130000000001)


class Account:
    """An account of one's own, in one Region."""

    def __init__(self, aws: LocalAws, region: str = "us-east-1") -> None:
        self._aws = aws
        self._region = region
        self._number = str(next(_ACCOUNTS))

    def client(self, service: str) -> Any:
        return self._aws.client(service, region=self._region, account=self._number)

    def deploy(self, **changes: Any) -> None:
        """The foundation and a workload of one web and one app server."""
        kinds = changes.pop("instance_type", "t3.micro")
        workload = WorkloadSettings(
            name="Test",
            stack_name="OELabStack1",
            web_instances=1,
            app_instances=1,
            instance_type_web=kinds,
            instance_type_app=kinds,
        )
        templates = synthesize(Settings(workloads=(workload,), **changes))
        for stack in ("OELabFoundation", "OELabStack1"):
            cloudformation = self.client("cloudformation")
            cloudformation.create_stack(
                StackName=stack,
                TemplateBody=json.dumps(templates[stack]),
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
            cloudformation.get_waiter("stack_create_complete").wait(
                StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
            )

    def instances(self) -> list[dict[str, Any]]:
        answer = self.client("ec2").describe_instances()
        return [each for one in answer["Reservations"] for each in one["Instances"]]

    def platforms(self) -> set[str]:
        """The platforms of the managed nodes, once all instances are."""
        count = len(self.instances())
        nodes = eventually(lambda: self._managed_nodes(at_least=count))
        return {node["PlatformName"] for node in nodes}

    def _managed_nodes(self, at_least: int) -> list[dict[str, Any]]:
        nodes = self.client("ssm").describe_instance_information()["InstanceInformationList"]
        return nodes if len(nodes) >= at_least else []


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.mark.parametrize(
    ("changes", "image_id", "platform"),
    [
        ({}, AMAZON_ID, "Amazon Linux"),
        ({"image": AMAZON_ARM, "instance_type": "t4g.micro"}, ARM_ID, "Amazon Linux"),
        ({"image": AMAZON_MINIMAL}, MINIMAL_ID, "Amazon Linux"),
        ({"image": UBUNTU}, UBUNTU_ID, "Ubuntu"),
        ({"image": WINDOWS}, WINDOWS_ID, "Microsoft Windows Server 2022 Datacenter"),
        ({"image": UBUNTU_ID, "image_family": "ubuntu"}, UBUNTU_ID, "Ubuntu"),
        ({"image": UBUNTU, "image_pins": PINS}, UBUNTU_ID, "Ubuntu"),
    ],
    ids=["latest", "arm64", "minimal", "ubuntu", "windows", "id", "pinned"],
)
def test_instances_start_from_the_image_and_become_managed(
    aws: LocalAws, changes: dict[str, Any], image_id: str, platform: str
) -> None:
    account = Account(aws)
    account.deploy(**changes)
    assert {each["ImageId"] for each in account.instances()} == {image_id}
    assert account.platforms() == {platform}


def test_each_region_has_its_own_pin(aws: LocalAws) -> None:
    account = Account(aws, "eu-west-1")
    account.deploy(image_pins=PINS)
    assert {each["ImageId"] for each in account.instances()} == {AMAZON_ID}


def test_a_region_without_a_pin_is_refused(aws: LocalAws) -> None:
    account = Account(aws, "ap-southeast-2")
    with pytest.raises((ClientError, WaiterError)):
        account.deploy(image_pins=PINS)
    assert account.instances() == []


def test_a_parameter_of_ones_own_names_the_image(aws: LocalAws) -> None:
    account = Account(aws)
    account.client("ssm").put_parameter(Name="/mine/golden", Type="String", Value=AMAZON_ID)
    account.deploy(image="/mine/golden")
    assert {each["ImageId"] for each in account.instances()} == {AMAZON_ID}
