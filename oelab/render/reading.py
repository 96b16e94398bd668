"""A bar that shows how far a review is, while it reads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from oelab.render.output import Output
from oelab.review.call_meter import CallMeter

# Most reviews are over by then, and a bar would only flicker.
_SECONDS_BEFORE = 1.0
_SECONDS_BETWEEN = 0.2


@contextmanager
def reading(out: Output, meter: CallMeter) -> Iterator[None]:
    """Shows a bar on stderr for as long as the block lasts, if that is a terminal."""
    if out.is_quiet or not out.messages.is_terminal:
        yield
        return
    has_ended = threading.Event()
    thread = threading.Thread(target=_show, args=(out, meter, has_ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()


def _show(out: Output, meter: CallMeter, has_ended: threading.Event) -> None:
    if has_ended.wait(_SECONDS_BEFORE):
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("reading AWS"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} calls"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out.messages, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=None)
        while not has_ended.wait(_SECONDS_BETWEEN):
            # Some calls more than expected are made where something is wrong.
            total = max(meter.expected, meter.made) if meter.expected else None
            bar.update(task, completed=meter.made, total=total)
            bar.refresh()
