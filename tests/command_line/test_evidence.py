"""Nothing is reported as well without evidence: each conclusion that was once wrong."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line.account import (
    ACCOUNT,
    NOW,
    OF_WINDOWS,
    Account,
    Machine,
    instance_profile,
    machines,
    refusal,
    used,
)
from tests.command_line.conftest import Cli

Ask = Callable[..., Any]
TWO = (
    '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
    "web_instances = 2\napp_instances = 0\n"
)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Two instances of the only workload, all well."""
    Path("oelab.toml").write_text(TWO)
    with used(Account(machines()), monkeypatch) as account:
        yield account


@pytest.fixture
def ask(cli: Cli) -> Ask:
    """The exit code and the rules that were found, of each command."""

    def run(*arguments: str) -> tuple[int, dict[str, list[str]]]:
        result = cli(*arguments, "--json")
        assert "Traceback" not in result.output, result.output
        document = json.loads(result.stdout)
        found: dict[str, list[str]] = {}
        for each in document["findings"]:
            found.setdefault(each["rule"], []).append(each["subject"])
        return result.exit_code, found

    return run


GATE = ["inventory", "--package", "log4j*", "--fail-if-found"]
GROUP = "resource-groups:Name"


def in_group(account: Account, *members: str) -> None:
    """The nodes are those of the resource group Fleet, in the settings and as deployed."""
    targets = '[[inventory.associations]]\ntargets.resource_group = "Fleet"\n'
    Path("oelab.toml").write_text(TWO + targets)
    account.targets = [{"Key": GROUP, "Values": ["Fleet"]}]
    account.groups = {"Fleet": [*members]}


# ---------------------------------------------------------------------------------------------
# Inventory that is not there is no evidence
# ---------------------------------------------------------------------------------------------


def test_a_gate_does_not_pass_where_one_node_has_no_inventory(account: Account, ask: Ask) -> None:
    assert ask(*GATE) == (0, {})
    account.machines[1].missing = ("AWS:Application",)
    assert ask(*GATE) == (1, {"inventory-missing": ["Test-Web2"]})
    assert ask("inventory", "--package", "bash") == (1, {"inventory-missing": ["Test-Web2"]})
    assert ask("inventory", "Test-Web2", "--package", "log4j") == (
        1,
        {"inventory-missing": ["Test-Web2"]},
    )


def test_a_gate_does_not_pass_where_no_node_has_inventory(account: Account, ask: Ask) -> None:
    for each in account.machines:
        each.missing = ("AWS:Application",)
    assert ask(*GATE) == (1, {"inventory-missing": ["Test-Web1", "Test-Web2"]})
    # An instance that has never registered may have the package too.
    account.machines[0].is_managed = False
    assert ask(*GATE) == (1, {"inventory-missing": ["Test-Web1", "Test-Web2"]})


def test_a_gate_does_not_pass_where_there_is_no_node(account: Account, ask: Ask) -> None:
    account.machines = []
    assert ask(*GATE) == (1, {"inventory-without-nodes": ["us-east-1"]})
    for name in ("AWS:Network", "AWS:WindowsUpdate", "AWS:File", "Custom:Rack"):
        assert ask("inventory", "--type", name)[0] == 1, name


def test_a_gate_needs_evidence_of_a_type_that_may_be_empty(account: Account, ask: Ask) -> None:
    account.parameters["awsComponents"] = ["Enabled"]
    nodes = {"inventory-missing": ["Test-Web1", "Test-Web2"]}
    assert ask("inventory", "--type", "AWS:AWSComponent") == (0, nodes)
    assert ask("inventory", "--type", "AWS:AWSComponent", "--fail-if-found") == (1, nodes)
    windows_only = ("inventory", "--type", "AWS:Service")
    assert ask(*windows_only) == (0, {"inventory-without-nodes": ["us-east-1"]})
    assert ask(*windows_only, "--fail-if-found")[0] == 1


