"""Runs programs at the same time, in temporary folders that are gone at the end."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
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
                process = subprocess.Popen(
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
                running.append(process)
        results = []
        for program, process in zip(programs, running, strict=True):
            out, err = process.communicate()
            code = process.returncode
            # Not the environment, which may hold secrets.
            command, seconds = " ".join(program.command), time.monotonic() - began
            _log.debug("%s: exit code %d, %.3f s", command, code, seconds)
            results.append(subprocess.CompletedProcess(program.command, code, out, err))
        return results
    finally:
        for process in running:
            if process.returncode is None:
                # All of its session at once: the node of a killed app.py would write on for a
                # moment.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()


@contextmanager
def signals_held() -> Iterator[set[signal.Signals]]:
    """Hold signals back for as long as the block lasts; yields those that were held before.

    An interruption between creating something and knowing of it would leave it behind.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield {*map(signal.Signals, before)}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder for as long as the block lasts."""
    # Once it is known, Python removes it at its own end, should the block never be entered.
    with signals_held():
        folder = TemporaryDirectory(prefix=prefix)
    with folder as path:
        yield Path(path)
