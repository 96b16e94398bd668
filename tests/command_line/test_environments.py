"""Several environments in one command: with profiles, with a role, and without credentials."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.command_line.conftest import Cli
from tests.command_line.fake_aws import ACCOUNT, GLOBAL, Answer, FakeAws, settings_for, use

OTHER, FOREIGN = "222222222222", "999988887777"
REGIONS = ("us-east-1", "eu-west-1")
PLACES = {(account, region) for account in (ACCOUNT, OTHER) for region in REGIONS}
THERE = {(OTHER, region) for region in REGIONS}
HERE = PLACES - THERE
Places = set[tuple[str, str]]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    """Settings with two accounts in two Regions each, and a profile for each account."""
    environments = "".join(
        f'[[environments]]\naccount = "{account}"\nregion = "{region}"\n'
        for account in (ACCOUNT, OTHER)
        for region in REGIONS
    )
    (tmp_path / "oelab.toml").write_text(
        f'{environments}\n[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
        "web_instances = 1\napp_instances = 0\n"
    )
    profiles = {"test": ACCOUNT, "again": ACCOUNT, "prod": OTHER, "foreign": FOREIGN}
    (tmp_path / "config").write_text(
        "".join(
            f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = secret\n"
            for name, account in profiles.items()
        )
    )


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch, **more: Any) -> Iterator[FakeAws]:
    aws = FakeAws(dict.fromkeys(REGIONS, 1), **more)
    with aws.served() as endpoint:
        use(endpoint, monkeypatch)
        yield aws


def places(rows: list[dict[str, Any]]) -> Places:
    return {(row["account"], row["region"]) for row in rows}


def status(cli: Cli, *arguments: str) -> tuple[Result, Places, Places]:
    """A status, where its nodes are, and what could not be read."""
    result = cli("status", "--json", *arguments)
    document = json.loads(result.stdout)
    nodes = [node for node in document["nodes"] if node["verdict"] == "ok"]
    assert len(nodes) == len(places(nodes))
    return result, places(nodes), places(document["unread"])


@pytest.mark.parametrize(
    ("arguments", "read", "unread"),
    [
        ((), HERE, THERE),
        (("--role", "Reviewer"), PLACES, set()),
        (("--role", "/lab/Reviewer"), PLACES, set()),
        (("--role", f"arn:aws:iam::{OTHER}:role/Reviewer"), THERE, set()),
        (("--profile", "test", "--profile", "prod"), PLACES, set()),
        (("--profile", "foreign", "--role", "Reviewer"), PLACES, set()),
        (("--profile", "prod"), THERE, set()),
        (("--profile", "prod", "--region", "eu-west-1"), {(OTHER, "eu-west-1")}, set()),
        (("--region", "eu-west-1"), {(ACCOUNT, "eu-west-1")}, {(OTHER, "eu-west-1")}),
    ],
)
def test_each_environment_is_read_or_named(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    read: Places,
    unread: Places,
) -> None:
    with served(monkeypatch, with_role=(ACCOUNT, OTHER)):
        result, found, missing = status(cli, *arguments)
    assert (found, missing) == (read, unread), result.output
    assert result.exit_code == (3 if unread else 0)


def test_without_credentials_of_an_account_the_remedy_is_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(monkeypatch):
        result = cli("status", "--csv")
    lines = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"{OTHER}/{name}" for name in REGIONS]
    assert all("no credentials of this account; name a profile" in line for line in lines)


def test_a_role_that_is_denied_is_asked_for_once_and_leaves_the_others(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(monkeypatch) as aws:
        result, read, unread = status(cli, "--role", "Reviewer", "--debug")
    assert (result.exit_code, read, unread) == (3, HERE, THERE)
    (reason,) = {each["reason"] for each in json.loads(result.stdout)["unread"]}
    assert reason.startswith(f"arn:aws:iam::{OTHER}:role/Reviewer: access denied: the role must")
    assert aws.calls[GLOBAL, "AssumeRole"] == 1
    assert "secret" not in result.output
    assert "Traceback" not in result.output


def test_a_role_is_assumed_once_for_all_regions_of_an_account(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(monkeypatch, with_role=[OTHER]) as aws:
        status(cli, "--role", "Reviewer")
    assert aws.calls[GLOBAL, "AssumeRole"] == 1
    assert aws.calls[GLOBAL, "GetCallerIdentity"] == 1


def test_the_credentials_of_a_role_are_renewed_before_they_expire(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a `wait` of hours; credentials are renewed some minutes before."""
    with served(monkeypatch, with_role=[OTHER], role_seconds=60) as aws:
        result, read, _ = status(cli, "--role", "Reviewer")
    assert (result.exit_code, read) == (0, PLACES)
    assert aws.calls[GLOBAL, "AssumeRole"] > 1


