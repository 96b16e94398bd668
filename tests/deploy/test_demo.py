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


def typed_in(shell: Path, lines: str) -> str:
    """What a shell with a proxy and without our tools on its PATH prints."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(shell), "NO_PROXY": "intranet.example.com"}
    run = subprocess.run(
        ["/bin/sh", "-eu"], input=lines, cwd=shell, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_demo_shows_what_it_built_and_can_be_kept(tmp_path: Path) -> None:
    out, err = start_demo(tmp_path, "--keep").communicate(timeout=300)
    try:
        assert is_up(endpoint_in(err)), err
        exports = "\n".join(re.findall(r"^export .+$", out, re.MULTILINE))
        asked = 'oelab status --settings ""\necho "$NO_PROXY $no_proxy"'
        *_, totals, hosts = typed_in(tmp_path, f"{exports}\n{asked}\n").splitlines()
        assert totals == "8 expected nodes: 8 ok"
        assert hosts == " ".join(["intranet.example.com,localhost,127.0.0.1"] * 2)
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
    assert re.search(r"^  Environment +OELabIPM$", out, re.MULTILINE)
    rows = re.findall(r"^  (\S+) +(Prod|Test) +(Web|App)Server +arn:\S+$", out, re.MULTILINE)
    assert [f"{workload}-{server}" for _, workload, server in rows] == [n[:-1] for n in names]
    assert re.findall(r"^(\S+) +i-\S+ +ok\b", out, re.MULTILINE) == names
    assert "InventoryAllInstances: ok" in out
    assert "tag:Environment=OELabIPM" in out
    assert re.search(r"^AWS:InstanceInformation +8 ", out, re.MULTILINE)
    by_copy, by_athena = re.findall(r"^openssl .+$\n(?:^openssl .+$\n)*", out, re.MULTILINE)
    assert by_copy == by_athena
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
