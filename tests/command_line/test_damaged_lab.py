"""Each cause, made to happen on a local AWS, and named by `status`."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localaws import LocalAws
from tests.command_line.conftest import Cli, Lab, new_lab, point_at
from tests.synthesis import Template
from tests.waiting import eventually

LAB_TAG = [{"Key": "tag:Environment", "Values": ["OELabIPM"]}]
EVERYTHING = [{"Key": "InstanceIds", "Values": ["*"]}]


def status(cli: Cli) -> dict[str, dict[str, Any]]:
    """The nodes by name, with their findings."""
    document = json.loads(cli("status", "--json").stdout)
    return {
        node["name"]: node
        | {"findings": [x for x in document["findings"] if x["subject"] == node["name"]]}
        for node in document["nodes"]
    }


def rules(node: dict[str, Any]) -> list[str]:
    return [finding["rule"] for finding in node["findings"]]


def verdicts(cli: Cli) -> set[str]:
    return {node["verdict"] for node in status(cli).values()}


# ---------------------------------------------------------------------------------------------
# One lab, and something else wrong with each of its instances
# ---------------------------------------------------------------------------------------------


def stop(lab: Lab, instance_id: str) -> None:
    lab.client("ec2").stop_instances(InstanceIds=[instance_id])


def terminate(lab: Lab, instance_id: str) -> None:
    lab.client("ec2").terminate_instances(InstanceIds=[instance_id])


def detach_profile(lab: Lab, instance_id: str) -> None:
    ec2 = lab.client("ec2")
    (link,) = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [instance_id]}]
    )["IamInstanceProfileAssociations"]
    ec2.disassociate_iam_instance_profile(AssociationId=link["AssociationId"])


def close_egress(lab: Lab, instance_id: str) -> None:
    """Of the workload's group; its other instances have worse troubles."""
    ec2 = lab.client("ec2")
    (reservation,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    (reference,) = reservation["Instances"][0]["SecurityGroups"]
    (group,) = ec2.describe_security_groups(GroupIds=[reference["GroupId"]])["SecurityGroups"]
    ec2.revoke_security_group_egress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"]
    )


def silence(lab: Lab, instance_id: str) -> None:
    lab.aws.silence_agent(instance_id, account=lab.account)


def age_agent(lab: Lab, instance_id: str) -> None:
    lab.aws.set_agent_version(instance_id, "2.0.700.0", account=lab.account)


def age_inventory(lab: Lab, instance_id: str) -> None:
    captured = datetime.now(UTC) - timedelta(hours=3)
    lab.client("ssm").put_inventory(
        InstanceId=instance_id,
        Items=[
            {
                "TypeName": "AWS:Application",
                "SchemaVersion": "1.1",
                "CaptureTime": captured.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "Content": [{"Name": "bash", "Version": "5.2.15"}],
            }
        ],
    )


def put_non_compliant(lab: Lab, instance_id: str) -> None:
    lab.client("ssm").put_compliance_items(
        ResourceId=instance_id,
        ResourceType="ManagedInstance",
        ComplianceType="Custom:Backup",
        ExecutionSummary={"ExecutionTime": datetime.now(UTC)},
        Items=[{"Id": "1", "Title": "no backup", "Severity": "HIGH", "Status": "NON_COMPLIANT"}],
    )


# The worst first, as `status` lists them.
DAMAGE: dict[str, tuple[str, Callable[[Lab, str], None]]] = {
    "Test-App2": ("not-launched", terminate),
    "Test-Web1": ("stopped", stop),
    "Test-Web2": ("no-profile", detach_profile),
    "Test-App1": ("no-way-out", close_egress),
    "Prod-Web1": ("connection-lost", silence),
    "Prod-Web2": ("agent-too-old", age_agent),
    "Prod-App1": ("inventory-stale", age_inventory),
    "Prod-App2": ("non-compliant-custom", put_non_compliant),
}


@pytest.fixture(scope="module")
def damaged(local_aws: LocalAws, lab: dict[str, Template]) -> tuple[Lab, dict[str, str]]:
    found = new_lab(local_aws, lab)
    ids = found.instances()
    for name, (_, damage) in DAMAGE.items():
        damage(found, ids[name])
    ssm = found.client("ssm")

    def silent() -> int:
        listed = ssm.describe_instance_information()["InstanceInformationList"]
        return sum(each["PingStatus"] == "ConnectionLost" for each in listed)

    eventually(lambda: silent() == 3)
    return found, ids


