"""The real CDK CLI, pointed at a local AWS."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from localaws.server import LocalAws

ROOT = Path(__file__).resolve().parent.parent
CLI = ROOT / "node_modules" / ".bin" / "cdk"


class CdkCliError(RuntimeError):
    """The CLI ended with an error; the message holds its output."""


@dataclass(frozen=True)
class CliResult:
    """The exit code of one run of the CLI, and all that it printed."""

    code: int
    output: str


class CdkCli:
    """Runs the CLI that package-lock.json pins, on this project's app, for one local AWS.

    Each has a folder of its own for `cdk.out`, so that concurrent runs, or the project's own, don't
    write to the same one, and for what node leaves behind when it is stopped. `--app` with
    `out_dir` takes what the last run has synthesized.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.out_dir = folder / "cdk.out"
        python_dir = str(Path(sys.executable).parent)
        self._environment = {
            **environment,
            # `python3` and `node` of the very environment that runs this.
            "PATH": os.pathsep.join([python_dir, os.environ.get("PATH", "")]),
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(folder),
        }

    @classmethod
    @contextmanager
    def on(cls, aws: LocalAws, account: str = "test") -> Iterator[Self]:
        """A CLI whose folder is removed at the end; 12 digits select another account."""
        with tempfile.TemporaryDirectory(prefix="cdk-") as folder:
            yield cls(aws.account_environment(account), Path(folder))

    def run(self, *arguments: str, on_line: Callable[[str], None] | None = None) -> CliResult:
        """Run `cdk` with `arguments`; `on_line` is called with each line as it comes."""
        command = [str(CLI), *arguments, "--output", str(self.out_dir), "--no-color"]
        # In a session of its own, so that a Ctrl-C reaches only this program, which then ends the
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
            return CliResult(process.wait(), "".join(lines))
        finally:
            _end(process)

    def check(self, *arguments: str, on_line: Callable[[str], None] | None = None) -> str:
        """The output of `run`. Raises `CdkCliError` for an exit code other than 0."""
        result = self.run(*arguments, on_line=on_line)
        if result.code:
            raise CdkCliError(
                f"cdk {' '.join(arguments)} ended with code {result.code}:\n{result.output}"
            )
        return result.output


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    # All at once: the node of an app that has ended would write on for a moment.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
