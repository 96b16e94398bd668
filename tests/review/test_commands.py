"""The commands on a local AWS with two labs' worth of stories, and the calls that they make."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from localaws import LocalAws
from oelab.review.read import access
from oelab.systems_manager import permissions
from tests.review.conftest import Cli, Lab, deploy, point_at
from tests.synthesis import Template
from tests.waiting import eventually

ANYBODY = "another stack, here or in another Region, or someone by console or API"
EVERYTHING = [{"Key": "InstanceIds", "Values": ["*"]}]


def document(cli: Cli, *arguments: str, code: int = 0) -> Any:
    result = cli(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


# ---------------------------------------------------------------------------------------------
# Looking at a lab that is well
# ---------------------------------------------------------------------------------------------


def test_status_of_one_node_adds_its_own_account(here: Lab, cli: Cli) -> None:
    by_name = document(cli, "status", "Test-Web1")
    by_id = document(cli, "status", here.instances()["Test-Web1"])
    assert by_name == by_id
    assert by_name["schema"] == "oelab.status/1"
    (node,) = by_name["nodes"]
    assert [each["status"] for each in node["associations"]] == ["Success"]


@pytest.mark.usefixtures("here")
def test_status_of_nobody_names_somebody(cli: Cli) -> None:
    result = cli("status", "Test-Web9")
    assert result.exit_code == 2
    assert "no expected node is called 'Test-Web9'; expected are: Prod-App1" in result.stderr


@pytest.mark.usefixtures("here")
def test_quiet_leaves_the_data(cli: Cli) -> None:
    result = cli("wait", "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert cli("status", "--quiet").stdout == cli("status").stdout


@pytest.mark.usefixtures("here", "terminal")
def test_tables_fit_and_grow(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = cli("status").stdout
    assert max(map(len, narrow.splitlines())) <= 80
    assert "Platform" in narrow.partition("left out for want of room: ")[2]
    monkeypatch.setenv("COLUMNS", "160")
    wide = cli("status").stdout
    assert "Amazon Linux 2023" in wide
    assert "left out" not in wide


@pytest.mark.usefixtures("here")
def test_what_is_piped_has_every_column_and_no_folds(cli: Cli) -> None:
    whole = cli("status").stdout
    assert "Amazon Linux 2023" in whole
    assert [line for line in whole.splitlines() if line != line.rstrip()] == []
    head, _, *rows = cli("inventory", "--type", "AWS:Network").stdout.splitlines()
    assert {"MacAddress", "IPV4", "IPV6"} < set(head.split())
    assert len(rows) == 8
    assert {len(row.split()) for row in rows} == {len(head.split())}
    versions = cli("inventory", "Prod-Web1").stdout.splitlines()
    assert all(line.startswith("Prod-Web1") for line in versions[2:])
    assert "\x1b[" not in "".join(versions)


@pytest.mark.usefixtures("here", "terminal")
def test_versions_stay_whole_on_a_terminal(cli: Cli) -> None:
    *rows, note, rest = cli("inventory", "Prod-Web1").stdout.splitlines()
    assert all(line.startswith("Prod-Web1") for line in rows[2:])
    assert f"{note} {rest.strip()}".endswith("--csv has all")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("search", [["--type", "AWS:Network"], ["--package", "openssl*"]])
def test_inventory_is_in_the_order_of_the_nodes_names(cli: Cli, search: list[str]) -> None:
    entries = document(cli, "inventory", *search)["entries"]
    order = [
        (each["name"], each["id"], each["attributes"]["Name"], each["attributes"].get("Version"))
        for each in entries
    ]
    assert order == sorted(order)
    lines = cli("inventory", *search).stdout.splitlines()[2:]
    assert [line.split()[0] for line in lines] == [name for name, *_ in order]


@pytest.mark.usefixtures("here")
def test_associations_tell_targets_schedule_and_outcomes(cli: Cli) -> None:
    (association,) = document(cli, "associations")["associations"]
    assert association["targets"] == [{"key": "tag:Environment", "values": ["OELabIPM"]}]
    assert association["next_run_computed"] > association["last_run"]
    # The newest run may be of the nodes alone that came online last.
    assert {node["status"] for node in association["nodes"]} == {"Success"}
    assert len(association["nodes"]) == 8
    assert len(association["runs"]) == 1


@pytest.mark.usefixtures("here")
def test_inventory_searches_the_fleet(cli: Cli) -> None:
    found = document(cli, "inventory", "--package", "openssl", "--version", "<3.0.14")
    assert len(found["entries"]) == 8
    none = cli("inventory", "--package", "openssl", "--version", ">=3.0.14", "--fail-if-found")
    assert (none.exit_code, none.stdout) == (0, "")
    some = cli("inventory", "--package", "openssl*", "--fail-if-found")
    assert some.exit_code == 1


@pytest.mark.usefixtures("here")
def test_inventory_of_one_node_is_complete(cli: Cli) -> None:
    entries = document(cli, "inventory", "Test-Web1")["entries"]
    assert len(entries) > 50, "more than one page"
    assert len({each["attributes"]["Name"] for each in entries}) == len(entries)


@pytest.mark.usefixtures("here")
def test_inventory_as_csv(cli: Cli) -> None:
    result = cli("inventory", "--package", "openssl", "--csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 8
    assert {(row["Name"], row["Epoch"]) for row in rows} == {("openssl", "1")}


@pytest.mark.usefixtures("here")
def test_csv_has_the_columns_of_the_types_schema(cli: Cli) -> None:
    header = cli("inventory", "--type", "AWS:Network", "--csv").stdout.splitlines()[0].split(",")
    schema = ["Name", "SubnetMask", "Gateway", "DHCPServer", "DNSServer", "MacAddress"]
    assert header == ["place", "node", "id", "captured", *schema, "IPV4", "IPV6"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a node, or search with --package"),
        (["--version", "<3"], "--version needs --package"),
        (["--package", "a", "--type", "AWS:Network"], "leave --type out"),
        (["--package", "a", "--version", "1.newest"], None),
        (["--package", "a", "--version", "~>3"], "is no comparison of versions"),
        (["--package", "a", "--version", "<abc"], "--version '<abc' compares with 'abc', and a"),
        (["--package", "a", "--version", ""], "--version must not be empty; write it like"),
        (["--version", ""], "--version needs --package"),
        (["--package", " "], "--package must not be empty"),
        (["--package", "a", "--type", ""], "--type must not be empty"),
        (["", "--package", "a"], "NODE must not be empty"),
        (["--package", "a", "--csv", "--json"], "exclude each other"),
        (["--type", "AWS:Networks"], "there is no inventory type 'AWS:Networks'; known are: AWS:"),
        (["Test-Web9"], "no node has the id or name 'Test-Web9'"),
    ],
)
def test_a_search_that_makes_no_sense(cli: Cli, arguments: list[str], says: str | None) -> None:
    result = cli("inventory", *arguments)
    assert result.exit_code == (2 if says else 0)
    assert not (says and result.stdout)
    assert (says or "") in result.stderr


@pytest.mark.usefixtures("here")
def test_compare_finds_the_drift(cli: Cli) -> None:
    found = document(cli, "compare", "Test", "Prod", code=1)
    assert found["nodes"] == {"Test": 4, "Prod": 4}
    names = {each["package"] for each in found["differences"]}
    assert "openssl" in names
    assert "bash" not in names


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("other", ["Test", "Staging"])
def test_compare_needs_two_workloads(cli: Cli, other: str) -> None:
    assert cli("compare", "Test", other).exit_code == 2


# ---------------------------------------------------------------------------------------------
# Preflight
# ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
def test_what_is_deployed_by_the_stacks_is_no_clash(cli: Cli) -> None:
    assert document(cli, "preflight")["findings"] == []


def test_an_empty_account_is_ready(
    local_aws: LocalAws, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(local_aws, "200000000001", monkeypatch)
    result = cli("preflight")
    assert result.exit_code == 0, result.output
    assert "nothing stands in the way" in result.stderr


@pytest.fixture
def crowded(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account in which everything is there already, made by others."""
    account = "200000000002"
    point_at(local_aws, account, monkeypatch)
    iam = local_aws.client("iam", account=account)
    iam.create_role(RoleName="ManagedInstancesRole", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="ManagedInstancesRole")
    ec2 = local_aws.client("ec2", account=account)
    for number in range(5):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    ssm = local_aws.client("ssm", account=account)
    lab_tag = [{"Key": "tag:Environment", "Values": ["OELabIPM"]}]
    for name, document_name, targets in (
        ("Inventory-Association", "AWS-GatherSoftwareInventory", lab_tag),
        ("InspectorInventoryCollection-do-not-delete", "AWS-GatherSoftwareInventory", EVERYTHING),
        (
            "AWS-QuickSetup-SSM-CollectInventory-abcde",
            "AWS-GatherSoftwareInventory",
            [{"Key": "tag:Workload", "Values": ["Prod"]}],
        ),
        (
            "Elsewhere",
            "AWS-GatherSoftwareInventory",
            [{"Key": "tag:Environment", "Values": ["another"]}],
        ),
    ):
        ssm.create_association(AssociationName=name, Name=document_name, Targets=targets)
    ssm.update_service_setting(
        SettingId="/ssm/managed-instance/default-ec2-instance-management-role",
        SettingValue="service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole",
    )
    return account


