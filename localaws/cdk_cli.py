"""The real CDK CLI, pointed at a local AWS."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from localaws.server import LocalAws

ROOT = Path(__file__).resolve().parent.parent
CLI = ROOT / "node_modules" / ".bin" / "cdk"


class CdkCliError(RuntimeError):
    """The CLI ended with an error; the message holds what it said."""


@dataclass(frozen=True)
class Outcome:
    """How one run of the CLI ended: its exit code, and all that it printed."""

    code: int
    output: str


class CdkCli:
    """Runs the CLI that package-lock.json pins, on this project's app, for one local AWS.

    Each has a folder of its own for `cdk.out`, so that runs side by side, or the project's own,
    don't meet, and for what node leaves behind when it is stopped.
    """

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self._out_dir = folder / "cdk.out"
        python_dir = str(Path(sys.executable).parent)
        self._environment = aws.subprocess_environment | {
            # `python3` and `node` of the very environment that runs this.
            "PATH": os.pathsep.join([python_dir, os.environ.get("PATH", "")]),
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(folder),
        }

    @classmethod
    @contextmanager
    def on(cls, aws: LocalAws) -> Iterator[Self]:
        """A CLI whose folder is removed at the end."""
        with tempfile.TemporaryDirectory(prefix="cdk-") as folder:
            yield cls(aws, Path(folder))

    def run(self, *arguments: str, on_line: Callable[[str], None] | None = None) -> Outcome:
        """Run `cdk` with `arguments`, telling `on_line` each line as it comes."""
        command = [str(CLI), *arguments, "--output", str(self._out_dir), "--no-color"]
        # In a session of its own, so that a Ctrl-C reaches this program alone, which then ends the
        # CLI and the app that the CLI runs.
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        lines = []
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line)
                if on_line:
                    on_line(line.rstrip())
            return Outcome(process.wait(), "".join(lines))
        finally:
            _end(process)

    def check(self, *arguments: str, on_line: Callable[[str], None] | None = None) -> str:
        """What `run` printed; raises `CdkCliError` unless it ended well."""
        outcome = self.run(*arguments, on_line=on_line)
        if outcome.code:
            raise CdkCliError(
                f"cdk {' '.join(arguments)} ended with code {outcome.code}:\n{outcome.output}"
            )
        return outcome.output


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    # All at once: the node of an app that has ended would write on for a moment.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
