"""`make lint` finds nothing."""

import subprocess

from tests.synthesis import ROOT


def test_lint_finds_nothing() -> None:
    # Without a setup, as a test installs nothing.
    command = ["make", "--no-print-directory", "--old-file=setup", "lint"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
