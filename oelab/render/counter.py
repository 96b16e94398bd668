"""How far long work has come, on a terminal only."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oelab.render.output import Output
from oelab.review.call_meter import CallMeter

if TYPE_CHECKING:
    from rich.progress import TaskID

Count = Callable[[str, int, int], None]

# Most reviews are over by then, and a bar would only flicker.
_SECONDS_BEFORE = 1.0
_SECONDS_BETWEEN = 0.2


@contextmanager
def counter(out: Output) -> Iterator[Count]:
    """Takes what is counted, how many are done, and of how many (0: not known)."""
    if out.is_quiet or not out.messages.is_terminal:
        yield lambda _unit, _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=out.messages, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(unit: str, done: int, total: int) -> None:
            if unit not in tasks:
                tasks[unit] = progress.add_task(unit, total=None)
            progress.update(tasks[unit], completed=done, total=total or None)

        yield show


@contextmanager
def counting_calls(out: Output, meter: CallMeter) -> Iterator[None]:
    """Shows how far a review is with its calls, for as long as the block lasts."""
    has_ended = threading.Event()

    def show() -> None:
        if has_ended.wait(_SECONDS_BEFORE):
            return
        with counter(out) as count:
            while not has_ended.wait(_SECONDS_BETWEEN):
                # Some calls more than expected are made where something is wrong.
                total = max(meter.expected, meter.made) if meter.expected else 0
                count("calls to AWS", meter.made, total)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()
