"""How a comparison ends."""

from collections.abc import Collection
from enum import IntEnum

from oelab.changes.effects import Effect
from oelab.changes.guard import Verdict
from oelab.changes.stacks import StackChange


class ExitCode(IntEnum):
    """The worse the change, the greater the code; 2 is bad input, as in every command here.

    3 stays free: in `oelab` it means that AWS could not be read.
    """

    NOTHING = 0
    IN_PLACE = 1
    BAD_INPUT = 2
    MAY_REPLACE = 4
    REPLACES = 5
    DELETES = 6
    REFUSED = 7
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