def test_a_gate_does_not_pass_where_inventory_is_empty(account: Account, ask: Ask) -> None:
    account.machines[0].packages = []
    assert ask(*GATE) == (1, {"inventory-missing": ["Test-Web1"]})


def test_a_gate_that_could_not_be_read_is_unread(account: Account, ask: Ask) -> None:
    account.answers["GetInventory"] = refusal("AccessDeniedException")
    assert ask(*GATE) == (3, {})


def test_csv_names_the_nodes_without_inventory_too(account: Account, cli: Cli) -> None:
    account.machines[1].missing = ("AWS:Application",)
    result = cli("inventory", "--package", "bash", "--csv")
    assert result.exit_code == 1
    assert "Test-Web2 has no inventory of AWS:Application" in result.stderr


def test_a_type_is_expected_where_platform_and_association_collect_it(
    account: Account, ask: Ask
) -> None:
    others = machines(1, "Other", is_targeted=False, missing=OF_WINDOWS)
    windows = Machine(id="i-windows", name="Windows", workload="", platform="Windows")
    account.machines += [*others, windows]
    assert ask(*GATE) == (0, {})
    assert ask("inventory", "--type", "AWS:Service") == (0, {})
    windows.missing = ("AWS:Service",)
    assert ask("inventory", "--type", "AWS:Service") == (1, {"inventory-missing": ["Windows"]})


def test_of_a_node_that_is_asked_for_it_is_said_that_nothing_collects_the_type(
    account: Account, cli: Cli
) -> None:
    result = cli("inventory", "Test-Web1", "--type", "AWS:Service", "--json")
    (found,) = json.loads(result.stdout)["findings"]
    assert (result.exit_code, found["rule"], found["subject"]) == (
        1,
        "inventory-missing",
        "Test-Web1",
    )
    assert "PutInventory" not in found["remedy"]
    account.machines[0].missing = ("AWS:Network",)
    result = cli("inventory", "Test-Web1", "--type", "AWS:Network", "--json")
    (found,) = json.loads(result.stdout)["findings"]
    assert "PutInventory" in found["remedy"]


def test_an_association_of_others_brings_its_nodes_into_scope(account: Account, ask: Ask) -> None:
    account.machines += machines(1, "Other", is_targeted=False, missing=OF_WINDOWS)
    account.targets = [{"Key": "InstanceIds", "Values": ["*"]}]
    assert ask(*GATE) == (1, {"inventory-missing": ["Other-Web1"]})
    account.parameters = {"applications": ["Disabled"]}
    assert ask(*GATE) == (0, {})


def test_compare_needs_the_inventory_of_every_node(account: Account, ask: Ask) -> None:
    Path("oelab.toml").write_text(TWO + TWO.replace("Test", "Prod").replace("Stack1", "Stack2"))
    account.machines = [*machines(), *machines(2, "Prod")]
    assert ask("compare", "Test", "Prod") == (0, {})
    account.machines[3].missing = ("AWS:Application",)
    assert ask("compare", "Test", "Prod") == (1, {"inventory-missing": ["Prod-Web2"]})


# ---------------------------------------------------------------------------------------------
# Resource groups, hybrid nodes, and who is expected
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["status"], ["wait", "--timeout", "0"]])
def test_the_nodes_of_a_resource_group_are_to_have_inventory(
    account: Account, ask: Ask, command: list[str]
) -> None:
    for each in account.machines:
        each.is_targeted = False
    in_group(account, *(each.id for each in account.machines))
    account.machines[0].missing = OF_WINDOWS
    code, found = ask(*command)
    assert (code, found["inventory-missing"]) == (1, ["Test-Web1"])


