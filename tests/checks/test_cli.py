"""What a person reads when the checks fail a synth."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import cx_api

from oelab.constructs import synth_or_exit
from tests.synthesis import ROOT

APP = """
import aws_cdk as cdk
from oelab.constructs import InventoryAssociation, InventoryTargets, synth_or_exit

app = cdk.App(analytics_reporting=False)
stack = cdk.Stack(app, "Inventory")
for construct_id in ("One", "Two"):
    InventoryAssociation(stack, construct_id, targets=InventoryTargets.tag("Env", "Prod"))
synth_or_exit(app)
"""
REPORTED = "ERROR Inventory/Two "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A stranger's app in a folder of its own."""
    (tmp_path / "app.py").write_text(APP)
    settings = {
        "app": f"{sys.executable} app.py",
        "notices": False,
        "context": {"cli-telemetry": False},
    }
    (tmp_path / "cdk.json").write_text(json.dumps(settings))
    return tmp_path


def run(folder: Path, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # In a test the CDK puts its report into the exception, which people do not see.
    environment = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def assert_readable(process: subprocess.CompletedProcess[str]) -> None:
    assert process.returncode == 1
    assert process.stderr.count(REPORTED) == 1
    assert "Acknowledge with 'oelab::InventoryOverlap'" in process.stderr
    for dump in ("Traceback", "jsii.errors", "RuntimeError", "    at "):
        assert dump not in process.stderr


def test_the_cli_reports_each_finding_once(folder: Path) -> None:
    cli = ROOT / "node_modules" / ".bin" / "cdk"
    if not cli.exists():
        pytest.fail("the CDK CLI is not installed; run: make setup")
    assert_readable(run(folder, cli, "synth", "--quiet"))


def test_the_app_by_itself_reports_each_finding_once(folder: Path) -> None:
    # Without the CDK's own validation, which finds nothing here and takes most of the time.
    process = run(folder, sys.executable, "app.py", CDK_VALIDATION="false")
    assert_readable(process)
    assert "A copy of this report can be found in: " in process.stderr


class Broken(cdk.App):
    def synth(self, **_: Any) -> cx_api.CloudAssembly:
        raise RuntimeError("SomethingElse: is broken")


def test_other_errors_keep_their_traceback() -> None:
    with pytest.raises(RuntimeError, match="is broken"):
        synth_or_exit(Broken())
