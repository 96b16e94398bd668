"""Programs that run at the same time."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from oelab.diff.temporary import signals_held

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A command, the folder it runs in, and its environment variables."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


def environment_in(temporary: Path, **variables: str) -> dict[str, str]:
    """This environment with the node that is installed next to Python, and a TMPDIR."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | {"PATH": path, "TMPDIR": str(temporary)} | variables


def run(*programs: Program) -> list[subprocess.CompletedProcess[str]]:
    """Run programs at the same time; their results, in their order.

    Ctrl-C leaves none of them running, nor what they have started.
    """
    running: list[subprocess.Popen[str]] = []
    began = time.monotonic()
    try:
        for program in programs:
            with signals_held() as held:
                running.append(_started(program, held))
        results = []
        for process in running:
            out, err = process.communicate()
            code = process.returncode
            _log_program(process.args, code, began)
            results.append(subprocess.CompletedProcess(process.args, code, out, err))
        return results
    finally:
        for process in running:
            if process.returncode is None:
                _stop(process)


def _log_program(command: Any, code: int, began: float) -> None:
    """Log a program that has ended, for `--debug`; not its environment, which may hold secrets."""
    seconds = time.monotonic() - began
    _log.debug("%s: exit code %d, %.3f s", " ".join(map(str, command)), code, seconds)


def _started(program: Program, held: set[signal.Signals]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        program.command,
        cwd=program.folder,
        env=program.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # A path of git may be in any encoding.
        errors="surrogateescape",
        start_new_session=True,
        # The program is not to inherit that signals are held back here.
        preexec_fn=partial(signal.pthread_sigmask, signal.SIG_SETMASK, held),
    )


def _stop(process: subprocess.Popen[str]) -> None:
    # All of its session at once: the node of a killed app.py would write on for a moment.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
