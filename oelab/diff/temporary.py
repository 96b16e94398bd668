"""Folders that are gone at the end, however that comes."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder for as long as the block lasts."""
    # A signal between making it and knowing of it would leave it behind. Once it is known, Python
    # removes it at its own end, should the block never be entered.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        folder = TemporaryDirectory(prefix=prefix)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with folder as path:
        yield Path(path)
