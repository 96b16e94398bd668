"""One life of the lab on a local AWS, in the order of the tests: deployed, changed, destroyed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws
from localaws.cdk_cli import CdkCli, CliResult
from tests.deploy import bootstrap, synthesize_in
from tests.waiting import eventually

STACKS = ("OELabFleetData", "OELabFoundation", "OELabInventory", "OELabStack1", "OELabStack2")
# The parts that the lab leaves off.
PARTS = "[inventory.logs]\ncreate_bucket = true\n[fleet_data]\nenabled = true\n"
ALL = ("--all", "--concurrency", "4")
UNASKED = ("--require-approval", "never")


@dataclass(frozen=True)
class Lab:
    """A local AWS with the lab on it, and the CLI that changes it."""

    aws: LocalAws
    cdk: CdkCli
    directory: Path

    def run(self, *arguments: str, settings: str = "") -> CliResult:
        """Run the CLI on other settings, or else on those that were deployed first."""
        first = ("--app", str(self.cdk.out_dir))
        app = synthesize_in(self.directory, settings) if settings else first
        return self.cdk.run(*arguments, *app)

    def deploy(self, *stacks: str, settings: str = "") -> CliResult:
        return self.run("deploy", *(stacks or ALL), *UNASKED, settings=settings)

    def instances(self) -> dict[str, dict[str, Any]]:
        """The running instances by the value of their Name tag."""
        pages = (
            self.aws.client("ec2")
            .get_paginator("describe_instances")
            .paginate(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])
        )
        return {
            tags(instance)["Name"]: instance
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
        }

    def instance_ids(self) -> dict[str, str]:
        return {name: instance["InstanceId"] for name, instance in self.instances().items()}

    def stack(self, name: str) -> dict[str, Any]:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return dict(stack)


def tags(resource: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with LocalAws() as aws, CdkCli.on(aws) as cdk:
        bootstrap(cdk)
        directory = tmp_path_factory.mktemp("settings")
        path = directory / "settings.toml"
        path.write_text(PARTS)
        # As a user does: the CLI runs the app.
        cdk.check("deploy", *ALL, *UNASKED, "-c", f"settings={path}")
        yield Lab(aws, cdk, directory)


def test_every_stack_is_complete_and_carries_its_owner(lab: Lab) -> None:
    for name in STACKS:
        stack = lab.stack(name)
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        assert tags(stack) == {"Owner": "oelab"}


def test_instances_carry_the_tags_and_the_profile_of_the_lab(lab: Lab) -> None:
    instances = lab.instances()
    assert set(instances) == {
        f"{workload}-{server}"
        for workload in ("Test", "Prod")
        for server in ("Web1", "Web2", "App1", "App2")
    }
    stack_ids = {
        "Test": lab.stack("OELabStack1")["StackId"],
        "Prod": lab.stack("OELabStack2")["StackId"],
    }
    for name, instance in instances.items():
        workload, server = name.split("-")
        assert {k: v for k, v in tags(instance).items() if not k.startswith("aws:")} == {
            "Application": stack_ids[workload],
            "SSMManaged": "True",
            "Confidentiality": "Public",
            "Environment": "OELabIPM",
            "InstanceRole": "WebServer" if server.startswith("Web") else "AppServer",
            "Patch Group": "Critical",
            "Workload": workload,
            "Name": name,
            "Owner": "oelab",
        }
        assert instance["IamInstanceProfile"]["Arn"].endswith(
            ":instance-profile/ManagedInstancesRole"
        )


def test_the_role_lets_nodes_be_managed(lab: Lab) -> None:
    attached = lab.aws.client("iam").list_attached_role_policies(RoleName="ManagedInstancesRole")
    assert [policy["PolicyName"] for policy in attached["AttachedPolicies"]] == [
        "AmazonSSMManagedInstanceCore"
    ]


def test_all_nodes_become_managed_and_inventoried(lab: Lab) -> None:
    ssm = lab.aws.client("ssm")
    wanted = set(lab.instance_ids().values())

    def inventoried() -> set[str]:
        answer = ssm.get_inventory(ResultAttributes=[{"TypeName": "AWS:Application"}])
        return {e["Id"] for e in answer["Entities"] if "AWS:Application" in e["Data"]}

    eventually(lambda: inventoried() == wanted)
    nodes = ssm.describe_instance_information()["InstanceInformationList"]
    assert {node["InstanceId"]: node["PingStatus"] for node in nodes} == dict.fromkeys(
        wanted, "Online"
    )


def test_the_output_of_the_association_reaches_the_log_bucket(lab: Lab) -> None:
    s3 = lab.aws.client("s3")
    (bucket,) = [
        each["Name"] for each in s3.list_buckets()["Buckets"] if "oelabinventory" in each["Name"]
    ]

    def writers() -> set[str]:
        objects = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"].split("/")[0] for each in objects}

    eventually(lambda: writers() == set(lab.instance_ids().values()))


def test_the_inventory_of_all_nodes_reaches_the_bucket_of_the_fleet(lab: Lab) -> None:
    s3, outputs = lab.aws.client("s3"), lab.stack("OELabFleetData")["Outputs"]
    (output,) = (each for each in outputs if each["OutputKey"] == "InventoryBucket")

    def nodes() -> set[str]:
        listed = s3.list_objects_v2(Bucket=output["OutputValue"], Prefix="AWS:Application/")
        return {Path(each["Key"]).stem for each in listed.get("Contents", [])}

    eventually(lambda: nodes() == set(lab.instance_ids().values()))


def test_a_diff_right_after_is_clean(lab: Lab) -> None:
    outcome = lab.run("diff", "--fail")
    assert outcome.code == 0, outcome.output
    assert "Number of stacks with differences: 0" in outcome.output


def test_redeploying_does_nothing(lab: Lab) -> None:
    before = lab.instance_ids()
    outcome = lab.deploy()
    assert outcome.code == 0, outcome.output
    assert outcome.output.count("(no changes)") == len(STACKS)
    assert lab.instance_ids() == before


def test_an_update_in_place_keeps_the_instances(lab: Lab) -> None:
    before = lab.instance_ids()
    outcome = lab.deploy(settings=f'{PARTS}\n[tags]\nConfidentiality = "Internal"\n')
    assert outcome.code == 0, outcome.output
    assert lab.instance_ids() == before
    assert {tags(i)["Confidentiality"] for i in lab.instances().values()} == {"Internal"}
    assert lab.stack("OELabStack2")["StackStatus"] == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param('image = "ami-0bad0bad0bad0bad0"\n', id="image"),
        pytest.param(
            '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
            'subnet_id = "subnet-0123456789abcdef0"\n'
            'security_group_ids = ["sg-0123456789abcdef0"]\n',
            id="subnet",
        ),
    ],
)
def test_a_change_that_cannot_work_is_rolled_back(lab: Lab, wrong: str) -> None:
    before = lab.instances()
    outcome = lab.deploy("OELabStack1", "--exclusively", settings=f"{wrong}\n{PARTS}")
    assert outcome.code != 0
    assert lab.stack("OELabStack1")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    after = lab.instances()
    assert {n: i["InstanceId"] for n, i in after.items()} == {
        n: i["InstanceId"] for n, i in before.items()
    }
    assert {n: i["ImageId"] for n, i in after.items()} == {
        n: i["ImageId"] for n, i in before.items()
    }


def test_prod_is_protected_until_settings_lift_it(lab: Lab) -> None:
    refused = lab.run("destroy", "OELabStack2", "--exclusively", "--force")
    assert refused.code != 0
    assert "TerminationProtection" in refused.output
    assert lab.stack("OELabStack2")["EnableTerminationProtection"] is True

    unprotected = (
        '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
        '[[workloads]]\nname = "Prod"\nstack_name = "OELabStack2"\nprotection = false\n'
    )
    outcome = lab.deploy("OELabStack2", "--exclusively", settings=unprotected + PARTS)
    assert outcome.code == 0, outcome.output
    assert lab.stack("OELabStack2")["EnableTerminationProtection"] is False


def test_destroying_leaves_nothing_but_buckets(lab: Lab) -> None:
    outcome = lab.run("destroy", *ALL, "--force")
    assert outcome.code == 0, outcome.output
    assert lab.instances() == {}
    with pytest.raises(ClientError, match="does not exist"):
        lab.stack("OELabStack1")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        lab.aws.client("iam").get_role(RoleName="ManagedInstancesRole")
    assert lab.aws.client("ssm").list_associations()["Associations"] == []
    ec2 = lab.aws.client("ec2")
    assert [v for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]] == []
    buckets = [each["Name"] for each in lab.aws.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if name.startswith("oelabinventory")]
    assert len([name for name in buckets if name.startswith("oelabfleetdata")]) == 2
    assert lab.aws.client("ssm").list_resource_data_sync()["ResourceDataSyncItems"] == []
