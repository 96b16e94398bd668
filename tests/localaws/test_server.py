"""The server's life: it starts, serves this machine only, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import localaws.server
from localaws import LocalAws
from localaws.environment import client_environment
from localaws.server import LocalAwsError
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie answers too; it has ended and only waits for its parent to notice.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TMPDIR, HOME and working directory that the test can look into afterwards."""
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_starts_soon_and_leaves_nothing_behind(temporary: Path) -> None:
    began = time.monotonic()
    with LocalAws() as aws:
        # Several times what it takes: other work on the machine must not fail this.
        assert time.monotonic() - began < 4
        pid = aws.pid
        assert Path(aws.environment["CDK_HOME"]).is_dir()
        aws.client("ssm").describe_instance_information()
    aws.stop()
    assert not is_alive(pid)
    assert [path for path in temporary.rglob("*") if path.is_file()] == []
    assert list((temporary / "tmp").iterdir()) == []


def test_a_start_that_takes_too_long_leaves_nothing_behind(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(localaws.server, "START_SECONDS", 0.01)
    with pytest.raises(LocalAwsError, match="did not start"):
        LocalAws()
    assert list((temporary / "tmp").iterdir()) == []


def test_a_failed_start_shows_the_log(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localaws.server, "_python_path", lambda: str(temporary))
    with pytest.raises(LocalAwsError, match="No module named"):
        LocalAws()
    assert list((temporary / "tmp").iterdir()) == []


def test_it_listens_on_the_loopback_address_only(aws: LocalAws) -> None:
    """127.0.0.2 is this machine too, but not the address that the server binds."""
    assert aws.endpoint == f"http://localhost:{aws.port}"
    with socket.create_connection(("127.0.0.1", aws.port), 5):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", aws.port), 5)


def test_the_environment_points_here_and_nowhere_else(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL_SSM"):
        monkeypatch.setenv(name, "of an account")
    found = aws.subprocess_environment
    assert "of an account" not in found.values()
    assert found["AWS_ACCESS_KEY_ID"] == "test"
    assert found["AWS_ENDPOINT_URL"] == aws.endpoint
    assert found["PATH"] == os.environ["PATH"]


def test_a_ctrl_c_in_the_terminal_does_not_reach_it(aws: LocalAws) -> None:
    assert os.getsid(aws.pid) != os.getsid(0)


def test_control_refuses_what_it_does_not_know(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="i-0123 is not a managed node"):
        aws.silence_agent("i-0123")
    with pytest.raises(LocalAwsError, match="must not be negative"):
        aws.advance(-1)


STARTER = """
import time
from localaws import LocalAws
from localaws.environment import client_environment
aws = LocalAws()
print(aws.pid, aws.environment["CDK_HOME"], flush=True)
time.sleep(60)
"""
KEEPER = """
from localaws import LocalAws
from localaws.environment import client_environment
with LocalAws() as aws:
    print(aws.keep(), aws.port, aws.environment["CDK_HOME"], flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_starter_however_that_ends(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        pid, folder = starter.stdout.readline().split()
        assert is_alive(int(pid))
        starter.send_signal(number)
        starter.wait(5)
        eventually(lambda: not is_alive(int(pid)))
        eventually(lambda: not Path(folder).parent.exists())


def test_it_can_be_kept_and_is_then_stopped_by_its_pid() -> None:
    keeper = subprocess.run(
        [sys.executable, "-W", "error", "-c", KEEPER],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert keeper.stderr == ""
    pid, port, folder = keeper.stdout.split()
    try:
        # Longer than the server takes to notice that its starter is gone.
        time.sleep(0.5)
        with socket.create_connection(("127.0.0.1", int(port)), 5):
            pass
        assert Path(folder).is_dir()
    finally:
        os.kill(int(pid), signal.SIGTERM)
    eventually(lambda: not is_alive(int(pid)))
    eventually(lambda: not Path(folder).parent.exists())


def test_the_shells_own_exceptions_from_its_proxy_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet.example.com")
    monkeypatch.delenv("no_proxy", raising=False)
    variables = client_environment(1234, "")
    assert variables["no_proxy"] == "intranet.example.com,localhost,127.0.0.1"
    assert variables["NO_PROXY"] == variables["no_proxy"]