@pytest.mark.usefixtures("crowded")
def test_preflight_names_what_is_in_the_way_and_whose_it_is(cli: Cli) -> None:
    result = cli("preflight", "--json")
    assert result.exit_code == 1, result.output
    findings = json.loads(result.stdout)["findings"]
    found = {(each["topic"], each["effect"], each["owner"]) for each in findings}
    assert found == {
        ("role", "fails", ANYBODY),
        ("instance profile", "fails", ANYBODY),
        ("association", "differs", "the console's Setup Inventory"),
        ("association", "differs", "Quick Setup"),
        ("association", "note", "Amazon Inspector"),
        ("VPC quota", "note", "account 200000000002"),
        ("host management", "note", "default host management of the account"),
    }
    assert "Elsewhere" not in result.stdout
    assert "the documented default, as the quota itself could not be read" in result.stdout


@pytest.mark.usefixtures("here")
def test_preflight_sees_an_image_that_has_moved_on(cli: Cli, tmp_path: Path) -> None:
    # The parameters of the local AWS never move, so the settings do.
    settings = tmp_path / "moved.toml"
    settings.write_text('image = "ami-0123456789abcdef0"\n')
    findings = document(cli, "preflight", "--settings", str(settings), code=1)["findings"]
    effects = {each["owner"]: each["effect"] for each in findings if each["topic"] == "image"}
    assert effects == {
        "CloudFormation stack OELabStack1": "note",
        "CloudFormation stack OELabStack2": "differs",
    }


