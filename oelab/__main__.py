"""`oelab` and `python -m oelab`."""

import signal
import sys

from oelab.exit_codes import ExitCode


def main() -> None:
    """Run the command line."""
    # A job that is cancelled, or whose terminal is closed, ends as by Ctrl-C.
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.default_int_handler)
    try:
        from oelab.cli import app

        app(prog_name="oelab")
    except KeyboardInterrupt:
        # Pressed before a command began; those end by themselves.
        sys.exit(ExitCode.INTERRUPTED)


if __name__ == "__main__":
    main()
