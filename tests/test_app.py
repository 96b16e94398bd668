"""`app.py` as the CLI and a person run it: a process of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oelab.settings import Settings
from tests.synthesis import ROOT, app_of, only, templates_of
from tests.waiting import eventually


def run_app(
    cwd: Path, outdir: Path, context: dict[str, object] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "CDK_OUTDIR": str(outdir),
        "CDK_CONTEXT_JSON": json.dumps(context or {}),
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_wrong_settings_give_one_report_and_exit_code_2(tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text('owner = 3\n[[inventory.associations]]\nname = "with space"\n')
    run = run_app(tmp_path, tmp_path / "out", {"settings": "mine.toml"})
    assert run.returncode == 2
    assert run.stdout == ""
    head, *faults = run.stderr.strip().splitlines()
    assert head == "mine.toml: 2 faults"
    assert faults[0].startswith("  owner must ")
    assert faults[1].startswith("  inventory.associations[0].name must ")
    assert "Traceback" not in run.stderr


def test_a_missing_settings_file_is_one_line(tmp_path: Path) -> None:
    run = run_app(tmp_path, tmp_path / "out", {"settings": "nowhere.toml"})
    assert run.returncode == 2
    assert "nowhere.toml" in run.stderr
    assert "Traceback" not in run.stderr


def test_ctrl_c_ends_it_without_a_stack_dump(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        env=os.environ | {"CDK_OUTDIR": str(out)},
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(out.exists)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (-signal.SIGINT, "")


def test_wrong_settings_are_readable_through_the_cli(tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text("[[inventory.associations]]\ninterval_minutes = 10\n")
    cdk = ROOT / "node_modules" / ".bin" / "cdk"
    if not cdk.exists():
        pytest.fail("the CDK CLI is not installed; run: make setup")
    run = subprocess.run(
        [str(cdk), "synth", "--quiet", "-c", f"settings={settings}", "-o", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "inventory.associations[0].interval_minutes must " in run.stderr
    assert "Traceback" not in run.stderr


def test_a_permissions_boundary_reaches_the_role() -> None:
    app = app_of(Settings(), context={"@aws-cdk/core:permissionsBoundary": {"name": "Boundary"}})
    role = only(templates_of(app)["OELabFoundation"], "AWS::IAM::Role")["Properties"]
    assert "policy/Boundary" in json.dumps(role["PermissionsBoundary"])


def test_npm_and_python_agree_on_what_is_locked() -> None:
    """The CLI of the lock is the one that package.json names, to the last digit."""
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    locked = json.loads((ROOT / "package-lock.json").read_text())
    assert locked["packages"]["node_modules/aws-cdk"]["version"] == wanted
    assert shutil.which("node", path=str(Path(sys.executable).parent))
