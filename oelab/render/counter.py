"""How far long work has come, on a terminal only."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from oelab.render.output import Output
from oelab.review.call_meter import CallMeter

Count = Callable[[str, int, int], None]

# Most reviews are over by then, and a bar would only flicker.
_SECONDS_BEFORE = 1.0
_SECONDS_BETWEEN = 0.1


@contextmanager
def counter(out: Output) -> Iterator[Count]:
    """Takes what is counted, how many are done, and of how many (0: not known)."""
    if out.is_quiet or not out.messages.is_terminal:
        yield lambda _unit, _done, _total: None
        return
    from rich.progress import BarColumn, Progress, TaskID, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}")
    # Drawn only when something is counted: it would erase what botocore asks a person, such as
    # the code of an MFA device, before any call can be made.
    progress = Progress(*columns, console=out.messages, transient=True, auto_refresh=False)
    tasks: dict[str, TaskID] = {}
    next_drawing = 0.0

    def show(unit: str, done: int, total: int) -> None:
        nonlocal next_drawing
        # Some calls more than expected are made where something is wrong.
        total = max(total, done) if total else 0
        count = f"{done}/{total}" if total else str(done)
        if unit not in tasks:
            tasks[unit] = progress.add_task(unit, total=None, count=count)
        progress.update(tasks[unit], completed=done, total=total or None, count=count)
        if (now := time.monotonic()) >= next_drawing:
            next_drawing = now + _SECONDS_BETWEEN
            progress.refresh()

    timer = threading.Timer(_SECONDS_BEFORE, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield show
    finally:
        timer.cancel()
        timer.join()
        if progress.live.is_started:
            progress.stop()


@contextmanager
def counting_calls(out: Output) -> Iterator[CallMeter]:
    """A meter that shows how far a review is with its calls."""
    with counter(out) as count:
        count("calls to AWS", 0, 0)
        yield CallMeter(partial(count, "calls to AWS"))
