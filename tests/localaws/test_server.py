"""The server's life: it starts, serves this machine only, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import localaws.server
from localaws import LocalAws
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
    """A TMPDIR and a HOME that the test can look into afterwards."""
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_it_leaves_nothing_behind(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(temporary)
    with LocalAws() as aws:
        pid, folder = aws.pid, Path(aws.environment["CDK_HOME"])
        assert folder.is_dir()
        aws.client("ssm").describe_instance_information()
    assert not is_alive(pid)
    assert [path for path in temporary.rglob("*") if path.is_file()] == []
    assert list((temporary / "tmp").iterdir()) == []


def test_it_listens_on_this_machine_only(aws: LocalAws) -> None:
    assert aws.endpoint == f"http://localhost:{aws.port}"
    with socket.create_connection(("127.0.0.1", aws.port), 5):
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # No packet is sent; this asks which address of this machine leads out.
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no other address")
        outside = probe.getsockname()[0]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((outside, aws.port), 5)


def test_the_environment_points_here_and_nowhere_else(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    found = aws.subprocess_environment
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(found)
    assert found["AWS_ACCESS_KEY_ID"] == "test"
    assert found["AWS_ENDPOINT_URL"] == aws.endpoint
    assert found["PATH"] == os.environ["PATH"]


def test_a_ctrl_c_in_the_terminal_does_not_reach_it(aws: LocalAws) -> None:
    assert os.getsid(aws.pid) != os.getsid(0)


def test_stopping_twice_is_harmless() -> None:
    server = LocalAws()
    server.stop()
    server.stop()
    with pytest.raises(LocalAwsError, match="stopped"):
        _ = server.pid


def test_a_port_in_use_is_a_clear_error(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match=rf"port {aws.port} is not free"):
        LocalAws(port=aws.port)


def test_a_start_that_takes_too_long_shows_the_log(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(localaws.server, "START_SECONDS", 0.0)
    with pytest.raises(LocalAwsError, match="not ready"):
        LocalAws()
    assert list((temporary / "tmp").iterdir()) == []


def test_control_refuses_what_it_does_not_know(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="no instance i-0123"):
        aws.silence_agent("i-0123")
    with pytest.raises(LocalAwsError, match="must not be negative"):
        aws.advance(-1)


PARENT = """
import sys, time
from localaws import LocalAws
aws = LocalAws()
print(aws.pid, aws.environment["CDK_HOME"], flush=True)
time.sleep(60)
"""
KEEPER = """
from localaws import LocalAws
with LocalAws() as aws:
    print(aws.keep(), aws.endpoint, aws.environment["CDK_HOME"], flush=True)
"""


def start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent_however_that_ends(number: signal.Signals) -> None:
    with start(PARENT) as parent:
        assert parent.stdout
        pid, folder = parent.stdout.readline().split()
        assert is_alive(int(pid))
        parent.send_signal(number)
        parent.wait(5)
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
    number, endpoint, folder = keeper.stdout.split()
    pid = int(number)
    try:
        # Longer than the server takes to notice that its parent is gone.
        time.sleep(0.5)
        with socket.create_connection(("127.0.0.1", int(endpoint.rpartition(":")[2])), 5):
            pass
        assert Path(folder).is_dir()
    finally:
        os.kill(pid, signal.SIGTERM)
    eventually(lambda: not is_alive(pid))
    eventually(lambda: not Path(folder).parent.exists())


@contextmanager
def foreground(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "localaws", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_introduces_itself_and_ends_cleanly(
    temporary: Path, number: signal.Signals
) -> None:
    with foreground("--port", "0") as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("# local AWS at http://localhost:")
        assert process.stdout.readline().startswith("export AWS_ENDPOINT_URL=http://localhost:")
        process.send_signal(number)
        assert process.wait(5) == 0
        assert "Traceback" not in process.stderr.read()
    assert list((temporary / "tmp").iterdir()) == []


def test_in_the_foreground_a_port_in_use_is_one_line(aws: LocalAws) -> None:
    with foreground("--port", str(aws.port)) as process:
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert f"port {aws.port} is not free" in errors


@pytest.mark.parametrize("port", ["70000", "-1", "http"])
def test_in_the_foreground_what_is_no_port_is_a_clear_error(port: str) -> None:
    with foreground(f"--port={port}") as process:
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 2
    assert errors.endswith(
        f"error: argument --port: must be a number from 0 to 65535, got {port!r}\n"
    )


def test_it_starts_in_about_a_second() -> None:
    began = time.monotonic()
    with LocalAws():
        # Twice the promise: other work on the machine must not fail this.
        assert time.monotonic() - began < 4


def test_the_product_never_imports_it() -> None:
    for path in (ROOT / "oelab").rglob("*.py"):
        assert "localaws" not in path.read_text(encoding="utf-8"), path
    # The demo shows the product and so knows it; the server must not.
    for path in set((ROOT / "localaws").rglob("*.py")) - {ROOT / "localaws" / "demo.py"}:
        assert "from oelab" not in path.read_text(encoding="utf-8"), path


def test_only_the_adapter_knows_ministack() -> None:
    package = ROOT / "localaws"
    for path in set(package.rglob("*.py")) - set((package / "adapter").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) ministack", text, re.MULTILINE), path