def test_a_member_of_a_resource_group_is_expected_whatever_its_tags(
    account: Account, ask: Ask, cli: Cli
) -> None:
    account.machines += machines(1, "Other", is_targeted=False)
    in_group(account, *(each.id for each in account.machines))
    nodes = json.loads(cli("status", "--json").stdout)["nodes"]
    assert {each["name"]: each["verdict"] for each in nodes} == dict.fromkeys(
        ("Test-Web1", "Test-Web2", "Other-Web1"), "ok"
    )
    account.groups["Fleet"].remove("i-test000000001")
    code, found = ask("status")
    assert (code, found) == (1, {"no-association": ["Test-Web1"]})
    assert f"{GROUP}=Fleet" in cli("status").stdout


@pytest.mark.parametrize(
    "command", ["preflight", "status", "wait", "associations", "compliance", "inventory"]
)
def test_a_resource_group_that_is_not_there_is_named(
    account: Account, ask: Ask, command: str
) -> None:
    in_group(account)
    account.groups = {}
    code, found = ask(command, *(["--timeout", "0"] if command == "wait" else []))
    assert code == 1
    assert found["resource-group-unknown"] == ["the resource group Fleet"]


def test_a_node_of_a_group_that_is_not_there_is_not_ruled_out(account: Account, ask: Ask) -> None:
    in_group(account)
    account.groups = {}
    for node in ("Test-Web1", "Another"):
        code, found = ask("status", node)
        assert code == 1
        assert found["resource-group-unknown"] == ["the resource group Fleet"]


def test_a_resource_group_that_cannot_be_evaluated_is_unknown(account: Account, ask: Ask) -> None:
    in_group(account)
    account.answers["ListGroupResources"] = {
        "Resources": [],
        "QueryErrors": [{"ErrorCode": "CLOUDFORMATION_STACK_INACTIVE", "Message": "no"}],
    }
    assert "resource-group-unknown" in ask("status")[1]


def test_a_resource_group_that_cannot_be_read_is_unread(account: Account, cli: Cli) -> None:
    in_group(account)
    account.answers["ListGroupResources"] = refusal("AccessDeniedException")
    result = cli("status")
    assert result.exit_code == 3
    assert "allow resource-groups:ListGroupResources" in result.stderr


def test_a_hybrid_node_that_a_tag_reaches_is_expected(account: Account, ask: Ask) -> None:
    account.machines.append(Machine(id="mi-00000000000000001", name="Rack", workload=""))
    assert ask("status") == (0, {})
    account.machines[-1].ping = "ConnectionLost"
    assert ask("status") == (1, {"connection-lost": ["Rack"]})
    account.machines[-1].is_targeted = False
    assert ask("status") == (0, {})


def test_an_instance_that_bears_a_workload_only_is_not_expected(account: Account, ask: Ask) -> None:
    account.machines.append(Machine(id="i-foreign", name="Theirs", is_targeted=False))
    assert ask("status") == (0, {})


# ---------------------------------------------------------------------------------------------
# Associations and compliance
# ---------------------------------------------------------------------------------------------


def test_an_association_of_the_settings_that_is_deleted_is_missing(
    account: Account, ask: Ask
) -> None:
    account.is_associated = False
    assert ask("associations") == (1, {"association-missing": ["InventoryAllInstances"]})
    assert ask("associations", "--region", "us-east-1", "--region", "eu-west-1")[0] == 1


def test_compliance_without_data_is_not_well(account: Account, ask: Ask) -> None:
    account.answers["ListResourceComplianceSummaries"] = {"ResourceComplianceSummaryItems": []}
    assert ask("compliance") == (1, {"compliance-missing": ["Test-Web1", "Test-Web2"]})
    account.machines = []
    assert ask("compliance") == (1, {"compliance-missing": ["us-east-1"]})


def test_compliance_of_a_node_without_items_is_not_well(account: Account, ask: Ask) -> None:
    account.answers["ListComplianceItems"] = {"ComplianceItems": []}
    assert ask("compliance", "Test-Web1") == (1, {"compliance-missing": ["Test-Web1"]})


