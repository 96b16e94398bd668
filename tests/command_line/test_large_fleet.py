"""A fleet over 3 Regions, read in no more calls than bulk reading takes."""

import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from math import ceil
from pathlib import Path

import pytest

from oelab.review.read import pace
from tests.command_line.conftest import Cli
from tests.command_line.fake_aws import GLOBAL, TYPES, FakeAws, environment_of, use

# One more than a page of instances, a page of nodes, and one less than that.
REGIONS = {"us-east-1": 1001, "us-west-2": 50, "eu-west-1": 49}
# The documented rates, and the fake that enforces them, ten times as fast: nothing here is about
# time, and at the real ones the test would take that much longer.
FASTER = {operation: 10 * rate for operation, rate in pace.DOCUMENTED.items()}


def calls_of(
    instances: int, nodes: int, associations: int = 1, compliance_types: int = 1
) -> Counter[str]:
    """The formula of docs/review.md, for a Region whose associations each ran on all nodes."""
    pages = ceil(nodes / 50)
    return Counter(
        {
            "DescribeInstances": ceil(instances / 1000),
            "DescribeInstanceInformation": pages,
            "ListAssociations": ceil(associations / 50),
            "DescribeAssociationExecutions": associations,
            "DescribeAssociationExecutionTargets": associations * pages,
            "GetInventory": len(TYPES) * pages,
            "ListResourceComplianceSummaries": ceil(nodes * compliance_types / 50),
        }
    )


def test_the_calls_are_those_of_the_formula(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "DOCUMENTED", FASTER)
    aws = FakeAws(REGIONS, per_second=FASTER)
    with aws.served() as endpoint:
        use(endpoint, monkeypatch)
        regions = [word for region in REGIONS for word in ("--region", region)]
        result = cli("status", "--json", *regions)
    document = json.loads(result.stdout)
    assert document["unread"] == []
    # Two of the workloads' eight instances bear the names of nodes that are there.
    assert document["totals"] == {"ok": 1100, "not-launched": 6}
    for region, count in REGIONS.items():
        made = Counter({op: n for (where, op), n in aws.calls.items() if where == region})
        assert made == calls_of(count, count)
    assert aws.calls[GLOBAL, "GetCallerIdentity"] == 1
    assert aws.throttled == 0


# As `oelab`, but for AWS's rates, at which the calls would take 17 seconds.
UNPACED = """
from oelab.cli import app
from oelab.review.read import pace
pace.DOCUMENTED = {}
app()
"""


# Runs a program and writes down its memory: what a process needs is counted together with what the
# one needs that it is forked from, and the tests need much.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
with open("memory", "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def test_ten_thousand_nodes_take_few_calls_and_little_memory(tmp_path: Path) -> None:
    """Also on a terminal, which shows how far it is."""
    (tmp_path / "oelab.toml").write_text('[[workloads]]\nname = "None"\nstack_name = "None"\n')
    aws = FakeAws({"us-east-1": 3334, "us-west-2": 3333, "eu-west-1": 3333})
    regions = [word for region in aws.nodes for word in ("--region", region)]
    python = (sys.executable, "-c")
    ours, its = pty.openpty()
    with aws.served() as endpoint, (tmp_path / "out").open("w+b") as out:
        process = subprocess.Popen(
            [*python, MEASURED, *python, UNPACED, "status", "--json", *regions],
            cwd=tmp_path,
            env=os.environ | environment_of(endpoint) | {"TERM": "xterm"},
            stdout=out,
            stderr=its,
        )
        os.close(its)
        shown = read_all(ours)
        process.wait()
        out.seek(0)
        document = json.load(out)
    assert document["totals"]["ok"] == 10_000
    assert sum(aws.calls.values()) == 1225
    assert int((tmp_path / "memory").read_text()) / 1024 <= 200
    assert re.search(r"calls to AWS .*━.* \d+/\d+", shown)
    # What is left of it is an empty line.
    assert shown.rstrip().endswith("\x1b[2K")


def read_all(terminal: int) -> str:
    """What is written to a terminal until all programs have closed it."""
    written = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that
            part = b""
        if not part:
            os.close(terminal)
            return written.decode()
        written += part
