"""How a comparison ends."""

from collections.abc import Collection
from enum import IntEnum

from oelab.diff.effects import Effect
from oelab.diff.guard import Verdict
from oelab.diff.stacks import StackChange


class ExitCode(IntEnum):
    """The worse the change, the greater the code; 2 is bad input, as in every command here.

    None of those of a change is one by which Python, a shell or a signal ends a program, so that
    whatever goes wrong lets nothing through.
    """

    NOTHING = 0
    BAD_INPUT = 2
    IN_PLACE = 10
    MAY_REPLACE = 20
    REPLACES = 30
    DELETES = 40
    REFUSED = 50
    INTERRUPTED = 130


_BY_EFFECT = {
    Effect.ADDED: ExitCode.IN_PLACE,
    Effect.CHANGED: ExitCode.IN_PLACE,
    Effect.MAY_BE_REPLACED: ExitCode.MAY_REPLACE,
    Effect.STOPPED: ExitCode.MAY_REPLACE,
    Effect.REPLACED: ExitCode.REPLACES,
    Effect.MAY_BE_REMOVED: ExitCode.DELETES,
    Effect.LEFT_BEHIND: ExitCode.DELETES,
    Effect.DELETED: ExitCode.DELETES,
}


def exit_code(changes: Collection[StackChange], verdict: Verdict) -> ExitCode:
    """What the guard refuses weighs more than anything that is merely worth knowing."""
    if verdict.refusals:
        return ExitCode.REFUSED
    codes = (_BY_EFFECT[change.severity] for change in changes)
    return max(codes, default=ExitCode.NOTHING)
