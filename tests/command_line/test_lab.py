"""The commands on a lab that is well, and the calls that they make."""

import json
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from localaws import LocalAws
from oelab.review.read import clients
from oelab.systems_manager import permissions
from tests.command_line.conftest import Cli, Lab, deploy, point_at
from tests.synthesis import Template
from tests.waiting import eventually


def document(cli: Cli, *arguments: str, code: int = 0) -> Any:
    result = cli(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_status_of_one_node_adds_what_it_reports_itself(here: Lab, cli: Cli) -> None:
    by_name = document(cli, "status", "Test-Web1")
    assert by_name == document(cli, "status", here.instances()["Test-Web1"])
    assert [each["status"] for each in by_name["associations"]] == ["Success"]
    assert "Amazon Linux 2023" in cli("status", "Test-Web1").stdout


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", ["status", "compliance", "inventory"])
def test_a_node_that_is_not_there_is_bad_input(cli: Cli, command: str) -> None:
    result = cli(command, "Test-Web9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'Test-Web9'" in result.stderr


@pytest.mark.usefixtures("here")
def test_quiet_leaves_the_data(cli: Cli) -> None:
    result = cli("wait", "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert cli("status", "--quiet").stdout == cli("status").stdout


@pytest.mark.usefixtures("here", "terminal")
def test_a_table_fits_a_terminal_and_grows_with_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = cli("status").stdout
    assert max(map(len, narrow.splitlines())) <= 80
    assert "Platform" in narrow.partition("left out for want of room: ")[2]
    monkeypatch.setenv("COLUMNS", "180")
    wide = cli("status").stdout
    assert "Amazon Linux 2023" in wide
    assert "left out" not in wide


@pytest.mark.usefixtures("here")
def test_a_program_gets_every_column_and_no_folds(cli: Cli) -> None:
    head, _, *rows, end = cli("inventory", "--type", "AWS:Network").stdout.splitlines()
    assert {"MacAddress", "IPV4", "IPV6"} < {*head.split()}
    assert len(rows) == 8
    assert {len(row.split()) for row in rows} == {len(head.split())}
    assert end == ""


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("search", [["--type", "AWS:Network"], ["--package", "openssl*"]])
def test_inventory_is_in_the_order_of_the_nodes_names(cli: Cli, search: list[str]) -> None:
    entries = document(cli, "inventory", *search)["entries"]
    order = [
        (x["name"], x["node_id"], x["attributes"]["Name"], x["attributes"].get("Version"))
        for x in entries
    ]
    assert order == sorted(order)


@pytest.mark.usefixtures("here")
def test_inventory_searches_the_fleet(cli: Cli) -> None:
    found = document(cli, "inventory", "--package", "openssl", "--version", "<3.0.14")
    assert len(found["entries"]) == 8
    none = cli("inventory", "--package", "openssl", "--version", ">=3.0.14", "--fail-if-found")
    assert (none.exit_code, none.stdout) == (0, "")
    unknown = document(cli, "inventory", "--package", "a*", "--version", "1.newest")
    assert [each["rule"] for each in unknown["findings"]] == []
    found = document(cli, "inventory", "--package", "openssl*", "--fail-if-found", code=1)
    assert [each["rule"] for each in found["findings"]] == ["package-found"]


@pytest.mark.usefixtures("here")
def test_inventory_of_one_node_is_complete(cli: Cli) -> None:
    entries = document(cli, "inventory", "Test-Web1")["entries"]
    assert len(entries) > 50, "more than one page"
    assert len({each["attributes"]["Name"] for each in entries}) == len(entries)


@pytest.mark.usefixtures("here")
def test_a_type_that_is_not_there_is_bad_input(cli: Cli) -> None:
    result = cli("inventory", "--type", "AWS:Networks")
    assert result.exit_code == 2
    assert "there is no inventory type 'AWS:Networks'; known are: AWS:" in result.stderr


@pytest.mark.usefixtures("here")
def test_associations_report_targets_schedule_and_outcomes(cli: Cli) -> None:
    found = document(cli, "associations")
    (association,) = found["associations"]
    assert association["targets"] == {"tag:Environment": ["OELabIPM"]}
    assert association["next_run_computed"] > association["last_execution_date"]
    # The newest run may be only of the nodes that came online last.
    assert {each["status"] for each in found["outcomes"]} == {"Success"}
    assert len(found["outcomes"]) == association["node_count"] == 8
    assert len(found["executions"]) == 1


@pytest.mark.usefixtures("here")
def test_compare_finds_the_packages_that_differ(cli: Cli) -> None:
    found = document(cli, "compare", "Test", "Prod", code=1)
    assert found["nodes"] == {"Test": 4, "Prod": 4}
    names = {each["package"] for each in found["differences"]}
    assert "openssl" in names
    assert "bash" not in names
    assert [each["rule"] for each in found["findings"]] == ["packages-differ"]


def test_the_reviewer_may_call_what_the_review_calls_and_hardly_more(
    deployed: Lab, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.aws.silence_agent(deployed.instances()["Test-Web1"], account=deployed.account)
    ec2 = deployed.client("ec2")
    (link,) = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [deployed.instances()["Test-Web2"]]}]
    )["IamInstanceProfileAssociations"]
    ec2.disassociate_iam_instance_profile(AssociationId=link["AssociationId"])
    eventually(lambda: "connection-lost" in cli("status").stdout)
    called: set[str] = set()
    original = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def recorded(self: Any, operation: str, request: Any) -> Any:
        called.add(f"{self.meta.service_model.signing_name}:{operation}")
        return original(self, operation, request)

    deployed.client("s3").create_bucket(Bucket="data-of-the-fleet")
    Path("data.toml").write_text('[fleet_data]\nbucket = "data-of-the-fleet"\n')
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", recorded)
    Path("group.toml").write_text('[[inventory.associations]]\ntargets.resource_group = "Fleet"\n')
    Path("with-data.toml").write_text("[fleet_data]\nenabled = true\n")
    for command in (
        ["preflight", "--settings", "with-data.toml"],
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
        ["sync", "status", "--settings", "data.toml"],
        ["status", "--settings", "group.toml"],
    ):
        result = cli(*command)
        assert result.exit_code in (0, 1), (command, result.output)
    allowed = {*permissions.OF_PEOPLE["reviewer"], *permissions.OF_PEOPLE["reviewer_parameters"]}
    # The policy of OELabFleetData lets people read its bucket. ListGroupResources needs
    # tag:GetResources in addition, and to describe all stacks ListStacks.
    needed = {"cloudformation:ListStacks", "tag:GetResources"}
    assert called - {"s3:ListObjectsV2"} == allowed - needed


# ---------------------------------------------------------------------------------------------
# Wait
# ---------------------------------------------------------------------------------------------


def test_wait_reports_each_change_until_all_is_there(
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
    assert lines.count("Test-Web1 is managed and inventoried") == 1
    assert lines[-1] == "all 8 expected nodes are managed and inventoried"


@pytest.mark.usefixtures("here")
def test_wait_gives_up_with_reasons(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "oelab.toml").write_text(
        '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\nweb_instances = 3\n'
    )
    result = cli("wait", "--timeout", "0")
    assert result.exit_code == 1
    assert "Test-Web3 is not launched: no instance in us-east-1" in result.stderr
    assert document(cli, "wait", "--timeout", "0", code=1)["totals"]["not-launched"] == 1


@pytest.mark.usefixtures("here")
def test_wait_survives_a_lost_connection(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint is not there at first; the sleep between two looks brings it."""
    hasty = clients.CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
    monkeypatch.setattr(clients, "CONFIG", hasty)
    lost = {"left": 6}
    original = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def unreliable(self: Any, operation: str, request: Any) -> Any:
        if lost["left"] and operation != "GetCallerIdentity":
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
