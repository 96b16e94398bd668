"""What AWS, or the way to it, does wrong: one line, exit code 3, never clean, never a traceback."""

import json
import socket

import pytest
from botocore.config import Config
from botocore.retries.standard import ExponentialBackoff

from oelab.review.read import clients
from tests.command_line.conftest import Cli
from tests.command_line.fake_aws import (
    ACCOUNT,
    GLOBAL,
    HANG_UP,
    HOTSPOT,
    Answer,
    FakeAws,
    Fault,
    error,
    settings_for,
    use,
)

NODES = 60
THROTTLED = error("ThrottlingException", "Rate exceeded")
DENIED_BY_EC2 = (
    403,
    b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>"
    b"</Error></Errors><RequestID>1</RequestID></Response>",
)


@pytest.fixture(autouse=True)
def _two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts with short pauses, as the default ones take seconds."""
    hasty = clients.CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
    monkeypatch.setattr(clients, "CONFIG", hasty)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.01)


def always(operation: str, answer: Answer, *, region: str = "us-east-1", after: int = 0) -> Fault:
    def fault(where: str, called: str, count: int) -> Answer | None:
        return answer if (where, called) == (region, operation) and count > after else None

    return fault


def status(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, fault: Fault | None, *arguments: str
) -> tuple[int, str, str]:
    """How a review of two Regions ends, of which the second has no node."""
    settings_for(NODES)
    with FakeAws({"us-east-1": NODES, "us-west-2": 0}, fault=fault).served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli("status", *arguments)
    assert "Traceback" not in result.output
    return result.exit_code, result.stdout, result.stderr


def test_all_is_well(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = status(cli, monkeypatch, None)
    assert (code, err) == (0, "")
    assert f"{NODES} expected nodes: {NODES} ok" in out


def test_throttling_that_passes_is_waited_out(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def once(_region: str, operation: str, count: int) -> Answer | None:
        return THROTTLED if operation == "ListAssociations" and count == 1 else None

    code, _, err = status(cli, monkeypatch, once)
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (always("ListAssociations", THROTTLED), "AWS kept throttling"),
        (always("ListAssociations", error("AccessDenied")), "allow ssm:ListAssociations"),
        (always("DescribeInstances", DENIED_BY_EC2), "allow ec2:DescribeInstances"),
        (always("ListAssociations", error("ExpiredTokenException")), "have expired; sign in again"),
        (always("ListAssociations", error("OptInRequired")), "has this Region enabled"),
        (always("ListAssociations", error("Teapot", "short")), "Teapot: short"),
        (always("GetInventory", HANG_UP, after=1), "could not be reached"),
        (always("DescribeInstances", (200, b"<a><b>cut")), "what answered at http"),
        (always("ListAssociations", (500, b"{}")), "only HTTP 500 came back"),
        (always("GetCallerIdentity", error("AccessDenied"), region=GLOBAL), "not read: sts:Get"),
    ],
)
def test_each_failure_names_the_call_and_what_to_do(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, fault: Fault, reason: str
) -> None:
    code, out, err = status(cli, monkeypatch, fault)
    assert code == 3
    assert reason in err
    assert "not-launched" not in out
    assert "cut" not in err


def test_a_denied_call_hides_nothing_else(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = always("ListResourceComplianceSummaries", error("AccessDeniedException"))
    code, out, _ = status(cli, monkeypatch, fault, "--json")
    document = json.loads(out)
    assert code == 3
    (unread,) = document["unread"]
    assert (unread["account"], unread["region"]) == (ACCOUNT, "us-east-1")
    assert unread["call"] == "ssm:ListResourceComplianceSummaries"
    assert document["totals"] == {"unread": NODES}
    assert {node["association_status"] for node in document["nodes"]} == {"Success"}


def test_one_region_unread_leaves_the_other(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    denied = error("AccessDeniedException")
    fault = always("DescribeInstanceInformation", denied, region="us-west-2")
    regions = ("--region", "us-east-1", "--region", "us-west-2")
    code, out, err = status(cli, monkeypatch, fault, *regions)
    assert code == 3
    assert f"{NODES} ok" in out
    assert err.startswith(f"{ACCOUNT}/us-west-2: not read: ssm:DescribeInstanceInformation")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("status", (200, HOTSPOT)),
        ("preflight", (200, b"")),
        ("associations", (403, HOTSPOT)),
        ("compliance", (302, b"")),
    ],
)
def test_an_endpoint_that_is_not_aws_is_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str, answer: Answer
) -> None:
    with FakeAws({"us-east-1": NODES}, fault=lambda *_: answer).served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli(command)
    assert result.exit_code == 3, result.output
    assert f"what answered at {endpoint} is not AWS" in result.stderr
    assert "hotspot" not in result.output


def test_a_gateway_that_fails_keeps_its_page(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = status(cli, monkeypatch, lambda *_: (502, HOTSPOT))
    assert code == 3
    assert "only HTTP 502 came back" in err
    assert "<" not in out + err


def test_an_endpoint_that_is_not_there_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        use(endpoint, monkeypatch)
        result = cli("status")
    assert result.exit_code == 3
    assert f"the endpoint {endpoint}" in result.stderr


def test_that_aws_cannot_be_read_is_said_once(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reasons are, until it can be read again."""

    def fault(_region: str, operation: str, count: int) -> Answer | None:
        # Each look makes two attempts.
        if operation == "DescribeInstanceInformation" and count <= 2:
            return 503, b""
        return HANG_UP if operation == "ListAssociations" and count in (2, 3) else None

    settings_for(NODES)
    with FakeAws({"us-east-1": NODES}, fault=fault).served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli("wait", "--every", "1", "--timeout", "30")
    assert result.exit_code == 0, result.output
    lines = result.stderr.splitlines()
    assert [line.partition(",")[0] for line in lines if line.startswith("AWS")] == [
        "AWS could not be read",
        "AWS can be read again",
    ]


def test_no_credentials_end_in_a_line(cli: Cli) -> None:
    result = cli("wait", "--region", "us-east-1", "--settings", "")
    assert result.exit_code == 3
    (line,) = result.stderr.splitlines()
    assert "no credentials found; name a profile with --profile" in line


def test_each_call_can_be_seen_without_secrets(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def once(_region: str, operation: str, count: int) -> Answer | None:
        return THROTTLED if operation == "ListAssociations" and count == 1 else None

    code, out, err = status(cli, monkeypatch, once, "--debug", "--json")
    assert code == 0
    assert json.loads(out)["unread"] == []
    calls = {line.partition(":")[2].partition(" ")[0]: line for line in err.splitlines()}
    assert {"GetCallerIdentity", "DescribeInstances", "GetInventory"} < calls.keys()
    assert "1 retries" in calls["ListAssociations"]
    assert all("HTTP 200, request id 1" in line for line in calls.values())
    assert "secret" not in err
    assert "Signature" not in err