@pytest.mark.parametrize("command", [("status",), ("inventory", "--package", "bash")])
def test_all_environments_are_read_at_the_same_time(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """None gets its last answer before all of them have asked for it."""
    last = "GetInventory" if command[0] == "inventory" else "DescribeInstances"
    together = threading.Barrier(len(PLACES), timeout=30)

    def wait_for_the_others(_region: str, operation: str, _count: int) -> Answer | None:
        if operation == last:
            together.wait()
        return None

    with served(monkeypatch, with_role=[OTHER], fault=wait_for_the_others):
        result = cli(*command, "--role", "Reviewer")
    assert result.exit_code == 0, result.output
    assert not together.broken


def test_no_more_than_sixteen_environments_are_read_at_the_same_time(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as the documentation says, which is what the connections are made for."""
    regions = [f"us-east-{number}" for number in range(1, 21)]
    lock, at_a_time = threading.Lock(), [0]
    open_calls: set[str] = set()

    def hold(region: str, operation: str, _count: int) -> Answer | None:
        if operation == "GetInventory":
            with lock:
                open_calls.add(region)
                at_a_time.append(len(open_calls))
            time.sleep(0.2)
            with lock:
                open_calls.discard(region)
        return None

    with FakeAws(dict.fromkeys(regions, 1), fault=hold).served() as endpoint:
        use(endpoint, monkeypatch)
        given = [word for region in regions for word in ("--region", region)]
        result = cli("inventory", "--settings", "", "--package", "bash", *given)
    assert result.stdout.count("bash") == 20, result.output
    assert 1 < max(at_a_time) <= 16


def test_a_region_without_an_expected_node_is_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_for(1)
    regions = [word for region in REGIONS for word in ("--region", region)]
    with FakeAws({"us-east-1": 1, "eu-west-1": 0}).served() as endpoint:
        use(endpoint, monkeypatch)
        of_all, of_one = cli("status", *regions), cli("status", "Test-Web1", *regions)
    assert of_all.exit_code == of_one.exit_code == 0
    assert f"{ACCOUNT}/eu-west-1: no expected node is there" in of_all.stdout
    assert "us-east-1: no" not in of_all.stdout
    assert "eu-west-1" not in of_one.stdout


@pytest.mark.parametrize(
    ("command", "operation", "answer"),
    [
        (
            "associations",
            "DescribeAssociationExecutionTargets",
            {"AssociationExecutionTargets": [{"ResourceId": "ID", "Status": "Failed"}]},
        ),
        (
            "compliance",
            "ListResourceComplianceSummaries",
            {
                "ResourceComplianceSummaryItems": [
                    {"ResourceId": "ID", "ComplianceType": "Patch", "Status": "NON_COMPLIANT"}
                ]
            },
        ),
    ],
)
def test_a_finding_of_several_regions_names_node_and_region(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    operation: str,
    answer: dict[str, Any],
) -> None:
    """Though all findings are of the same one."""
    settings_for(1)

    def fail(region: str, called: str, _count: int) -> Answer | None:
        if (region, called) != ("us-east-1", operation):
            return None
        return 200, json.dumps(answer).replace("ID", aws.ids(region)[0]).encode()

    aws = FakeAws({"us-east-1": 1, "eu-west-1": 0}, fault=fail)
    with aws.served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli(command, *(word for region in REGIONS for word in ("--region", region)))
    assert result.exit_code == 1, result.output
    lines = [x for x in result.stdout.splitlines() if x.startswith(f"  {ACCOUNT}/us-east-1: ")]
    assert lines
    assert any("Test-Web1" in line for line in lines)


def test_two_profiles_of_an_account_do_not_double_the_fleet(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(monkeypatch):
        result, read, _ = status(cli, "--profile", "test", "--profile", "again")
        assert read == HERE
        assert f"the profile again is of {ACCOUNT}, as test is, and is left out" in result.stderr
        # Without environments in the settings, too.
        Path("oelab.toml").write_text(
            '[[workloads]]\nname = "Test"\nstack_name = "One"\nweb_instances = 1\n'
            "app_instances = 0\n"
        )
        result, read, _ = status(cli, "--profile", "test", "--profile", "again")
    assert read == {(ACCOUNT, "us-east-1")}
    assert f"the profile again is of {ACCOUNT}, as test is, and is left out" in result.stderr


def test_a_profile_that_cannot_be_identified_leaves_nothing_out(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("config").write_text("[profile test]\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_PROFILE", "test")
    with served(monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        result, read, unread = status(cli, "--profile", "test")
    assert (result.exit_code, read, unread) == (3, set(), PLACES)
    assert "no credentials found" in result.stderr


def test_an_instance_is_expected_in_each_environment(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = FakeAws({"us-east-1": 1, "eu-west-1": 0}, with_role=[OTHER])
    with aws.served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli("status", "--json", "--role", "Reviewer")
    findings = json.loads(result.stdout)["findings"]
    assert {each["rule"] for each in findings} == {"not-launched"}
    assert places(findings) == {(account, "eu-west-1") for account in (ACCOUNT, OTHER)}


@pytest.mark.parametrize(
    ("settings", "arguments", "read"),
    [
        ("", ["--role", f"arn:aws:iam::{OTHER}:role/Reviewer"], {(OTHER, "us-east-1")}),
        (
            f'account = "{OTHER}"\nregion = "eu-west-1"\n',
            ["--role", "Reviewer"],
            {(OTHER, "eu-west-1")},
        ),
        ("", ["--role", f"arn:aws:iam::{ACCOUNT}:role/Reviewer"], set()),
    ],
)
def test_without_environments_a_role_is_assumed_too(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    settings: str,
    arguments: list[str],
    read: Places,
) -> None:
    workload = '[[workloads]]\nname = "Test"\nstack_name = "One"\nweb_instances = 1\n'
    Path("oelab.toml").write_text(f"{settings}{workload}app_instances = 0\n")
    with served(monkeypatch, with_role=[OTHER]):
        result, found, _ = status(cli, *arguments)
    assert found == read
    assert result.exit_code == (0 if read else 3)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--region", "us-west-2"], ["the Region us-west-2 must be that of an environment"]),
        (["--region", "xx-west-1"], ["the Region xx-west-1 must be that of"]),
        (
            ["--role", "arn:aws:iam::1:role/x", "--region", "moon", "--profile", "lap"],
            ["--role must be the name of a role", "the Region must be the code", "(lap) could not"],
        ),
        (["--role", f"arn:aws:iam::{FOREIGN}:role/x"], [f"the account {FOREIGN} must be that of"]),
        (["--role", "x", "--settings", ""], ["--role must say in which account"]),
        (["--settings", "", "--region", "xx-west-1"], ["the Region must be the code of a Region"]),
    ],
)
def test_what_cannot_be_used_is_named_before_anything_is_read(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: list[str]
) -> None:
    with served(monkeypatch) as aws:
        result = cli("preflight", *arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert all(each in result.stderr for each in says), result.stderr
    assert not aws.calls


def test_a_profile_of_no_environment_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch):
        result = cli("status", "--profile", "foreign")
    assert result.exit_code == 2
    assert f"the account {FOREIGN} must be that of an environment" in result.stderr
