"""Starts a local AWS as a child process and takes it down again."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from localaws.environment import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    client_environment,
    endpoint,
    server_environment,
)

if TYPE_CHECKING:
    # Only where a client is asked for: importing it takes half a second.
    import boto3

START_SECONDS = 30.0
STOP_SECONDS = 5.0
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


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

    def __init__(self) -> None:
        self._work_dir = Path(tempfile.mkdtemp(prefix="localaws-"))
        (self._work_dir / "cdk-home").mkdir()
        # Bound here, so that no other program can take the port; requests wait in the socket.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            self._process = self._start(listener.fileno())
        try:
            self._control("health", timeout=START_SECONDS)
        except OSError as error:
            log = (self._work_dir / "log").read_text(encoding="utf-8", errors="replace")
            self.stop()
            tail = "\n".join(log.splitlines()[-20:])
            raise LocalAwsError(f"the local AWS did not start ({error}):\n{tail}") from error
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
        kept = {name: v for name, v in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, **self.environment}

    def account_environment(self, account: str) -> dict[str, str]:
        """Like `subprocess_environment`, with the credentials of another account."""
        return {**self.subprocess_environment, "AWS_ACCESS_KEY_ID": account}

    def profile_environment(self, accounts: Mapping[str, str]) -> dict[str, str]:
        """Like `subprocess_environment`, with a profile for each account and no other credentials.

        Args:
            accounts: 12-digit account ids by the name of the profile.
        """
        config = self._work_dir / "aws-config"
        sections = [
            f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = test\n"
            for name, account in accounts.items()
        ]
        config.write_text("\n".join(sections), encoding="utf-8")
        kept = {k: v for k, v in self.subprocess_environment.items() if k not in CREDENTIALS}
        return {**kept, "AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

    @property
    def pid(self) -> int:
        return self._process.pid

    def client(
        self,
        service: str,
        *,
        region: str = DEFAULT_REGION,
        account: str = "test",
        credentials: Mapping[str, str] | None = None,
    ) -> Any:
        """A boto3 client of this server.

        Args:
            account: 12 digits select another account than the default one.
            credentials: those that AssumeRole has answered, in place of an account's.
        """
        from botocore.config import Config

        given = credentials or {"AccessKeyId": account, "SecretAccessKey": "test"}
        return _session().client(  # type: ignore[call-overload]  # the name is not a literal
            service,
            region_name=region,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given.get("SessionToken"),
            endpoint_url=self.endpoint,
            # An explicit "no proxies": one from the shell would be asked for localhost too.
            config=Config(retries={"mode": "standard", "total_max_attempts": 2}, proxies={}),
        )

    def stop(self) -> None:
        """End the server and remove its folder; harmless when done already, or after `keep`."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stdin.close()
        shutil.rmtree(self._work_dir, ignore_errors=True)

    def keep(self) -> int:
        """Leave the server running when this program ends; returns its process id.

        `kill PID` stops it, and it then removes its folder itself.
        """
        self._stdin.write(b"keep")
        self._stdin.close()
        # Not ours to stop any more; Popen would also warn about a child that outlives it.
        self._process.returncode = 0
        return self._process.pid

    # -----------------------------------------------------------------------------------------
    # What no AWS API does, for tests
    # -----------------------------------------------------------------------------------------

    def advance(self, minutes: float) -> None:
        """Move the server's clock on; of the schedules that fall due, the last run happens."""
        self._control("clock", minutes=minutes)

    def set_agent_version(
        self,
        instance_id: str,
        version: str,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
    ) -> None:
        """Let the managed node report another SSM Agent version."""
        self._control(
            "agent", instance_id=instance_id, version=version, region=region, account=account
        )

    def silence_agent(
        self,
        instance_id: str,
        is_silenced: bool = True,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
    ) -> None:
        """Silence the agent of the managed node (its connection is then lost), or end that."""
        self._control(
            "agent",
            instance_id=instance_id,
            is_silenced=is_silenced,
            region=region,
            account=account,
        )

    # -----------------------------------------------------------------------------------------

    def _start(self, listener: int) -> subprocess.Popen[bytes]:
        with (self._work_dir / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "localaws.serve", str(listener), str(self._work_dir)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._work_dir,
                env={
                    **os.environ,
                    **server_environment(self.port),
                    "PYTHONPATH": _python_path(),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                pass_fds=[listener],
                start_new_session=True,
            )

    @property
    def _stdin(self) -> Any:
        assert self._process.stdin
        return self._process.stdin

    def _control(self, path: str, *, timeout: float = 10, **request: object) -> None:
        # No proxy: a proxy variable in the shell must not send this anywhere else.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        url = f"http://127.0.0.1:{self.port}/_localaws/{path}"
        try:
            opener.open(url, json.dumps(request).encode(), timeout).close()
        except urllib.error.HTTPError as error:
            raise LocalAwsError(json.load(error)["message"]) from error


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
