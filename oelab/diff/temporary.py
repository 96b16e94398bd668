"""Folders that are gone at the end, however that comes."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def signals_held() -> Iterator[set[signal.Signals]]:
    """Hold signals back for as long as the block lasts; yields those that were held before.

    An interruption between creating something and knowing of it would leave it behind.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield {*map(signal.Signals, before)}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder for as long as the block lasts."""
    # Once it is known, Python removes it at its own end, should the block never be entered.
    with signals_held():
        folder = TemporaryDirectory(prefix=prefix)
    with folder as path:
        yield Path(path)
