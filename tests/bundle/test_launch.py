"""The bundle launched on a local AWS by plain boto3, in the order of the manifest."""

import itertools
from typing import Any

import pytest

from localaws import LocalAws
from oelab.queries import questions
from oelab.query.athena import AthenaEngine
from tests.bundle.conftest import Bundle
from tests.waiting import eventually

_ACCOUNTS = itertools.count(100000000001)
TWICE = ({"WorkloadName": "Test"}, {"WorkloadName": "Prod", "SourceLocation": "198.51.100.0/24"})


class Launcher:
    """An account of one's own, and what a person without CDK does in it."""

    def __init__(self, aws: LocalAws, bundle: Bundle) -> None:
        self._aws = aws
        self._bundle = bundle
        self._account = str(next(_ACCOUNTS))

    def client(self, service: str) -> Any:
        return self._aws.client(service, account=self._account)

    def launch(self, stack: str, template: str, **parameters: str) -> None:
        """Create the stack with what the manifest says of its template, and wait for it."""
        self.start(stack, template, **parameters)
        self.client("cloudformation").get_waiter("stack_create_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )

    def start(self, stack: str, template: str, **parameters: str) -> None:
        """Begin to create the stack."""
        (entry,) = (each for each in self._bundle.entries if each["name"] == template)
        self.client("cloudformation").create_stack(
            StackName=stack,
            TemplateBody=self._bundle.text(template),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            Capabilities=entry["capabilities"],
            Tags=[{"Key": key, "Value": "me"} for key in entry["stack_tags"]],
        )

    def statuses(self) -> dict[str, str]:
        """The status of each stack, by its name."""
        answer = self.client("cloudformation").describe_stacks()
        return {stack["StackName"]: stack["StackStatus"] for stack in answer["Stacks"]}

    def instances(self) -> dict[str, dict[str, Any]]:
        answer = self.client("ec2").describe_instances()
        return {
            tags(instance)["Name"]: instance
            for reservation in answer["Reservations"]
            for instance in reservation["Instances"]
        }

    def inventoried(self) -> set[str]:
        answer = self.client("ssm").get_inventory(
            ResultAttributes=[{"TypeName": "AWS:Application"}]
        )
        return {each["Id"] for each in answer["Entities"] if "AWS:Application" in each["Data"]}


def tags(resource: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


@pytest.fixture(scope="module")
def launched(aws: LocalAws, bundle: Bundle) -> Launcher:
    """The lab as its guide has it: the workload's template launched twice."""
    launcher = Launcher(aws, bundle)
    launcher.client("ec2").create_key_pair(KeyName="lab")
    launches: dict[str, list[tuple[str, dict[str, str]]]] = {
        "foundation": [("Foundation", {"Owner": "me"})],
        "workload": [(each["WorkloadName"], {**each, "KeyName": "lab"}) for each in TWICE],
        "inventory": [("Inventory", {})],
        "fleet-data": [("FleetData", {"WorkgroupName": "Questions"})],
    }
    for entry in bundle.entries:
        for stack, parameters in launches[entry["name"]]:
            launcher.launch(stack, entry["name"], **parameters)
    return launcher


def test_all_nodes_become_managed_and_inventoried(launched: Launcher) -> None:
    instances = launched.instances()
    assert set(instances) == {
        f"{workload['WorkloadName']}-{server}"
        for workload in TWICE
        for server in ("Web1", "Web2", "App1", "App2")
    }
    wanted = {instance["InstanceId"] for instance in instances.values()}
    eventually(lambda: launched.inventoried() == wanted)
    nodes = launched.client("ssm").describe_instance_information()["InstanceInformationList"]
    assert {node["InstanceId"] for node in nodes if node["PingStatus"] == "Online"} == wanted


def test_the_inventory_can_be_queried(launched: Launcher) -> None:
    ids = {instance["InstanceId"] for instance in launched.instances().values()}
    question = questions()["nodes_without_package"]
    athena = AthenaEngine(
        launched.client("athena"), launched.client("s3"), "Questions", "oelab_inventory"
    )

    def found() -> set[Any]:
        return {row[2] for row in athena.run(question, ["no-such-package"]).rows}

    eventually(lambda: found() == ids)


def test_instances_carry_the_tags_of_the_lab(launched: Launcher) -> None:
    found = tags(launched.instances()["Prod-App2"])
    stack = launched.client("cloudformation").describe_stacks(StackName="Prod")["Stacks"][0]
    assert {key: value for key, value in found.items() if not key.startswith("aws:")} == {
        "Application": stack["StackId"],
        "SSMManaged": "True",
        "Confidentiality": "Public",
        "Environment": "OELabIPM",
        "InstanceRole": "AppServer",
        "Patch Group": "Critical",
        "Workload": "Prod",
        "Name": "Prod-App2",
        "Owner": "me",
    }


def test_the_source_location_opens_both_ports_and_a_blank_one_none(launched: Launcher) -> None:
    ec2 = launched.client("ec2")

    def ingress(node: str) -> set[tuple[int, str]]:
        group = launched.instances()[node]["SecurityGroups"][0]["GroupId"]
        answer = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        return {(p["FromPort"], p["IpRanges"][0]["CidrIp"]) for p in answer["IpPermissions"]}

    assert ingress("Prod-Web1") == {(22, "198.51.100.0/24"), (80, "198.51.100.0/24")}
    assert ingress("Test-Web1") == set()


def test_the_key_pair_and_the_profile_are_those_given(launched: Launcher) -> None:
    for instance in launched.instances().values():
        assert instance["KeyName"] == "lab"
        assert instance["IamInstanceProfile"]["Arn"].endswith("/ManagedInstancesRole")


def test_blanks_mean_none(aws: LocalAws, bundle: Bundle) -> None:
    launcher = Launcher(aws, bundle)
    launcher.launch("Bare", "workload", WorkloadName="Bare", InstanceProfile="")
    for instance in launcher.instances().values():
        assert not instance.get("IamInstanceProfile")
        assert not instance.get("KeyName")


def test_restricted_permissions_suffice_and_logs_reach_their_folder(
    aws: LocalAws, bundle: Bundle
) -> None:
    launcher = Launcher(aws, bundle)
    s3 = launcher.client("s3")
    s3.create_bucket(Bucket="logs-of-mine")
    launcher.launch("Foundation", "foundation", RoleName="Nodes", Permissions="Restricted")
    launcher.launch("Inventory", "inventory", RoleName="Nodes", LogBucket="logs-of-mine")
    launcher.launch("Test", "workload", WorkloadName="Test", InstanceProfile="Nodes")
    attached = launcher.client("iam").list_attached_role_policies(RoleName="Nodes")
    assert attached["AttachedPolicies"] == []
    wanted = {instance["InstanceId"] for instance in launcher.instances().values()}
    eventually(lambda: launcher.inventoried() == wanted)

    def writers() -> set[str]:
        objects = s3.list_objects_v2(Bucket="logs-of-mine", Prefix="inventory/")
        return {each["Key"].split("/")[1] for each in objects.get("Contents", [])}

    eventually(lambda: writers() == wanted)
