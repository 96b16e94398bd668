"""What goes wrong between here and AWS: the message, the exit code, and never a traceback."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from oelab.review.reader import access
from tests.review.conftest import Cli
from tests.review.fake_aws import HANG_UP, Answer, FakeAws, Fault, error, use

ROOT = Path(__file__).resolve().parents[2]
NODES = 60
SETTINGS = (
    '[[workloads]]\nname = "Test"\nstack_name = "OELabStack1"\n'
    f"web_instances = {NODES}\napp_instances = 0\n"
)


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path) -> None:
    (tmp_path / "oelab.toml").write_text(SETTINGS)


@pytest.fixture
def _two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten of them, and adaptive ones, take a minute."""
    hasty = access.CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
    monkeypatch.setattr(access, "CONFIG", hasty)


def test_many_attempts_that_slow_down_by_themselves() -> None:
    retries = vars(access.CONFIG)["retries"]
    assert retries == {"mode": "adaptive", "total_max_attempts": 10}


def test_an_address_that_does_not_answer_is_given_up_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    use(f"http://127.0.0.1:{port}", monkeypatch)
    (clients,) = access.connect([], ["us-east-1"])
    sent: list[str] = []
    clients.ssm.meta.events.register("before-send", lambda **_: sent.append("once"))
    with pytest.raises(EndpointConnectionError):
        clients.ssm.list_associations()
    assert len(sent) == access.CONNECTION_ATTEMPTS


def always(operation: str, answer: Answer, *, region: str = "us-east-1", after: int = 0) -> Fault:
    def fault(where: str, called: str, count: int) -> Answer | None:
        return answer if (where, called) == (region, operation) and count > after else None

    return fault


def status_of(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, fault: Fault | None, *arguments: str
) -> tuple[int, str, str]:
    regions = {"us-east-1": NODES, "us-west-2": 0}
    with FakeAws(regions, fault=fault).served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli("status", *arguments)
    assert "Traceback" not in result.output
    return result.exit_code, result.stdout, result.stderr


def test_all_is_well(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = status_of(cli, monkeypatch, None)
    assert (code, err) == (0, "")
    assert f"{NODES} expected nodes: {NODES} ok" in out


@pytest.mark.usefixtures("_two_attempts")
def test_throttling_that_passes_is_waited_out(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    throttled = error("ThrottlingException", "Rate exceeded")

    def once(_region: str, operation: str, count: int) -> Answer | None:
        return throttled if operation == "ListAssociations" and count == 1 else None

    code, _, err = status_of(cli, monkeypatch, once)
    assert (code, err) == (0, "")


@pytest.mark.usefixtures("_two_attempts")
def test_throttling_that_stays_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always("ListAssociations", error("ThrottlingException", "Rate exceeded"))
    code, out, err = status_of(cli, monkeypatch, fault)
    assert code == 3
    assert "ssm:ListAssociations: AWS kept throttling" in err
    assert f"{NODES} unread" in out


def test_a_denied_call_hides_nothing_else(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always("ListResourceComplianceSummaries", error("AccessDeniedException"))
    code, out, err = status_of(cli, monkeypatch, fault, "--json")
    assert code == 3
    assert "access denied: allow ssm:ListResourceComplianceSummaries" in err
    document = json.loads(out)
    assert document["unread"] == [
        {
            "place": "us-east-1",
            "call": "ssm:ListResourceComplianceSummaries",
            "reason": "access denied: allow ssm:ListResourceComplianceSummaries, as the "
            "reviewer's policy does",
        }
    ]
    assert document["totals"] == {"nodes": NODES, "unread": NODES}
    assert {node["association_status"] for node in document["nodes"]} == {"Success"}


def test_a_denied_instance_list_makes_no_node_missing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = (
        403,
        b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>"
        b"</Error></Errors></Response>",
    )
    code, out, err = status_of(cli, monkeypatch, always("DescribeInstances", denied))
    assert code == 3
    assert "not-launched" not in out
    assert "allow ec2:DescribeInstances" in err


def test_one_region_unread_leaves_the_other(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always(
        "DescribeInstanceInformation", error("AccessDeniedException"), region="us-west-2"
    )
    code, out, err = status_of(
        cli, monkeypatch, fault, "--region", "us-east-1", "--region", "us-west-2"
    )
    assert code == 3
    assert f"{NODES} ok" in out
    assert err.startswith("us-west-2: not read: ssm:DescribeInstanceInformation")


def test_expired_credentials(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always("ListAssociations", error("ExpiredTokenException"))
    code, _, err = status_of(cli, monkeypatch, fault)
    assert code == 3
    assert "the credentials have expired; sign in again" in err


def test_credentials_that_the_region_refuses(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always("ListAssociations", error("UnrecognizedClientException"))
    code, _, err = status_of(cli, monkeypatch, fault)
    assert code == 3
    assert "AWS did not accept the credentials in us-east-1" in err
    assert "this Region enabled" in err


@pytest.mark.usefixtures("_two_attempts")
def test_an_endpoint_that_goes_in_the_middle(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always("GetInventory", HANG_UP, after=1)
    code, _, err = status_of(cli, monkeypatch, fault)
    assert code == 3
    assert "ssm:GetInventory: AWS could not be reached" in err


def test_an_error_nobody_foresaw(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always("ListAssociations", error("TeapotException", "short and stout"))
    code, _, err = status_of(cli, monkeypatch, fault)
    assert code == 3
    assert "ssm:ListAssociations: TeapotException: short and stout" in err


def test_no_region(cli: Cli) -> None:
    result = cli("status")
    assert result.exit_code == 2
    assert result.stderr.startswith("no Region: name one with --region")


def test_no_credentials(cli: Cli) -> None:
    result = cli("status", "--region", "us-east-1")
    assert result.exit_code == 3
    assert "no credentials found; name a profile with --profile" in result.stderr


def test_an_unknown_profile_names_the_known_ones(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile lab]\nregion = us-east-1\n")
    result = cli("status", "--profile", "lap")
    assert result.exit_code == 2
    assert result.stderr == "there is no profile 'lap'; known are: lab\n"


def test_a_region_that_cannot_be_one(cli: Cli) -> None:
    result = cli("status", "--region", "us east 1")
    assert result.exit_code == 2
    assert "--region must be the code of a Region, got 'us east 1'" in result.stderr


def test_wrong_settings_are_reported_whole(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('owner = 1\nregion = "moon"\n')
    result = cli("status", "--settings", str(tmp_path / "wrong.toml"))
    assert result.exit_code == 2
    assert "owner" in result.stderr
    assert "region" in result.stderr


def test_settings_that_are_not_there(cli: Cli) -> None:
    result = cli("status", "--settings", "nowhere.toml", "--region", "us-east-1")
    assert result.exit_code == 2
    assert "nowhere.toml" in result.stderr


def test_ctrl_c_ends_it_at_once_and_says_so(tmp_path: Path) -> None:
    def interrupt(_region: str, operation: str, _count: int) -> Answer | None:
        if operation == "GetInventory":
            os.kill(process.pid, signal.SIGINT)
        return None

    with FakeAws({"us-east-1": NODES}, fault=interrupt).served() as endpoint:
        process = subprocess.Popen(
            [sys.executable, "-m", "oelab", "wait"],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_REGION": "us-east-1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err


def test_a_reader_that_has_seen_enough_interrupts_without_a_word(tmp_path: Path) -> None:
    with FakeAws({"us-east-1": NODES}).served() as endpoint:
        process = subprocess.Popen(
            [sys.executable, "-m", "oelab", "status", "--json"],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_REGION": "us-east-1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        assert (process.wait(60), err) == (130, "")
