"""Starts a local AWS as a child process and takes it down again."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from localaws.environment import (
    DEFAULT_REGION,
    UNWANTED_VARIABLES,
    client_environment,
    endpoint,
)

if TYPE_CHECKING:
    # Only where a client is asked for: importing it takes half a second.
    import boto3

START_SECONDS = 30.0
STOP_SECONDS = 5.0
DEFAULT_ACCOUNT = "000000000000"


class LocalAwsError(RuntimeError):
    """The local AWS did not start, or refused what it was asked."""


class LocalAws:
    """A local AWS for as long as the `with` block lasts.

    The server is a process of its own in a session of its own: a Ctrl-C in the terminal reaches
    only the program that started it, which then decides. It ends with that program however that
    ends, because it holds one end of a pipe that closes with it. Everything it writes lies in one
    temporary folder that is removed at the end.

    Raises `LocalAwsError` with the end of the server's log if it does not come up.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._work_dir = Path(tempfile.mkdtemp(prefix="localaws-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._kept = False
        self.port = 0
        (self._work_dir / "cdk-home").mkdir()
        try:
            self._start(port)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        return endpoint(self.port)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point the CDK CLI and boto3 here; lay them over `os.environ`.

        They don't take away what is already set: see `subprocess_environment`.
        """
        return client_environment(self.port, str(self._work_dir / "cdk-home"))

    @property
    def subprocess_environment(self) -> dict[str, str]:
        """`os.environ` with `environment` over it, less what would lead to a real account."""
        kept = {name: v for name, v in os.environ.items() if name not in UNWANTED_VARIABLES}
        return {**kept, **self.environment}

    @property
    def pid(self) -> int:
        if self._process is None:
            raise LocalAwsError("the local AWS has been stopped; start another one")
        return self._process.pid

    def client(self, service: str, *, region: str = DEFAULT_REGION, account: str = "test") -> Any:
        """A boto3 client of this server; a 12-digit `account` selects another account."""
        from botocore.config import Config

        return _session().client(  # type: ignore[call-overload]  # the name is not a literal
            service,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",  # noqa: S106 - the server takes any
            endpoint_url=self.endpoint,
            # An explicit "no proxies": one from the shell would be asked for localhost too.
            config=Config(retries={"mode": "standard", "total_max_attempts": 2}, proxies={}),
        )

    def stop(self) -> None:
        """End the server and remove its folder; harmless when done already, or after `keep`."""
        if self._kept:
            return
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        shutil.rmtree(self._work_dir, ignore_errors=True)

    def keep(self) -> int:
        """Leave the server running when this program ends; returns its process id.

        `kill PID` stops it, and it then removes its folder itself.
        """
        process = self._process
        if process is None or process.stdin is None:
            raise LocalAwsError("the local AWS has been stopped; there is nothing to keep")
        process.stdin.write(b"keep")
        process.stdin.close()
        self._process = None
        # Popen warns about a child it has not seen the end of, which is the point here.
        process.returncode = 0
        self._kept = True
        return process.pid

    # -----------------------------------------------------------------------------------------
    # What no AWS API does, for tests
    # -----------------------------------------------------------------------------------------

    def advance(self, minutes: float) -> None:
        """Move the server's clock on; of the schedules that fall due, the last run happens."""
        self._control("clock", {"minutes": minutes})

    def set_agent_version(
        self,
        instance_id: str,
        version: str,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
    ) -> None:
        """Let the node report another SSM Agent version."""
        self._control(
            f"nodes/{instance_id}",
            {"agent_version": version, "region": region, "account": account},
        )

    def silence_agent(
        self,
        instance_id: str,
        silent: bool = True,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
    ) -> None:
        """Hold the node's agent silent (its connection is then lost), or let it speak again."""
        self._control(
            f"nodes/{instance_id}", {"silent": silent, "region": region, "account": account}
        )

    # -----------------------------------------------------------------------------------------

    def _start(self, port: int) -> None:
        log = (self._work_dir / "log").open("wb")
        with log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "localaws",
                    "--port",
                    str(port),
                    "--work-dir",
                    str(self._work_dir),
                    "--until-stdin-closes",
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._work_dir,
                env={**os.environ, "PYTHONPATH": _python_path(), "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if self._process.poll() is not None:
                raise LocalAwsError(
                    f"the local AWS ended with code {self._process.returncode} "
                    f"before it was ready:\n{self._log_tail()}"
                )
            if time.monotonic() > deadline:
                raise LocalAwsError(
                    f"the local AWS was not ready after {START_SECONDS:.0f} seconds:\n"
                    f"{self._log_tail()}"
                )
            time.sleep(0.02)

    def _is_healthy(self) -> bool:
        if not self.port:
            with contextlib.suppress(FileNotFoundError):
                self.port = int((self._work_dir / "port").read_text(encoding="ascii"))
            return False
        try:
            return bool(self._control("health", None)["ready"])
        except OSError:
            return False

    def _log_tail(self) -> str:
        try:
            lines = (self._work_dir / "log").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return "(no log)"
        return "\n".join(lines.splitlines()[-20:]) or "(the log is empty)"

    def _control(self, path: str, document: dict[str, object] | None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_localaws/{path}",
            data=None if document is None else json.dumps(document).encode(),
        )
        # No proxy: a proxy variable in the shell must not send this anywhere else.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            raise LocalAwsError(json.load(error)["message"]) from error
        return answer


@cache
def _session() -> "boto3.Session":
    """One for all clients, because it keeps the services' models that each client needs."""
    import boto3

    return boto3.Session()


def _python_path() -> str:
    """Let the child find this package whatever its working directory is."""
    here = str(Path(__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    return here + (os.pathsep + inherited if inherited else "")
