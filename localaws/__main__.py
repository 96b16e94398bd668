"""`python -m localaws`: a local AWS in the foreground until Ctrl-C."""

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from localaws.environment import client_environment, server_environment

DEFAULT_PORT = 4566  # what MiniStack and LocalStack use, so that tools find it unasked
LAST_PORT = 65535


def main() -> int:
    options = _arguments()
    # Until the server minds them itself; without a handler SIGTERM would skip the cleaning up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        listener = _listen(options.port)
    except OSError as error:
        print(
            f"port {options.port} is not free ({error.strerror}); "
            "choose another with --port, or --port 0 for any free one",
            file=sys.stderr,
        )
        return 2
    port = listener.getsockname()[1]
    work_dir = Path(options.work_dir or tempfile.mkdtemp(prefix="localaws-"))
    try:
        # MiniStack reads its settings while it is imported, so they must be there before.
        os.environ.update(server_environment(port))
        from localaws.serve import run

        def ready() -> None:
            if options.work_dir:
                _report_port(work_dir, port)
            else:
                _introduce(port, str(work_dir / "cdk-home"))

        run(listener, ready=ready, until_stdin_closes=options.until_stdin_closes)
    finally:
        shutil.rmtree(work_dir, ignore_errors=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m localaws", description=__doc__)
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="0 for any free one (default: %(default)s)"
    )
    # How LocalAws runs this program: see localaws/server.py.
    parser.add_argument("--work-dir", help=argparse.SUPPRESS)
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {LAST_PORT}, got {text!r}")
    return int(text)


def _listen(port: int) -> socket.socket:
    """Bind here rather than in the web server: no other program can take the port in between."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _report_port(work_dir: Path, port: int) -> None:
    """Written aside and renamed, so that whoever waits for it never reads half a number."""
    draft = work_dir / "port.new"
    draft.write_text(str(port), encoding="ascii")
    draft.rename(work_dir / "port")


def _introduce(port: int, cdk_home: str) -> None:
    environment = client_environment(port, cdk_home)
    print(f"# local AWS at {environment['AWS_ENDPOINT_URL']}; Ctrl-C ends it. In another shell:")
    for name, value in environment.items():
        print(f"export {name}={value}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
