"""`tools/setup.py` before it has installed anything: what stops it is one clear line."""

import os
import subprocess
import sys
from pathlib import Path

from tests.synthesis import ROOT


def copy_project(directory: Path) -> None:
    """What setup needs of the project, in a folder that it may fill."""
    (directory / "tools").mkdir()
    for name in ("tools/setup.py", "requirements-dev.txt", "package.json", "package-lock.json"):
        (directory / name).write_bytes((ROOT / name).read_bytes())


def run_setup(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(directory / "tools" / "setup.py")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unreachable_registry_is_one_line(tmp_path: Path) -> None:
    copy_project(tmp_path)
    run = run_setup(
        tmp_path,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_RETRIES="0",
        PIP_NO_CACHE_DIR="1",
        PIP_CONFIG_FILE=os.devnull,
    )
    assert run.returncode == 2
    started, failed = run.stderr.strip().splitlines()
    assert started.startswith("setup: installing the locked Python packages")
    assert failed.startswith("setup: could not install the Python packages: ERROR")
    assert "check the network" in failed


def test_an_old_python_is_one_line(tmp_path: Path) -> None:
    copy_project(tmp_path)
    script = (tmp_path / "tools" / "setup.py").read_text()
    # No older Python is at hand everywhere, so the one at hand plays the part.
    (tmp_path / "tools" / "setup.py").write_text(
        script.replace("OLDEST = (3, 11)", "OLDEST = (4, 0)")
    )
    run = run_setup(tmp_path)
    assert run.returncode == 2
    (line,) = run.stderr.strip().splitlines()
    assert line.startswith("setup: Python 4.0 or newer is needed, but ")
    assert not (tmp_path / ".venv").exists()


def test_node_is_started_without_python_before_it() -> None:
    node = Path(sys.executable).with_name("node")
    assert node.resolve().read_bytes()[:2] != b"#!"
