"""The command line in this process, and labs on a local AWS."""

import functools
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from typer.testing import CliRunner, Result

from localaws import LocalAws
from oelab.cli import app
from tests.synthesis import Template
from tests.waiting import eventually

Cli = Callable[..., Result]
_ACCOUNTS = itertools.count(100000000001)
_STACKS = ("OELabFoundation", "OELabStack1", "OELabStack2", "OELabInventory")


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Nothing of the person's own AWS configuration, and none of the settings around here."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def _models_read_once() -> Iterator[None]:
    """Each run of a command makes a session, and each session would parse the services' models."""
    original = JSONFileLoader.load_file

    @functools.cache
    def load(path: str) -> Any:
        return original(JSONFileLoader(), path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: load(path))
        yield


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands take what they write to for a terminal, as wide as COLUMNS says."""
    monkeypatch.setattr("oelab.render.output.is_terminal", lambda: True)


@pytest.fixture
def cli() -> Cli:
    """Runs the command line in this process."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), prog_name="oelab")

    return run


@dataclass(frozen=True)
class Lab:
    """The lab, deployed to an account of its own on the local AWS."""

    aws: LocalAws
    account: str

    def client(self, service: str) -> Any:
        return self.aws.client(service, account=self.account)

    def instances(self) -> dict[str, str]:
        """The ids of the instances that are not gone, by Name tag."""
        pages = self.client("ec2").get_paginator("describe_instances").paginate()
        return {
            tag["Value"]: instance["InstanceId"]
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
            if instance["State"]["Name"] not in ("shutting-down", "terminated")
            for tag in instance["Tags"]
            if tag["Key"] == "Name"
        }

    def associate(self, name: str, targets: list[dict[str, Any]]) -> str:
        """Another inventory association."""
        described = self.client("ssm").create_association(
            Name="AWS-GatherSoftwareInventory",
            AssociationName=name,
            Targets=targets,
            ScheduleExpression="rate(30 minutes)",
            Parameters={"applications": ["Enabled"]},
        )
        return str(described["AssociationDescription"]["AssociationId"])

    @contextmanager
    def associated(self, name: str, targets: list[dict[str, Any]]) -> Iterator[None]:
        """Another inventory association for as long as the block lasts."""
        association_id = self.associate(name, targets)
        try:
            yield
        finally:
            self.client("ssm").delete_association(AssociationId=association_id)

    def is_settled(self) -> bool:
        """Whether every instance has been inventoried."""
        answer = self.client("ssm").get_inventory(
            ResultAttributes=[{"TypeName": "AWS:Application"}]
        )
        return {e["Id"] for e in answer["Entities"] if e["Data"]} >= set(self.instances().values())


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


def deploy(aws: LocalAws, account: str, templates: dict[str, Template]) -> None:
    """Create the stacks in the order in which they depend on each other."""
    cloudformation = aws.client("cloudformation", account=account)
    for name in _STACKS:
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(templates[name]),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Tags=[{"Key": "Owner", "Value": "oelab"}],
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )


def new_lab(aws: LocalAws, templates: dict[str, Template]) -> Lab:
    """A lab in an account of its own, once all of its nodes are inventoried."""
    account = str(next(_ACCOUNTS))
    deploy(aws, account, templates)
    found = Lab(aws, account)
    # Nodes register after two seconds, and what this causes takes another one.
    for _ in range(2):
        aws.advance(0.1)
    eventually(found.is_settled)
    return found


def point_at(aws: LocalAws, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands talk to this account."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", account)


@pytest.fixture
def deployed(local_aws: LocalAws, lab: dict[str, Template], monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab of one's own, settled, that the commands of the test talk to."""
    found = new_lab(local_aws, lab)
    point_at(local_aws, found.account, monkeypatch)
    return found


@pytest.fixture(scope="session")
def settled(local_aws: LocalAws, lab: dict[str, Template]) -> Lab:
    """A lab that is well, and that a test leaves as it was."""
    return new_lab(local_aws, lab)


@pytest.fixture
def here(settled: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """That lab, and the commands of the test talk to it."""
    point_at(settled.aws, settled.account, monkeypatch)
    return settled
