"""How far a review is, as a terminal shows it."""

import os
import pty
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.command_line.fake_aws import ACCOUNT, FakeAws, environment_of, settings_for
from tests.command_line.test_large_fleet import read_all

ROOT = Path(__file__).parents[2]


@pytest.fixture
def profile(tmp_path: Path) -> str:
    """A profile whose role asks for the code of an MFA device."""
    (tmp_path / "config").write_text(
        "[profile base]\naws_access_key_id = key\naws_secret_access_key = secret\n"
        f"[profile mfa]\nsource_profile = base\nrole_arn = arn:aws:iam::{ACCOUNT}:role/R\n"
        f"role_session_name = oelab\nmfa_serial = arn:aws:iam::{ACCOUNT}:mfa/me\n"
    )
    return "mfa"


def test_a_review_that_waits_for_its_first_call_shows_that_and_keeps_the_prompt(
    profile: str,
) -> None:
    settings_for(1)
    ours, its = pty.openpty()
    aws = FakeAws({"us-east-1": 1}, with_role=[ACCOUNT])
    with aws.served() as endpoint:
        process = subprocess.Popen(
            [sys.executable, "-m", "oelab", "status", "--json", "--profile", profile],
            env=os.environ | environment_of(endpoint) | {"TERM": "xterm", "PYTHONPATH": str(ROOT)},
            stdin=its,
            stdout=subprocess.DEVNULL,
            stderr=its,
            start_new_session=True,
        )
        os.close(its)
        # Where nothing is shown, the end of the program ends the reading.
        limit = threading.Timer(60, process.kill)
        limit.start()
        shown = ""
        while "calls to AWS" not in shown:
            shown += os.read(ours, 65536).decode()
        # As long as a bar that is drawn again and again takes to erase it.
        time.sleep(0.5)
        os.write(ours, b"123456\n")
        later = read_all(ours)
        limit.cancel()
    assert process.wait() == 0, shown + later
    before, prompt, after = shown.partition("MFA code")
    assert prompt, shown
    assert "\x1b[2K" not in before + after
    assert "/?" not in shown + later