@pytest.mark.parametrize(
    ("status", "state", "is_compliant"),
    [
        ("", "NotApplicable", True),
        ("", "NOT_APPLICABLE", True),
        ("", "Installed", True),
        ("", "Missing", False),
        ("", "MISSING", False),
        ("", "INSTALLED_PENDING_REBOOT", False),
        ("COMPLIANT", "Installed", True),
        ("NON_COMPLIANT", "MISSING", False),
        ("SOMETHING_NEW", "Installed", False),
    ],
)
def test_a_patch_that_does_not_apply_is_no_fault(
    account: Account, ask: Ask, status: str, state: str, is_compliant: bool
) -> None:
    patch = {
        "ComplianceType": "Patch",
        "ResourceType": "ManagedInstance",
        "ResourceId": "i-test000000001",
        "Id": "KB4093137",
        "Title": "An update",
        "Status": status,
        "Severity": "UNSPECIFIED",
        "Details": {"PatchState": state},
    }
    account.answers["ListComplianceItems"] = {"ComplianceItems": [patch]}
    expected = {} if is_compliant else {"non-compliant-patch": ["Test-Web1"]}
    assert ask("compliance", "Test-Web1") == (int(not is_compliant), expected)


def test_compliance_counts_the_nodes_that_are_there(account: Account, cli: Cli) -> None:
    account.machines[1].state = "terminated"
    document = json.loads(cli("compliance", "--json").stdout)
    assert [each["compliant"] for each in document["types"]] == [1]
    assert [each["name"] for each in document["nodes"]] == ["Test-Web1"]


def test_a_run_on_a_node_that_is_gone_does_not_count(account: Account, ask: Ask) -> None:
    account.machines += machines(1, "Gone", state="terminated", outcome="Failed")
    assert ask("associations") == (0, {})


AUTOMATION = {
    "Name": "AWS-StopEC2Instance",
    "AssociationId": "a-2",
    "AssociationName": "Nightly",
    "Overview": {"Status": "Success"},
}


@pytest.mark.parametrize(
    "targets",
    [
        {"Targets": [{"Key": "ParameterValues", "Values": ["i-1"]}]},
        {"TargetMaps": [{"InstanceId": ["i-1"]}]},
        {"Targets": [{"Key": "tag:Anything", "Values": ["yes"]}]},
    ],
)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Success", (0, {})),
        ("Failed", (1, {"association-failed": ["Nightly"]})),
        ("", (1, {"association-pending": ["Nightly"]})),
    ],
)
def test_an_automation_goes_by_its_runs(
    account: Account, ask: Ask, targets: Any, status: str, expected: Any
) -> None:
    lists, runs = account.answer("ListAssociations", {}), account.answer
    lists["Associations"].append(AUTOMATION | targets)

    def executions(request: Any) -> Any:
        if request["AssociationId"] == "a-1":
            return runs_of_ours
        run = {"AssociationId": "a-2", "ExecutionId": "e-2", "CreatedTime": NOW.timestamp()}
        return {"AssociationExecutions": [run | {"Status": status}] if status else []}

    def outcomes(request: Any) -> Any:
        return outcomes_of_ours if request["AssociationId"] == "a-1" else none

    def describe(request: Any) -> Any:
        described = {"AssociationId": request["AssociationId"]}
        if request["AssociationId"] == "a-2":
            described["AutomationTargetParameterName"] = "InstanceId"
        return {"AssociationDescription": described}

    none: Any = {"AssociationExecutionTargets": []}
    runs_of_ours = runs("DescribeAssociationExecutions", {})
    outcomes_of_ours = runs("DescribeAssociationExecutionTargets", {})
    account.answers = {
        "ListAssociations": lists,
        "DescribeAssociationExecutions": executions,
        "DescribeAssociationExecutionTargets": outcomes,
        "DescribeAssociation": describe,
    }
    assert ask("associations", "--all") == expected


