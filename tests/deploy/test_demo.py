"""`make demo`, as far as it is Python: what it shows, and that it leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from localaws.cdk_cli import ROOT
from tests.waiting import eventually


def start_demo(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    """The demo, with a temporary folder of its own in which leftovers would show."""
    return subprocess.Popen(
        [sys.executable, "-m", "localaws.demo", *arguments],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_up(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(endpoint, timeout=2).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def endpoint_in(text: str) -> str:
    found = re.search(r"http://localhost:\d+", text)
    assert found
    return found[0]


def test_the_demo_shows_what_it_built_and_can_be_kept(tmp_path: Path) -> None:
    out, err = start_demo(tmp_path, "--keep").communicate(timeout=300)
    try:
        assert is_up(endpoint_in(err)), err
    finally:
        pid = re.search(r"kill (\d+)", out)
        assert pid, out + err
        os.kill(int(pid[1]), signal.SIGTERM)
    names = sorted(
        f"{workload}-{server}"
        for workload in ("Prod", "Test")
        for server in ("App1", "App2", "Web1", "Web2")
    )
    built = re.findall(r"^  (\S+)  i-\S+  t3.micro  ManagedInstancesRole$", out, re.MULTILINE)
    assert built == names
    assert "Environment=OELabIPM" in out
    assert re.findall(r"^(\S+) +i-\S+ +ok\b", out, re.MULTILINE) == names
    assert "InventoryAllInstances: ok" in out
    assert "tag:Environment=OELabIPM" in out
    assert re.search(r"^  run at .* UTC: Success, on (\d of )?8 nodes\b", out, re.MULTILINE)
    eventually(lambda: not is_up(endpoint_in(err)))
    eventually(lambda: not list(tmp_path.iterdir()))


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_stops_what_it_started(
    tmp_path: Path, signal_number: signal.Signals
) -> None:
    demo = start_demo(tmp_path)
    assert demo.stderr
    first = demo.stderr.readline()
    assert "cdk bootstrap" in demo.stderr.readline()
    time.sleep(1)  # into the middle of the CLI's run
    demo.send_signal(signal_number)
    _, err = demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not is_up(endpoint_in(first))
    assert list(tmp_path.iterdir()) == []
