"""What goes wrong between here and AWS: the message, the exit code, and never a traceback."""

import csv
import errno
import io
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from typer.testing import Result

from oelab.review.commands.options import Common
from oelab.review.commands.session import Session, run
from oelab.review.exit_codes import ExitCode
from oelab.review.read import access, answers, origins
from tests.review.conftest import Cli
from tests.review.fake_aws import (
    HANG_UP,
    HOTSPOT,
    NOT_OF_AWS,
    Answer,
    FakeAws,
    Finding,
    Request,
    error,
    use,
)

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


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def test_an_address_that_does_not_answer_is_given_up_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(f"http://127.0.0.1:{_free_port()}", monkeypatch)
    (clients,) = access.connect([], ["us-east-1"])
    sent: list[str] = []
    clients.ssm.meta.events.register("before-send", lambda **_: sent.append("once"))
    with pytest.raises(EndpointConnectionError):
        clients.ssm.list_associations()
    assert len(sent) == answers.CONNECTION_ATTEMPTS
    with pytest.raises(EndpointConnectionError):
        clients.quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")
    with pytest.raises(EndpointConnectionError):
        clients.ssm.list_associations()
    assert len(sent) == answers.CONNECTION_ATTEMPTS + 1


def attempts_of(endurance: answers.Endurance, **came: object) -> int:
    """How often a call is made to which always the same comes."""
    for attempt in range(1, 11):
        try:
            endurance.judge(attempt, _OPERATION, **{"response": None, **came})  # type: ignore[arg-type]
        except (ClientError, EndpointConnectionError, ReadTimeoutError):
            return attempt
    return 10


_OPERATION = SimpleNamespace(name="ListAssociations")
_NOBODY = {"caught_exception": EndpointConnectionError(endpoint_url="http://127.0.0.1:9")}


def answered(status: int, code: str = "") -> dict[str, object]:
    response = (SimpleNamespace(status_code=status), {"Error": {"Code": code}} if code else {})
    return {"response": response, "caught_exception": None}


@pytest.mark.parametrize(
    ("came", "attempts"),
    [
        (_NOBODY, 3),
        ({"caught_exception": ReadTimeoutError(endpoint_url="http://127.0.0.1:9")}, 3),
        (answered(502, "502"), 5),
        (answered(503, "RequestLimitExceeded"), 10),
        (answered(400, "ThrottlingException"), 10),
    ],
)
def test_what_seldom_passes_is_tried_less_often(came: dict[str, object], attempts: int) -> None:
    assert attempts_of(answers.Endurance(), **came) == attempts


def test_a_place_that_was_given_up_is_asked_once_a_call_until_it_answers() -> None:
    endurance = answers.Endurance()
    seen = [attempts_of(endurance, **_NOBODY) for _ in range(2)]
    seen.append(attempts_of(endurance, **answered(502, "502")))
    attempts_of(endurance, **answered(200))
    seen.append(attempts_of(endurance, **_NOBODY))
    assert seen == [3, 1, 1, 3]


def test_each_endpoint_is_given_up_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_region: str, operation: str, count: int) -> Answer | None:
        failed = operation == "ListAssociations" and count < answers.SERVER_ERROR_ATTEMPTS
        return error("InternalServerError", status=500) if failed else None

    with FakeAws({"us-east-1": 1}, fault=gone).served() as endpoint:
        use(endpoint, monkeypatch)
        monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", f"http://127.0.0.1:{_free_port()}")
        monkeypatch.setattr("time.sleep", lambda _: None)
        (clients,) = access.connect([], ["us-east-1"])
        with pytest.raises(EndpointConnectionError):
            clients.iam.list_roles()
        assert clients.ssm.list_associations(MaxResults=50)["Associations"]


def always(operation: str, answer: Answer, *, region: str = "us-east-1", after: int = 0) -> Finding:
    def fault(where: str, called: str, count: int) -> Answer | None:
        return answer if (where, called) == (region, operation) and count > after else None

    return fault


