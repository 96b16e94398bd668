"""Programs that run beside each other."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Program:
    """A command, where it runs and what it finds in its environment."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it said."""

    code: int
    out: str
    err: str


def run(programs: Iterable[Program], at_once: int = 2) -> Generator[Ended, None, None]:
    """Run programs, some at a time; how they ended, in their order.

    Ctrl-C, or closing the generator, leaves none of them running, nor what they have started.
    """
    waiting = iter(programs)
    running: deque[subprocess.Popen[str]] = deque()
    try:
        while True:
            running.extend(_started(each) for each in islice(waiting, at_once - len(running)))
            if not running:
                return
            out, err = running[0].communicate()
            yield Ended(running.popleft().returncode, out, err)
    finally:
        for process in running:
            _stop(process)


def _started(program: Program) -> subprocess.Popen[str]:
    return subprocess.Popen(
        program.command,
        cwd=program.folder,
        env=program.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[str]) -> None:
    # All of its session at once: the node of a killed app.py would write on for a moment.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
