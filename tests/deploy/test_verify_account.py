"""`tools/verify-account` against the local AWS: every question is asked, and nothing stays."""

import importlib
import itertools
import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from localaws import LocalAws
from localaws.cdk_cli import CdkCli
from tests.deploy import bootstrap
from tests.synthesis import ROOT

TOOL = (sys.executable, str(ROOT / "tools" / "verify-account"))
POLICY = ROOT / "docs" / "deployer-policy.json"
_ACCOUNTS = itertools.count(300000000001)
# MiniStack's simulation knows no condition keys, and its instances have no metadata options.
ONLY_AN_ACCOUNT = {"deployer-policy-evaluated": "no", "imdsv2": "not answered"}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def account(aws: LocalAws) -> str:
    """An account with a bootstrap that has the deployer's policy; each run leaves it as it was."""
    number = str(next(_ACCOUNTS))
    policy = aws.client("iam", account=number).create_policy(
        PolicyName="OELabDeployer", PolicyDocument=POLICY.read_text()
    )
    with CdkCli.on(aws, number) as cdk:
        arn = policy["Policy"]["Arn"]
        bootstrap(cdk, "--cloudformation-execution-policies", arn, account=number)
    return number


def start(
    aws: LocalAws, account: str, folder: Path, *arguments: str, stdin: int = subprocess.DEVNULL
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*TOOL, "--record", str(folder), *arguments],
        env=aws.account_environment(account),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def recorded(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "record.json").read_text())
    return found


@cache
def questions() -> dict[str, str]:
    """Of the tool, by their ids."""
    printed = subprocess.run([*TOOL, "--list"], capture_output=True, text=True, check=True)
    return dict(line.split(": ", 1) for line in printed.stdout.splitlines())


def test_every_promise_that_is_not_proven_has_its_question() -> None:
    page = (ROOT / "docs" / "proven.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| .+ \| (.+\?) \|$", page, re.MULTILINE)
    assert dict(rows) == questions()
    assert [id_ for id_, _ in rows] == [*questions()]


def test_another_id_is_no_confirmation(aws: LocalAws, account: str, tmp_path: Path) -> None:
    ours, its = pty.openpty()
    process = start(aws, account, tmp_path, stdin=its)
    os.write(ours, b"111122223333\n")
    out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(its)
    assert process.returncode == 2
    assert "costs less than 1 US dollar" in out
    assert "nothing was done: '111122223333' is not the account's id" in err
    assert [*tmp_path.iterdir()] == []


def test_all_questions_are_asked_and_nothing_stays(
    aws: LocalAws, account: str, tmp_path: Path
) -> None:
    process = start(aws, account, tmp_path, "--yes", "--minutes", "0.5")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1, err
    document = recorded(tmp_path)
    answers = {each["id"]: each["answer"] for each in document["answers"]}
    assert answers == dict.fromkeys(questions(), "yes") | ONLY_AN_ACCOUNT, out
    assert (document["account"], document["is_complete"]) == (account, True)
    assert document["left_behind"] == []
    assert "costs less than 1 US dollar" in out
    page = (tmp_path / "record.md").read_text()
    assert all(
        f"| `{id_}` | {question} | {answers[id_]} |" in page
        for id_, question in questions().items()
    )


def test_outside_of_an_organization_its_question_is_not_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    optional = importlib.import_module("verify_account.checks.optional")
    of_tool = importlib.import_module("verify_account.account")
    organizations = boto3.client("organizations", "us-east-1")
    account = of_tool.Account(tmp_path, minutes=0.1)
    monkeypatch.setattr(account, "client", lambda _: organizations)
    with Stubber(organizations) as stubber:
        stubber.add_client_error("describe_organization", "AWSOrganizationsNotInUseException")
        with pytest.raises(of_tool.UnansweredError, match="run this in a member account"):
            optional.organization_may_write.ask(account)


def test_without_a_bootstrap_nothing_is_done(aws: LocalAws, tmp_path: Path) -> None:
    process = start(aws, str(next(_ACCOUNTS)), tmp_path, "--yes")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "nothing was done: the Region has no bootstrap" in err
    assert [*tmp_path.iterdir()] == []


def test_an_interruption_leaves_a_record_of_what_is_there(
    aws: LocalAws, account: str, tmp_path: Path
) -> None:
    process = start(aws, account, tmp_path, "--yes")
    assert process.stderr
    assert any(line == "verify-account: tags\n" for line in process.stderr)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    document = recorded(tmp_path)
    assert not document["is_complete"]
    assert document["answers"][-1]["id"] == "deployer-policy-suffices"
    stacks = ["OELabFleetData", "OELabInventory", "OELabStack1", "OELabFoundation"]
    remove = [each["remove"] for each in document["left_behind"]]
    *commands, data, results = remove
    assert commands == [f"aws cloudformation delete-stack --stack-name {name}" for name in stacks]
    assert "oelabfleetdata-data" in data
    assert "oelabfleetdata-tablesresults" in results
    # What an earlier run has left is neither taken over nor deleted.
    _, err = start(aws, account, tmp_path, "--yes").communicate(timeout=60)
    assert all(command in err for command in remove)
    cloudformation = aws.client("cloudformation", account=account)
    assert {*stacks} <= {x["StackName"] for x in cloudformation.describe_stacks()["Stacks"]}
    _, *arguments = shlex.split(results)
    environment = aws.account_environment(account)
    subprocess.run([sys.executable, *arguments], env=environment, check=True)
    buckets = aws.client("s3", account=account).list_buckets()["Buckets"]
    assert not [each for each in buckets if "tablesresults" in each["Name"]]