def status_of(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, fault: Finding | None, *arguments: str
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


def test_an_unknown_profile_of_the_environment_names_the_variable(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile lab]\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_PROFILE", "nope")
    result = cli("status")
    assert result.exit_code == 2
    assert result.stderr == "there is no profile 'nope', which AWS_PROFILE names; known are: lab\n"


def test_a_profile_that_is_named_goes_before_an_unknown_one_of_the_environment(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile lab]\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_PROFILE", "nope")
    result = cli("preflight", "--profile", "lab")
    assert result.exit_code == 3
    assert "no credentials found" in result.stderr


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_region_of_the_environment_that_cannot_be_one(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "moon")
    result = cli("status")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{variable} must be the code of a Region")


def test_a_region_of_the_profile_that_cannot_be_one(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile lab]\nregion = moon\n")
    result = cli("status", "--profile", "lab")
    assert result.exit_code == 2
    assert result.stderr.startswith("`region` of the profile lab must be the code of a Region")


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SERVICE_QUOTAS"])
def test_an_endpoint_that_is_no_address(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    use("", monkeypatch)
    monkeypatch.setenv(variable, "nonsense")
    result = cli("status")
    assert (result.exit_code, result.stderr) == (
        2,
        f"{variable} cannot be used: Invalid endpoint: nonsense\n",
    )


def test_an_endpoint_that_is_not_there_names_what_sets_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(f"http://127.0.0.1:{_free_port()}", monkeypatch)
    result = cli("status")
    assert result.exit_code == 3
    assert "check AWS_ENDPOINT_URL and the network" in result.stderr
    assert "Region" not in result.stderr


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("endpoint_url = http://x", "`endpoint_url` of the profile lab"),
        ("services = s\n[services s]\nssm =\n  endpoint_url = http://x", "the profile lab"),
        ("endpoint_url = http://x\nignore_configured_endpoint_urls = true", ""),
        ("region = us-east-1", ""),
    ],
)
def test_an_endpoint_of_the_profile(tmp_path: Path, config: str, says: str) -> None:
    (tmp_path / "config").write_text(f"[profile lab]\n{config}\n")
    found = origins.endpoint("ssm", "lab")
    assert found.endswith(says)
    assert bool(found) == bool(says)


@pytest.mark.parametrize("command", ["status", "preflight"])
@pytest.mark.parametrize("answer", [(200, HOTSPOT), (200, b""), (403, HOTSPOT), (302, b"")])
def test_an_endpoint_that_is_not_aws(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, answer: Answer, command: str
) -> None:
    with FakeAws({"us-east-1": NODES}, fault=lambda *_: answer).served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli(command)
    assert result.exit_code == 3, result.output
    assert f"what answered at {endpoint} is not AWS; check AWS_ENDPOINT_URL" in result.stderr
    assert "hotspot" not in result.output


def test_an_answer_of_aws_that_is_cut_short(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = status_of(cli, monkeypatch, always("DescribeInstances", (200, b"<a><b>cut")))
    assert code == 3
    assert "ec2:DescribeInstances: what answered is not AWS" in err
    assert "cut" not in err


@pytest.mark.usefixtures("_two_attempts")
@pytest.mark.parametrize("page", NOT_OF_AWS)
def test_a_gateway_that_fails(cli: Cli, monkeypatch: pytest.MonkeyPatch, page: bytes) -> None:
    with FakeAws({"us-east-1": NODES}, fault=lambda *_: (502, page)).served() as endpoint:
        use(endpoint, monkeypatch)
        result = cli("status")
    assert result.exit_code == 3, result.output
    assert "nothing but HTTP 502 came back; check AWS_ENDPOINT_URL" in result.stderr
    assert "<" not in result.output


def test_a_region_that_cannot_be_one(cli: Cli) -> None:
    result = cli("status", "--region", "us east 1")
    assert result.exit_code == 2
    assert "--region must be the code of a Region" in result.stderr


def test_wrong_settings_are_reported_whole(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('owner = 1\nregion = "moon"\n')
    result = cli("status", "--settings", str(tmp_path / "wrong.toml"))
    assert result.exit_code == 2
    assert "owner" in result.stderr
    assert "region" in result.stderr


NETWORK = "AWS:Network"
CARDS = [{"Name": "eth0"}, {"Name": "eth1", "IPV6": "fe80::1"}]


def csv_of(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    content: list[dict[str, str]],
    schema: list[str] | None,
) -> Result:
    """What a node has of a type, of which AWS tells the schema unless that is denied."""

    def network(region: str, operation: str, _count: int) -> Answer | None:
        if operation == "GetInventorySchema":
            attributes = [{"Name": name, "DataType": "STRING"} for name in schema or ()]
            known = {"Schemas": [{"TypeName": NETWORK, "Attributes": attributes}]}
            denied = error("AccessDeniedException")
            return (200, json.dumps(known).encode()) if schema else denied
        if operation == "GetInventory":
            data = {"CaptureTime": "2026-01-01T00:00:00Z", "Content": content}
            entity = {"Id": aws.ids(region)[0], "Data": {NETWORK: data}}
            return 200, json.dumps({"Entities": [entity]}).encode()
        return None

    aws = FakeAws({"us-east-1": 1}, fault=network)
    with aws.served() as endpoint:
        use(endpoint, monkeypatch)
        return cli("inventory", "--type", NETWORK, "--csv")


@pytest.mark.parametrize(
    ("schema", "code", "says"),
    [
        (["Name", "IPV6"], 0, ""),
        (["Name"], 0, "no column has IPV6; --json has all\n"),
        (None, 3, "ssm:GetInventorySchema: access denied"),
    ],
)
def test_no_column_of_csv_is_lost_in_silence(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, schema: list[str] | None, code: int, says: str
) -> None:
    result = csv_of(cli, monkeypatch, CARDS, schema)
    assert result.exit_code == code
    assert says in result.stderr
    assert ("fe80::1" in result.stdout) == (schema == ["Name", "IPV6"])


@pytest.mark.parametrize(("on_terminal", "name"), [(False, "eth0\x1b[2J"), (True, r"eth0\x1b[2J")])
def test_csv_is_as_aws_tells_it_but_on_a_terminal(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, on_terminal: bool, name: str
) -> None:
    monkeypatch.setattr("oelab.review.output.is_terminal", lambda: on_terminal)
    result = csv_of(cli, monkeypatch, [{"Name": "eth0\x1b[2J"}], ["Name"])
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["Name"] == name


def test_settings_that_are_not_there(cli: Cli) -> None:
    result = cli("status", "--settings", "nowhere.toml", "--region", "us-east-1")
    assert result.exit_code == 2
    assert "there is no settings file nowhere.toml; mend --settings" in result.stderr


def test_a_file_that_may_not_be_written_is_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(_: Session) -> ExitCode:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "oelab.toml"))

    with pytest.raises(typer.Exit) as ended:
        run(Common(regions=["us-east-1"]), write)
    assert ended.value.exit_code == 2
    said = capsys.readouterr().err
    assert said == f"{tmp_path / 'oelab.toml'} cannot be used: Permission denied\n"


