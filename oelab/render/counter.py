"""How far long work has come, on a terminal only."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from oelab.render.output import Output
from oelab.review.call_meter import CallMeter

Count = Callable[[str, int, int], None]

# Most reviews are over by then, and a bar would only flicker.
_SECONDS_BEFORE = 1.0


@contextmanager
def counter(out: Output) -> Iterator[Count]:
    """Takes what is counted, how many are done, and of how many (0: not known)."""
    if out.is_quiet or not out.messages.is_terminal:
        yield lambda _unit, _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    start = time.monotonic() + _SECONDS_BEFORE
    with Progress(*columns, console=out.messages, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(unit: str, done: int, total: int) -> None:
            if time.monotonic() < start:
                return
            if unit not in tasks:
                tasks[unit] = progress.add_task(unit, total=None)
            progress.update(tasks[unit], completed=done, total=total or None)

        yield show


@contextmanager
def counting_calls(out: Output) -> Iterator[CallMeter]:
    """A meter that shows how far a review is with its calls."""
    with counter(out) as count:
        # Some calls more than expected are made where something is wrong.
        yield CallMeter(
            lambda made, expected: count(
                "calls to AWS", made, max(expected, made) if expected else 0
            )
        )