def log_to_bucket(account: Account) -> None:
    described = account.answer("DescribeAssociation", {})
    location = {"OutputS3BucketName": "logs", "OutputS3KeyPrefix": "ssm"}
    described["AssociationDescription"]["OutputLocation"] = {"S3Location": location}
    account.answers["DescribeAssociation"] = described


def test_logs_that_cannot_be_written_are_found(account: Account, ask: Ask) -> None:
    log_to_bucket(account)
    account.answers["HeadBucket"] = {}
    assert ask("associations") == (0, {})

    def denied(request: Any) -> Any:
        assert request["ResourceArns"] == ["arn:aws:s3:::logs/ssm/*"]
        names = request["ActionNames"]
        return {
            "EvaluationResults": [
                {"EvalActionName": each, "EvalDecision": "implicitDeny"} for each in names
            ]
        }

    account.answers["SimulatePrincipalPolicy"] = denied
    assert ask("associations") == (1, {"logs-not-writable": ["InventoryAllInstances"]})


def test_a_log_bucket_that_is_gone_is_found(account: Account, ask: Ask) -> None:
    log_to_bucket(account)
    account.answers["HeadBucket"] = refusal("404", status=404)
    assert ask("associations") == (1, {"logs-not-writable": ["InventoryAllInstances"]})


def test_two_profiles_of_one_account_are_read_once(
    account: Account, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile one]\n[profile two]\n")
    arguments = ("--profile", "one", "--profile", "two", "--json")
    document = json.loads(cli("status", *arguments).stdout)
    assert document["totals"] == {"ok": 2}
    assert account.calls.count("DescribeInstances") == 1


def test_text_names_what_has_no_row(account: Account, cli: Cli) -> None:
    account.answers["ListResourceComplianceSummaries"] = {"ResourceComplianceSummaryItems": []}
    assert "Test-Web2 has no compliance data" in cli("compliance").stdout
    account.is_associated = False
    assert "InventoryAllInstances is in the settings and not deployed" in cli("associations").stdout
    in_group(account)
    account.groups = {}
    unknown = "the resource group Fleet does not exist"
    for command in ("status", "compliance", "associations", "inventory", "preflight"):
        assert unknown in cli(command).stdout, command
    assert unknown in cli("wait", "--timeout", "0").stderr


# ---------------------------------------------------------------------------------------------
# Why a node is not managed
# ---------------------------------------------------------------------------------------------


def test_what_neighbours_contradict_is_not_asserted(account: Account, ask: Ask) -> None:
    account.answers["DescribeRouteTables"] = {"RouteTables": []}
    account.answers["DescribeSecurityGroups"] = {
        "SecurityGroups": [
            {
                "GroupId": "sg-1",
                "IpPermissionsEgress": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 3128,
                        "ToPort": 3128,
                        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                    }
                ],
            }
        ]
    }
    for each in account.machines:
        each.ping = "ConnectionLost"
    assert ask("status") == (1, {"no-way-out": ["Test-Web1", "Test-Web2"]})
    account.machines[0].ping = "Online"
    assert ask("status") == (1, {"connection-lost": ["Test-Web2"]})
    # Elsewhere it proves nothing.
    account.machines[0].extra = {"SubnetId": "subnet-2"}
    assert ask("status") == (1, {"no-way-out": ["Test-Web2"]})


def test_a_transit_gateway_may_lead_anywhere(account: Account, ask: Ask) -> None:
    route = {"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1", "State": "active"}
    main = {"VpcId": "vpc-1", "Routes": [route], "Associations": [{"Main": True}]}
    account.answers["DescribeRouteTables"] = {"RouteTables": [main]}
    account.machines[1].ping = "ConnectionLost"
    assert ask("status") == (1, {"connection-lost": ["Test-Web2"]})


def remedies(cli: Cli, command: str = "status") -> list[str]:
    found = json.loads(cli(command, "--json").stdout)["findings"]
    return [f"{each['reason']}; {each['remedy']}" for each in found]