@pytest.mark.usefixtures("_two_attempts")
def test_settings_of_nowhere_are_the_labs(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "oelab.toml").unlink()
    result = cli("wait", "--region", "us-east-1")
    said, _ = result.stderr.splitlines()
    assert said.startswith("no oelab.toml in this folder: going by the lab's own settings; ")
    assert "oelab.toml" not in cli("wait", "--region", "us-east-1", "--settings", "").stderr


def test_waiting_for_nothing_ends_at_once_in_a_line(cli: Cli) -> None:
    result = cli("wait", "--region", "us-east-1")
    assert result.exit_code == 3
    (line,) = result.stderr.splitlines()
    assert "not read: " in line
    assert "no credentials found" in line


def a_run(endpoint: str, *arguments: str) -> dict[str, Any]:
    """What starts `oelab` beside this process, against a served AWS."""
    return {
        "args": [sys.executable, "-m", "oelab", *arguments],
        "env": {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        },
        "stderr": subprocess.PIPE,
        "text": True,
    }


def test_a_full_disk_is_a_line(tmp_path: Path) -> None:
    with FakeAws({"us-east-1": NODES}).served() as endpoint, Path("/dev/full").open("w") as full:
        ended = subprocess.run(**a_run(endpoint, "status"), cwd=tmp_path, stdout=full, check=False)
    assert ended.returncode == 3
    assert ended.stderr == "the output could not be written: No space left on device\n"


class Foreign(FakeAws):
    """Its nodes' platform has letters beyond ASCII."""

    def _describe_instance_information(self, ids: list[str], request: Request) -> Any:
        answer = super()._describe_instance_information(ids, request)
        for node in answer["InstanceInformationList"]:
            node["PlatformName"] = "Größe"
        return answer


def test_letters_that_the_output_does_not_know_are_escaped(tmp_path: Path) -> None:
    with Foreign({"us-east-1": 1}).served() as endpoint:
        run = a_run(endpoint, "status")
        run["env"]["PYTHONIOENCODING"] = "ascii"
        ended = subprocess.run(**run, cwd=tmp_path, stdout=subprocess.PIPE, check=False)
    assert r"Gr\xf6\xdfe" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_ctrl_c_ends_it_at_once_and_says_so(tmp_path: Path) -> None:
    def interrupt(_region: str, operation: str, _count: int) -> Answer | None:
        if operation == "GetInventory":
            os.kill(process.pid, signal.SIGINT)
        return None

    with FakeAws({"us-east-1": NODES}, fault=interrupt).served() as endpoint:
        process = subprocess.Popen(**a_run(endpoint, "wait"), cwd=tmp_path, stdout=subprocess.PIPE)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_has_seen_enough_interrupts_without_a_word(
    tmp_path: Path, form: list[str]
) -> None:
    with FakeAws({"us-east-1": NODES}).served() as endpoint:
        process = subprocess.Popen(
            **a_run(endpoint, "status", *form), cwd=tmp_path, stdout=subprocess.PIPE
        )
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        assert (process.wait(60), err) == (130, "")
