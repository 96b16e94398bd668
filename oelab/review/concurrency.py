"""Runs what waits for the network at the same time."""

import queue
import threading
from collections.abc import Callable, Iterable
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Started(Generic[T]):
    """A task that has begun in a thread of its own.

    The thread is a daemon, unlike those of an executor: after a Ctrl-C nobody waits for answers
    that are not wanted any more.
    """

    def __init__(self, task: Callable[[], T]) -> None:
        self._outcome: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(task,), daemon=True).start()

    def result(self) -> T:
        """What the task returned, once it has; raises what it raised. To be called once."""
        return self._outcome.get()()

    def _run(self, task: Callable[[], T]) -> None:
        try:
            value = task()
        except BaseException as error:
            self._outcome.put(_raiser(error))
        else:
            self._outcome.put(lambda: value)


def side_by_side(tasks: Iterable[Callable[[], T]]) -> list[T]:
    """What the tasks return, in their order."""
    return [started.result() for started in [Started(task) for task in tasks]]


def _raiser(error: BaseException) -> Callable[[], NoReturn]:
    def again() -> NoReturn:
        raise error

    return again