def test_a_role_that_ec2_may_not_assume_has_its_own_remedy(account: Account, cli: Cli) -> None:
    account.machines[1].is_managed = False
    profile = instance_profile("ManagedInstancesRole", "ssm.amazonaws.com")
    account.answers["GetInstanceProfile"] = {"InstanceProfile": profile}
    (said,) = remedies(cli)
    assert "trust policy" in said
    assert "AmazonSSMManagedInstanceCore" not in said


def test_a_deny_of_an_organization_policy_is_no_missing_permission(
    account: Account, cli: Cli
) -> None:
    account.machines[1].is_managed = False

    def denied(request: Any) -> Any:
        names = request["ActionNames"]
        organization = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
        return {
            "EvaluationResults": [
                {"EvalActionName": each, "EvalDecision": "explicitDeny", **organization}
                for each in names
            ]
        }

    account.answers["SimulatePrincipalPolicy"] = denied
    (said,) = remedies(cli)
    assert "policy of the organization denies" in said
    assert "AmazonSSMManagedInstanceCore" not in said


def test_a_call_that_an_organization_policy_denies_is_explained(account: Account, cli: Cli) -> None:
    message = (
        f"User: arn:aws:iam::{ACCOUNT}:user/me is not authorized to perform: ssm:ListAssociations "
        "with an explicit deny in a service control policy"
    )
    account.answers["ListAssociations"] = refusal("AccessDeniedException", message)
    result = cli("status")
    assert result.exit_code == 3
    assert "explicit deny in a service control policy" in result.stderr
    assert "as the reviewer's policy does" not in result.stderr


