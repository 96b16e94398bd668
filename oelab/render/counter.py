"""How far long work has come, on a terminal only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from oelab.render.output import Output

Count = Callable[[str, int, int], None]


@contextmanager
def counter(out: Output) -> Iterator[Count]:
    """Takes what is counted, how many are done, and of how many (0: not known)."""
    if out.is_quiet or not out.messages.is_terminal:
        yield lambda _unit, _done, _total: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=out.messages, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(unit: str, done: int, total: int) -> None:
            if unit not in tasks:
                tasks[unit] = progress.add_task(unit, total=None)
            progress.update(tasks[unit], completed=done, total=total or None)

        yield show
