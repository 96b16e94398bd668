"""Instances that run without a profile, in the order of the tests: given one, and left with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localaws import LocalAws
from oelab.settings import load
from tests.deploy import review
from tests.localaws.lab import Lab, tags
from tests.synthesis import synthesize
from tests.waiting import eventually

BARE_WORKLOAD = """
[[workloads]]
name = "Test"
stack_name = "OELabStack1"
web_instances = 1
app_instances = 1
instance_profile = ""
"""
ATTACH = "[existing_instances]\nattach_profile = true\ninterval_minutes = 30\n"

OURS, FOREIGN = "ManagedInstancesRole", "Foreign"
HALF_HOURS_OF_A_DAY = 48


@dataclass(frozen=True)
class Fleet:
    """An account with instances, and the settings whose stacks are deployed next to them."""

    aws: LocalAws
    lab: Lab
    settings: Path

    def client(self, service: str) -> Any:
        return self.lab.client(service)

    def deploy(self, settings: str, *stacks: str) -> None:
        """Create or update stacks, as CloudFormation does it for the CLI."""
        self.settings.write_text(settings)
        templates = synthesize(load(self.settings))
        for name in stacks:
            status = self.lab.deploy(templates[name], name, Tags=tags(Owner="oelab"))
            assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.lab.failures(name)

    def preflight(self, settings: str) -> list[dict[str, Any]]:
        """What is found before a deployment of these settings."""
        self.settings.write_text(settings)
        environment = self.aws.account_environment(self.lab.account)
        code, document = review(environment, self.settings, "preflight")
        assert code == 0, document
        found: list[dict[str, Any]] = document["findings"]
        return found

    def profiles(self) -> dict[str, str]:
        """The name of the profile of each running instance, or nothing, by its Name tag."""
        return {
            tags_of(each)["Name"]: each.get("IamInstanceProfile", {}).get("Arn", "").split("/")[-1]
            for each in self.instances()
        }

    def instances(self) -> list[dict[str, Any]]:
        running = {"Name": "instance-state-name", "Values": ["running"]}
        answer = self.client("ec2").describe_instances(Filters=[running])
        return [each for one in answer["Reservations"] for each in one["Instances"]]

    def launch(self, name: str, *, profile: str = "", environment: str = "OELabIPM") -> None:
        """Start an instance that no stack defines, in the subnet of those that one does."""
        neighbour = self.instances()[0]
        self.client("ec2").run_instances(
            ImageId=neighbour["ImageId"],
            MinCount=1,
            MaxCount=1,
            SubnetId=neighbour["SubnetId"],
            SecurityGroupIds=[group["GroupId"] for group in neighbour["SecurityGroups"]],
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": tags(Name=name, Environment=environment)}
            ],
            **({"IamInstanceProfile": {"Name": profile}} if profile else {}),
        )

    def managed(self) -> set[str]:
        """The ids of the managed nodes."""
        answer = self.client("ssm").describe_instance_information()
        return {each["InstanceId"] for each in answer["InstanceInformationList"]}

    def inventoried(self) -> set[str]:
        """The ids of the nodes whose packages are known."""
        ssm = self.client("ssm")
        answer = ssm.get_inventory(ResultAttributes=[{"TypeName": "AWS:Application"}])
        return {each["Id"] for each in answer["Entities"] if "AWS:Application" in each["Data"]}

    def attachment_runs(self) -> list[dict[str, Any]]:
        ssm = self.client("ssm")
        listed = ssm.list_associations()["Associations"]
        (found,) = (each for each in listed if each["AssociationName"] == "AttachInstanceProfile")
        answer = ssm.describe_association_executions(AssociationId=found["AssociationId"])
        runs: list[dict[str, Any]] = answer["AssociationExecutions"]
        return runs


def tags_of(instance: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in instance["Tags"]}


def create_foreign_profile(iam: Any) -> None:
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
        '"Principal": {"Service": "ec2.amazonaws.com"}}]}'
    )
    iam.create_role(RoleName=FOREIGN, AssumeRolePolicyDocument=trust)
    iam.create_instance_profile(InstanceProfileName=FOREIGN)
    iam.add_role_to_instance_profile(InstanceProfileName=FOREIGN, RoleName=FOREIGN)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with LocalAws() as aws:
        lab = Lab(aws)
        create_foreign_profile(lab.client("iam"))
        fleet = Fleet(aws, lab, tmp_path_factory.mktemp("settings") / "settings.toml")
        fleet.deploy(BARE_WORKLOAD, "OELabFoundation", "OELabStack1", "OELabInventory")
        fleet.launch("Old")
        fleet.launch("Theirs", profile=FOREIGN)
        fleet.launch("Elsewhere", environment="Other")
        yield fleet


ATTACHED = {
    "Test-Web1": OURS,
    "Test-App1": OURS,
    "Old": OURS,
    "Theirs": FOREIGN,
    "Elsewhere": "",
}


def test_without_the_setting_no_instance_has_a_profile_or_is_managed(fleet: Fleet) -> None:
    fleet.aws.advance(31)
    assert fleet.profiles() == {**dict.fromkeys(ATTACHED, ""), "Theirs": FOREIGN}
    assert fleet.managed() == set()


def test_a_preflight_names_the_instances_that_would_get_the_profile(fleet: Fleet) -> None:
    found = fleet.preflight(BARE_WORKLOAD + ATTACH)
    assert {each["rule"] for each in found} == {"profile-attached"}
    changed = {name for name, profile in ATTACHED.items() if profile == OURS}
    assert {each["subject"] for each in found} == changed


def test_instances_with_the_tag_get_the_profile_and_become_managed(fleet: Fleet) -> None:
    fleet.deploy(BARE_WORKLOAD + ATTACH, "OELabInventory")
    eventually(lambda: fleet.profiles() == ATTACHED)
    assert fleet.preflight(BARE_WORKLOAD + ATTACH) == []
    eventually(lambda: len(fleet.inventoried()) == list(ATTACHED.values()).count(OURS))
    assert fleet.managed() == fleet.inventoried()


def test_one_that_is_launched_later_gets_it_with_the_next_run(fleet: Fleet) -> None:
    fleet.launch("Late")
    fleet.aws.advance(31)
    assert fleet.profiles() == ATTACHED | {"Late": OURS}


def test_another_profile_is_untouched_after_a_day(fleet: Fleet) -> None:
    for _ in range(HALF_HOURS_OF_A_DAY):
        fleet.aws.advance(30)
    assert fleet.profiles() == ATTACHED | {"Late": OURS}
    runs = fleet.attachment_runs()
    assert len(runs) >= HALF_HOURS_OF_A_DAY
    assert {run["Status"] for run in runs} == {"Success"}


def test_removing_the_stack_leaves_every_profile_as_it_was(fleet: Fleet) -> None:
    before = fleet.profiles()
    fleet.lab.delete("OELabInventory")
    fleet.aws.advance(31)
    assert fleet.profiles() == before
    assert fleet.client("ssm").list_associations()["Associations"] == []
    roles = [each["RoleName"] for each in fleet.client("iam").list_roles()["Roles"]]
    assert not [name for name in roles if name.startswith("OELabInventory")]