@pytest.mark.usefixtures("here")
def test_preflight_of_another_account_and_region(cli: Cli, tmp_path: Path) -> None:
    settings = 'account = "123456789012"\nregion = "eu-west-1"\n'
    (tmp_path / "elsewhere.toml").write_text(settings)
    options = ["--settings", str(tmp_path / "elsewhere.toml"), "--region", "us-east-1"]
    findings = document(cli, "preflight", *options, code=1)["findings"]
    assert [(each["topic"], each["effect"]) for each in findings] == [
        ("account", "fails"),
        ("Region", "note"),
    ]


def test_a_region_without_systems_manager_is_asked_nothing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    findings = document(cli, "preflight", "--region", "us-west-9", code=1)["findings"]
    assert [(each["topic"], each["effect"]) for each in findings] == [("Region", "fails")]


# ---------------------------------------------------------------------------------------------
# The calls
# ---------------------------------------------------------------------------------------------


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The IAM actions of the calls that are made."""
    actions: set[str] = set()
    original = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def recorded(self: Any, operation: str, request: Any) -> Any:
        actions.add(f"{self.meta.service_model.signing_name}:{operation}")
        return original(self, operation, request)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", recorded)
    return actions


def test_the_reviewer_may_call_what_the_review_calls_and_nothing_else(
    deployed: Lab, cli: Cli, called: set[str]
) -> None:
    deployed.aws.silence_agent(deployed.instances()["Test-Web1"], account=deployed.account)
    ec2 = deployed.client("ec2")
    (link,) = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [deployed.instances()["Test-Web2"]]}]
    )["IamInstanceProfileAssociations"]
    ec2.disassociate_iam_instance_profile(AssociationId=link["AssociationId"])
    eventually(lambda: "connection-lost" in cli("status").stdout)
    called.clear()
    for command in (
        ["preflight"],
        ["wait", "--timeout", "0"],
        ["status"],
        ["status", "Prod-Web1"],
        ["associations"],
        ["inventory", "Prod-Web1"],
        ["inventory", "--type", "AWS:Network"],
        ["inventory", "--package", "bash"],
        ["compliance"],
        ["compliance", "Prod-Web1"],
        ["compare", "Test", "Prod"],
        ["image", "pin"],
    ):
        result = cli(*command)
        assert result.exit_code in (0, 1), (command, result.output)
    assert called == {*permissions.REVIEWER, *permissions.REVIEWER_PARAMETERS}


# ---------------------------------------------------------------------------------------------
# Wait
# ---------------------------------------------------------------------------------------------


def test_wait_tells_each_change_until_all_is_there(
    local_aws: LocalAws,
    lab: dict[str, Template],
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = "200000000003"
    deploy(local_aws, account, lab)
    point_at(local_aws, account, monkeypatch)
    result = cli("wait", "--every", "1", "--timeout", "60")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines.count("Test-Web1: managed and inventoried") == 1
    assert lines[-1] == "all 8 expected nodes are managed and inventoried"


@pytest.mark.usefixtures("here")
def test_wait_gives_up_with_reasons(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text(
        '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\nweb_instances = 3\n'
    )
    result = cli("wait", "--timeout", "0", "--settings", str(tmp_path / "more.toml"))
    assert result.exit_code == 1
    assert "Test-Web3: not-launched: no instance in us-east-1 has the tags" in result.stderr


@pytest.mark.usefixtures("here")
def test_wait_survives_a_lost_connection(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint is not there at first; the sleep between two looks brings it."""
    hasty = access.CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
    monkeypatch.setattr(access, "CONFIG", hasty)
    lost = {"left": 6}
    original = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def unreliable(self: Any, operation: str, request: Any) -> Any:
        if lost["left"]:
            lost["left"] -= 1
            raise EndpointConnectionError(endpoint_url="https://ssm.us-east-1.amazonaws.com")
        return original(self, operation, request)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", unreliable)
    result = cli("wait", "--every", "1", "--timeout", "30")
    assert result.exit_code == 0, result.output
    lines = result.stderr.splitlines()
    assert lines[1].startswith("AWS could not be read, trying again: AWS could not be reached")
    assert "AWS can be read again" in lines
    assert lines[-1] == "all 8 expected nodes are managed and inventoried"
