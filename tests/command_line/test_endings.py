"""How a program of its own ends: interrupted, with a full disk, or with nobody who reads."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.command_line.fake_aws import Answer, FakeAws, Request, settings_for
from tests.synthesis import ROOT

NODES = 60


def a_run(endpoint: str, *arguments: str) -> dict[str, Any]:
    """What starts `oelab` next to this process, on a served AWS."""
    settings_for(NODES)
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


def test_a_full_disk_is_a_line() -> None:
    with FakeAws({"us-east-1": NODES}).served() as endpoint, Path("/dev/full").open("w") as full:
        ended = subprocess.run(**a_run(endpoint, "status"), stdout=full, check=False)
    assert ended.returncode == 3
    assert ended.stderr == "the output could not be written: No space left on device\n"


class Foreign(FakeAws):
    """Its nodes' platform has letters beyond ASCII."""

    def _describe_instance_information(self, ids: list[str], request: Request) -> Any:
        answer = super()._describe_instance_information(ids, request)
        for node in answer["InstanceInformationList"]:
            node["PlatformName"] = "Größe"
        return answer


def test_letters_that_the_output_does_not_know_are_escaped() -> None:
    with Foreign({"us-east-1": 1}).served() as endpoint:
        run = a_run(endpoint, "status")
        run["env"]["PYTHONIOENCODING"] = "ascii"
        ended = subprocess.run(**run, stdout=subprocess.PIPE, check=False)
    assert r"Gr\xf6\xdfe" in ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_it_at_once_and_says_so(wanted: signal.Signals) -> None:
    def interrupt(_region: str, operation: str, _count: int) -> Answer | None:
        if operation == "GetInventory":
            os.kill(process.pid, wanted)
            # What is not answered is not waited for.
            ended.wait(60)
        return None

    ended = threading.Event()
    with FakeAws({"us-east-1": NODES}, fault=interrupt).served() as endpoint:
        process = subprocess.Popen(**a_run(endpoint, "wait"), stdout=subprocess.PIPE)
        out, err = process.communicate(timeout=30)
        ended.set()
    assert (process.returncode, out, err) == (130, "", "interrupted\n")


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_a_reader_that_has_seen_enough_interrupts_without_a_word(form: list[str]) -> None:
    with FakeAws({"us-east-1": NODES}).served() as endpoint:
        process = subprocess.Popen(**a_run(endpoint, "status", *form), stdout=subprocess.PIPE)
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        assert (process.wait(60), err) == (130, "")