@pytest.fixture
def ids(damaged: tuple[Lab, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The ids of the damaged instances, which the commands of the test talk about."""
    found, ids = damaged
    point_at(found.aws, found.account, monkeypatch)
    return ids


@pytest.mark.usefixtures("ids")
def test_status_names_what_is_wrong_with_each_node(cli: Cli) -> None:
    assert {name: rules(node) for name, node in status(cli).items()} == {
        name: [rule] for name, (rule, _) in DAMAGE.items()
    }


@pytest.mark.usefixtures("terminal")
def test_status_shows_the_worst_first_with_remedies(cli: Cli, ids: dict[str, str]) -> None:
    result = cli("status")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line.split()[0] for line in lines if line.startswith(("Test-", "Prod-"))]
    assert rows == [*DAMAGE]
    assert f"its instance {ids['Test-App2']}" in " ".join(result.stdout.split())
    assert result.stdout.count("Remedy:") == len(DAMAGE)


def test_a_terminated_node_counts_in_no_association(cli: Cli, ids: dict[str, str]) -> None:
    document = json.loads(cli("associations", "--json").stdout)
    listed = {outcome["node_id"] for outcome in document["outcomes"]}
    assert listed == {*ids.values()} - {ids["Test-App2"]}


@pytest.mark.usefixtures("ids")
def test_compliance_names_the_node_and_its_item(cli: Cli) -> None:
    result = cli("compliance", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    (found,) = document["findings"]
    assert (found["rule"], found["subject"]) == ("non-compliant-custom", "Prod-App2")
    counts = {x["compliance_type"]: x["non_compliant"] for x in document["types"]}
    assert counts == {"Association": 0, "Custom:Backup": 1}
    (item,) = [
        item
        for item in json.loads(cli("compliance", "Prod-App2", "--json").stdout)["items"]
        if item["status"] == "NON_COMPLIANT"
    ]
    assert (item["title"], item["severity"]) == ("no backup", "HIGH")


# ---------------------------------------------------------------------------------------------
# A lab each
# ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
def test_a_fresh_lab_is_well(cli: Cli) -> None:
    result = cli("status")
    assert result.exit_code == 0, result.output
    assert "8 expected nodes: 8 ok" in result.stdout


def test_associations_that_conflict_or_are_gone(deployed: Lab, cli: Cli) -> None:
    second = deployed.associate("Second", LAB_TAG)
    eventually(lambda: verdicts(cli) == {"association-conflict"})
    reasons = {x["reason"] for node in status(cli).values() for x in node["findings"]}
    assert any("InventoryAllInstances and Second" in reason for reason in reasons)
    deployed.client("ssm").delete_association(AssociationId=second)
    deployed.client("cloudformation").delete_stack(StackName="OELabInventory")
    eventually(lambda: verdicts(cli) == {"no-association"})


def test_an_association_for_all_nodes_next_to_ours_is_skipped_and_noted(
    here: Lab, cli: Cli
) -> None:
    with here.associated("Everything", EVERYTHING):
        eventually(lambda: "Skipped" in cli("associations", "--json").stdout)
        eventually(lambda: verdicts(cli) == {"ok"})
        assert {tuple(rules(node)) for node in status(cli).values()} == {("association-skipped",)}
        assert cli("status").exit_code == 0


def test_quick_setup_overrides_ours_and_a_role_may_lose_its_permission(
    deployed: Lab, cli: Cli
) -> None:
    deployed.associate("AWS-QuickSetup-SSM-CollectInventory-abcde", EVERYTHING)
    eventually(lambda: "OverriddenByExplicit" in cli("status", "--json").stdout)
    node = status(cli)["Test-Web1"]
    assert rules(node)[0] == "association-overridden"
    assert "AWS-QuickSetup-SSM-CollectInventory-abcde prevails" in node["findings"][0]["reason"]
    deployed.client("iam").detach_role_policy(
        RoleName="ManagedInstancesRole",
        PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    )
    eventually(lambda: verdicts(cli) == {"no-permission"})


def test_an_association_that_reaches_no_node_has_no_targets(here: Lab, cli: Cli) -> None:
    def found() -> dict[str, str]:
        result = cli("associations", "--json")
        assert result.exit_code == 1
        listed = json.loads(result.stdout)["associations"]
        return {each["association_name"]: each["verdict"] for each in listed}

    with here.associated("Nothing", [{"Key": "tag:Environment", "Values": ["nowhere"]}]):
        eventually(lambda: found() == {"InventoryAllInstances": "ok", "Nothing": "no-targets"})