# ---------------------------------------------------------------------------------------------
# Packages
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.x", "3.0.*", "^3.0", "3.X.1", "[3.0", "3.0?"])
def test_a_version_that_is_a_pattern_is_bad_input(account: Account, cli: Cli, version: str) -> None:
    result = cli("inventory", "--package", "bash", "--version", version)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "write it like '<3.0.14' or '>=3.0,<3.1'" in result.stderr
    assert account.calls == []


@pytest.mark.parametrize(
    ("package", "found"),
    [
        ("OpenSSL", ["openssl"]),
        ("openssl*", ["OpenSSL 3.0 (x64) [beta]?", "openssl", "openssl-libs"]),
        ("OPENSSL-*", ["openssl-libs"]),
        ("*SSL*", ["OpenSSL 3.0 (x64) [beta]?", "openssl", "openssl-libs"]),
        ("openss?", []),
        ("[o]penssl", []),
        ("OpenSSL 3.0 (x64) [beta]?", ["OpenSSL 3.0 (x64) [beta]?"]),
        ("*[beta]*", ["OpenSSL 3.0 (x64) [beta]?"]),
    ],
)
def test_only_the_asterisk_is_special_and_case_is_not_regarded(
    account: Account, cli: Cli, package: str, found: list[str]
) -> None:
    names = ("openssl", "openssl-libs", "OpenSSL 3.0 (x64) [beta]?", "bash")
    account.machines = machines(1)
    account.machines[0].packages = [(name, "3.0.8") for name in names]
    for arguments in (["--package", package], ["Test-Web1", "--package", package]):
        document = json.loads(cli("inventory", *arguments, "--json").stdout)
        assert [each["attributes"]["Name"] for each in document["entries"]] == found
    assert "regard to case" in " ".join(cli("inventory", "--help").output.split())


def test_without_arguments_packages_are_counted_over_the_fleet(account: Account, cli: Cli) -> None:
    account.machines[0].packages = [("bash", "5.2.15"), ("bash", "5.2.15"), ("zsh", "5.9")]
    result = cli("inventory", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["packages"] == [
        {"package": "bash", "version": "5.2.15", "nodes": 2},
        {"package": "zsh", "version": "5.9", "nodes": 1},
    ]
    assert "zsh" in cli("inventory").stdout
    assert cli("inventory", "--csv").stdout.splitlines()[1:] == ["bash,5.2.15,2", "zsh,5.9,1"]
    account.machines[1].missing = ("AWS:Application",)
    assert cli("inventory").exit_code == 1


def test_compare_counts_nodes_and_not_architectures(account: Account, cli: Cli) -> None:
    Path("oelab.toml").write_text(TWO + TWO.replace("Test", "Prod").replace("Stack1", "Stack2"))
    twice = [("bash", "5.2.15"), ("bash", "5.2.15")]
    account.machines = [*machines(packages=twice), *machines(2, "Prod", packages=[("zsh", "1")])]
    document = json.loads(cli("compare", "Test", "Prod", "--json").stdout)
    assert document["nodes"] == {"Test": 2, "Prod": 2}
    assert document["differences"][0]["versions"]["Test"] == {"5.2.15": 2}


# ---------------------------------------------------------------------------------------------
# One workload
# ---------------------------------------------------------------------------------------------


def test_a_workload_by_itself(account: Account, ask: Ask, cli: Cli) -> None:
    Path("oelab.toml").write_text(TWO + TWO.replace("Test", "Prod").replace("Stack1", "Stack2"))
    bad = machines(1, "Prod", missing=OF_WINDOWS, outcome="Failed")
    account.machines = [*machines(), *bad]
    for command in ("status", "inventory", "associations"):
        assert ask(command, "--workload", "Test") == (0, {}), command
        assert ask(command, "--workload", "Prod")[0] == 1, command
    for command in ("status", "compliance"):
        nodes = json.loads(cli(command, "--workload", "Test", "--json").stdout)["nodes"]
        assert [each["name"] for each in nodes] == ["Test-Web1", "Test-Web2"]
    assert "Prod-Web2" in cli("status", "--workload", "Prod").stdout


@pytest.mark.parametrize("command", ["status", "inventory", "associations", "compliance"])
def test_a_workload_that_is_none_is_bad_input(account: Account, cli: Cli, command: str) -> None:
    result = cli(command, "--workload", "Staging")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'Staging' must be a workload of the settings; these are: Test" in result.stderr
    assert account.calls == []


# ---------------------------------------------------------------------------------------------
# Answers that are none
# ---------------------------------------------------------------------------------------------

LISTS = [
    ("ListAssociations", "ssm:ListAssociations"),
    ("DescribeInstanceInformation", "ssm:DescribeInstanceInformation"),
    ("DescribeInstances", "ec2:DescribeInstances"),
    ("GetInventory", "ssm:GetInventory"),
    ("DescribeAssociationExecutions", "ssm:DescribeAssociationExecutions"),
    ("DescribeAssociationExecutionTargets", "ssm:DescribeAssociationExecutionTargets"),
    ("ListResourceComplianceSummaries", "ssm:ListResourceComplianceSummaries"),
]


@pytest.mark.parametrize(("operation", "action"), LISTS)
@pytest.mark.parametrize("kind", ["nothing", "cycle"])
def test_an_answer_that_is_none_is_unread(
    account: Account, cli: Cli, operation: str, action: str, kind: str
) -> None:
    whole, tokens = account.answer(operation, TYPICAL), ["a", "b"]
    count = iter(range(1000))

    def cycle(_: Any) -> Any:
        return whole | {"NextToken": tokens[next(count) % 2]}

    account.answers[operation] = cycle if kind == "cycle" else {}
    result = cli("status")
    assert result.exit_code == 3, result.output
    assert f"not read: {action}" in result.stderr
    assert next(count) < 10


def test_a_bucket_that_cannot_be_found_is_unread_and_hides_no_sync(
    account: Account, cli: Cli
) -> None:
    Path("oelab.toml").write_text("[fleet_data]\nenabled = true\n")
    account.answers["DescribeStacks"] = refusal("AccessDenied")
    failed = {"SyncName": "one", "LastStatus": "Failed"}
    account.answers["ListResourceDataSync"] = {"ResourceDataSyncItems": [failed]}
    result = cli("sync", "status", "--json")
    assert result.exit_code == 3, result.output
    assert "not read: cloudformation:DescribeStacks" in result.stderr
    findings = json.loads(result.stdout)["findings"]
    assert [each["rule"] for each in findings] == ["sync-failed"]


@pytest.mark.parametrize(
    ("operation", "key", "lacks"),
    [
        ("DescribeStacks", "Stacks", "StackName"),
        ("DescribeStacks", "Stacks", "StackStatus"),
        ("ListStackResources", "StackResourceSummaries", "LogicalResourceId"),
        ("ListStackResources", "StackResourceSummaries", "ResourceType"),
    ],
)
def test_a_stack_without_what_decides_is_unread(
    account: Account, cli: Cli, operation: str, key: str, lacks: str
) -> None:
    answer = account.answer(operation, {"StackName": "OELabStack1"})
    del answer[key][0][lacks]
    account.answers[operation] = answer
    result = cli("preflight")
    assert result.exit_code == 3, result.output
    assert f"not read: cloudformation:{operation}" in result.stderr
    assert lacks in result.stderr


def test_what_lacks_a_name_hides_nothing_else(account: Account, cli: Cli) -> None:
    schemas = account.answer("GetInventorySchema", {})
    schemas["Schemas"].append({"Attributes": [{"DataType": "STRING"}]})
    account.answers["GetInventorySchema"] = schemas
    assert cli("inventory", "--type", "AWS:Network").exit_code == 0
    unknown = cli("inventory", "--type", "AWS:Networks")
    assert unknown.exit_code == 2
    assert "AWS:Network" in unknown.stderr
    account.machines[0].is_managed = False
    account.answers["SimulatePrincipalPolicy"] = {
        "EvaluationResults": [{"EvalDecision": "implicitDeny"}]
    }
    assert cli("status").exit_code == 1


def test_what_an_answer_lacks_is_named_as_aws_names_it(account: Account, cli: Cli) -> None:
    account.machines[0].is_managed = False
    account.answers["SimulatePrincipalPolicy"] = {}
    result = cli("status")
    assert result.exit_code == 3
    assert "the answer has no EvaluationResults, " in result.stderr


TYPICAL = {"ResultAttributes": [{"TypeName": "AWS:Application"}]}


@pytest.mark.parametrize("lacks", ["AgentVersion", "PingStatus", "InstanceId"])
def test_a_node_without_what_decides_is_unread(account: Account, cli: Cli, lacks: str) -> None:
    answer = account.answer("DescribeInstanceInformation", {})
    del answer["InstanceInformationList"][0][lacks]
    account.answers["DescribeInstanceInformation"] = answer
    result = cli("status")
    assert result.exit_code == 3
    assert "ssm:DescribeInstanceInformation" in result.stderr
    assert lacks in result.stderr


@pytest.mark.parametrize(
    ("command", "operation", "action"),
    [
        (["preflight"], "GetParameter", "ssm:GetParameter"),
        (["image", "pin"], "GetParameter", "ssm:GetParameter"),
        (["preflight"], "DescribeStacks", "cloudformation:DescribeStacks"),
        (["associations"], "DescribeAssociation", "ssm:DescribeAssociation"),
        (["inventory", "Test-Web1"], "ListInventoryEntries", "ssm:ListInventoryEntries"),
        (["compliance", "Test-Web1"], "ListComplianceItems", "ssm:ListComplianceItems"),
        (["status"], "GetCallerIdentity", "sts:GetCallerIdentity"),
    ],
)
def test_an_empty_answer_to_a_single_call_is_unread(
    account: Account, cli: Cli, command: list[str], operation: str, action: str
) -> None:
    account.answers[operation] = {}
    result = cli(*command)
    assert result.exit_code == 3, result.output
    assert f"not read: {action}" in result.stderr
