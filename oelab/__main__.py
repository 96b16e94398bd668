"""`oelab` and `python -m oelab`."""

import gc
import os
import signal
from typing import NoReturn

from oelab.exit_codes import ExitCode

# Ctrl-C, a job that is cancelled, and a terminal that is closed.
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Run the command line."""
    for each in _INTERRUPTIONS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _interrupt)
    # Modules and the models of the SDK live until the end: to collect garbage among them as often
    # as Python does by default takes a tenth of a command's time.
    gc.set_threshold(300_000)
    try:
        from oelab.cli import app

        app(prog_name="oelab")
    except KeyboardInterrupt:
        # It came before a command began; those end by themselves.
        os._exit(ExitCode.INTERRUPTED)


def _interrupt(*_: object) -> NoReturn:
    """Interrupt once; a second signal would only break into the ending."""
    for each in _INTERRUPTIONS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
