"""The whole bundle launched with every pair of allowed values of its parameters.

Each combination is one hand-over in an account of its own: the foundation first, then a workload,
the inventory and the data of the fleet. What has its default is left out, as a person leaves it
out.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest

from localaws import LocalAws
from oelab.bundle.templates import BUNDLE
from tests.bundle.conftest import Bundle
from tests.bundle.pairwise import Combination, pairwise
from tests.bundle.test_launch import Launcher, tags
from tests.waiting import eventually

AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
OWN_ROLE = "(RoleName)"  # the profile of the role, by whatever name

# RoleName is the same in the foundation and in the inventory.
ALLOWED = {
    "RoleName": ("ManagedInstancesRole", "a_b+c=d,e.f@g-h", "r" * 64),
    "Permissions": ("Standard", "Restricted"),
    "Owner": ("oelab", "Team A"),
    "WorkloadName": ("Test", "P", "w" * 64),
    "InstanceProfile": (OWN_ROLE, ""),
    "InstanceTypeWeb": ("t3.micro", "m5.24xlarge"),
    "InstanceTypeApp": ("t3.micro", "c7i-flex.large"),
    "ImageParameter": (AMAZON_LINUX, "/oelab/image"),
    "AvailabilityZone": ("", "us-east-1b"),
    "KeyName": ("", "my key", "k" * 255),
    "SourceLocation": ("", "203.0.113.7/32", "0.0.0.0/0"),
    "AssociationName": ("InventoryAllInstances", "abc", "a" * 128),
    "IntervalMinutes": ("30", "44639"),
    "Severity": ("UNSPECIFIED", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
    "TargetKey": ("Environment", "Patch Group", "aws:autoscaling:groupName"),
    "TargetValue": ("OELabIPM", "a b", "v" * 256),
    "LogBucket": ("", "logs-of-combination"),
    "LogPrefix": ("inventory", "p" * 500),
    "WorkgroupName": ("OELabInventory", "a_b.c-d", "w" * 128),
}
COMBINATIONS = pairwise(ALLOWED)

STACKS = {
    "foundation": "Foundation",
    "workload": "Workload",
    "inventory": "Inventory",
    "fleet-data": "FleetData",
}


@dataclass(frozen=True)
class HandOver:
    """The stacks of one combination, and what is asked of them."""

    launcher: Launcher
    values: Combination

    def prepare(self, number: int) -> None:
        """Create what the values name."""
        if self.values["KeyName"]:
            self.launcher.client("ec2").create_key_pair(KeyName=self.values["KeyName"])
        if self.values["ImageParameter"] != AMAZON_LINUX:
            ssm = self.launcher.client("ssm")
            image = ssm.get_parameter(Name=AMAZON_LINUX)["Parameter"]["Value"]
            name = self.values["ImageParameter"]
            ssm.put_parameter(Name=name, Type="String", Value=image)
        if self.values["LogBucket"]:
            # A bucket's name is taken once, whatever the account.
            self.values["LogBucket"] += f"-{number}"
            self.launcher.client("s3").create_bucket(Bucket=self.values["LogBucket"])

    def start(self, template: str) -> None:
        """Begin to launch one template."""
        (bundled,) = (each for each in BUNDLE if each.name == template)
        given = {
            parameter.name: self.values[parameter.name]
            for parameter in bundled.parameters
            if self.values[parameter.name] != parameter.default
        }
        self.launcher.start(STACKS[template], template, **given)

    def ingress(self) -> set[tuple[int, str]]:
        """The ports that the workload opens, each with the range."""
        group = next(iter(self.launcher.instances().values()))["SecurityGroups"][0]["GroupId"]
        answer = self.launcher.client("ec2").describe_security_groups(GroupIds=[group])
        rules = answer["SecurityGroups"][0]["IpPermissions"]
        return {(rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) for rule in rules}

    def association(self) -> dict[str, Any]:
        """The association as Systems Manager has it."""
        ssm = self.launcher.client("ssm")
        (association,) = ssm.list_associations()["Associations"]
        answer = ssm.describe_association(AssociationId=association["AssociationId"])
        description: dict[str, Any] = answer["AssociationDescription"]
        return description


@pytest.fixture(scope="module")
def hand_overs(aws: LocalAws, bundle: Bundle) -> list[HandOver]:
    """All combinations, launched at the same time."""
    started = []
    for number, combination in enumerate(COMBINATIONS):
        values = dict(combination)
        if values["InstanceProfile"] == OWN_ROLE:
            values["InstanceProfile"] = values["RoleName"]
        started.append(HandOver(Launcher(aws, bundle), values))
        started[-1].prepare(number)
    for templates in (["foundation"], ["workload", "inventory", "fleet-data"]):
        for hand_over in started:
            for template in templates:
                hand_over.start(template)
        eventually(lambda: not any(map(is_in_progress, started)))
    return started


def is_in_progress(hand_over: HandOver) -> bool:
    return "CREATE_IN_PROGRESS" in hand_over.launcher.statuses().values()


def test_every_parameter_and_every_pair_of_values_is_there() -> None:
    names = {parameter.name for bundled in BUNDLE for parameter in bundled.parameters}
    assert names == ALLOWED.keys()
    covered = {pair for row in COMBINATIONS for pair in combinations(sorted(row.items()), 2)}
    wanted = {
        ((first, one), (second, other))
        for first, second in combinations(sorted(ALLOWED), 2)
        for one in ALLOWED[first]
        for other in ALLOWED[second]
    }
    assert covered == wanted


def test_every_stack_is_created(hand_overs: list[HandOver]) -> None:
    complete = dict.fromkeys(STACKS.values(), "CREATE_COMPLETE")
    failed = [each.values for each in hand_overs if each.launcher.statuses() != complete]
    assert failed == []


def test_the_role_has_the_permissions_that_are_asked_for(hand_overs: list[HandOver]) -> None:
    for each in hand_overs:
        role = each.values["RoleName"]
        iam = each.launcher.client("iam")
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        inline = iam.list_role_policies(RoleName=role)["PolicyNames"]
        is_standard = each.values["Permissions"] == "Standard"
        assert len(attached) == is_standard
        assert len(inline) == (not is_standard) + bool(each.values["LogBucket"])


def test_the_instances_are_those_that_are_asked_for(hand_overs: list[HandOver]) -> None:
    for each in hand_overs:
        values, instances = each.values, each.launcher.instances()
        workload = values["WorkloadName"]
        assert instances.keys() == {f"{workload}-{n}" for n in ("Web1", "Web2", "App1", "App2")}
        for name, instance in instances.items():
            kind = "Web" if "-Web" in name else "App"
            assert instance["InstanceType"] == values[f"InstanceType{kind}"]
            assert instance.get("KeyName", "") == values["KeyName"]
            arn = instance.get("IamInstanceProfile", {}).get("Arn", "")
            assert arn.rpartition("/")[2] == values["InstanceProfile"]
            zone = instance["Placement"]["AvailabilityZone"]
            assert values["AvailabilityZone"] in ("", zone)
            assert tags(instance)["Workload"] == workload


def test_the_ports_are_open_to_the_source_location_only(hand_overs: list[HandOver]) -> None:
    for each in hand_overs:
        source = each.values["SourceLocation"]
        assert each.ingress() == ({(22, source), (80, source)} if source else set())


def test_the_workgroup_has_the_name_that_is_asked_for(hand_overs: list[HandOver]) -> None:
    for each in hand_overs:
        workgroups = each.launcher.client("athena").list_work_groups()["WorkGroups"]
        assert each.values["WorkgroupName"] in [found["Name"] for found in workgroups]


def test_the_association_is_the_one_that_is_asked_for(hand_overs: list[HandOver]) -> None:
    for each in hand_overs:
        values, association = each.values, each.association()
        assert association["AssociationName"] == values["AssociationName"]
        assert association["ScheduleExpression"] == f"rate({values['IntervalMinutes']} minutes)"
        assert association["ComplianceSeverity"] == values["Severity"]
        key = f"tag:{values['TargetKey']}"
        assert association["Targets"] == [{"Key": key, "Values": [values["TargetValue"]]}]
        location = association.get("OutputLocation", {}).get("S3Location", {})
        bucket, prefix = (
            location.get(f"OutputS3{name}", "") for name in ("BucketName", "KeyPrefix")
        )
        assert bucket == values["LogBucket"]
        assert prefix == (values["LogPrefix"] if bucket else "")
