"""What any command does with its standard output where that fails."""

import io
import os
import sys


def escape_unencodable() -> None:
    """Write what the output's encoding lacks as an escape: what AWS holds is in all languages."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what is still held back, so that it fails here rather than at the very end."""
    if sys.stdout is not None:
        sys.stdout.flush()


def discard_output() -> None:
    """Write no more to an output that is closed or full, nor fail on it at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
