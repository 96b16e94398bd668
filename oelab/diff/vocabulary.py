"""The effects that a change can have, how they are called, and their exit codes."""

from enum import IntEnum

from oelab.exit_codes import ExitCode


class Replacement(IntEnum):
    """Whether a new value of a property makes CloudFormation replace the resource.

    UNKNOWN, of which MAYBE is the worst case, is where nothing says what an update does.
    """

    NO = 0
    UNKNOWN = 1
    MAYBE = 2
    YES = 3


class Effect(IntEnum):
    """What happens to a resource or a stack; the greater, the worse.

    Source of the kinds: "Understand update behaviors of stack resources" in the CloudFormation
    user guide.
    """

    ADDED = 1
    CHANGED = 2
    MAY_BE_REPLACED = 3
    STOPPED = 4
    REPLACED = 5
    MAY_BE_REMOVED = 6
    LEFT_BEHIND = 7
    DELETED = 8

    @property
    def words(self) -> str:
        """As a text report says it."""
        return _WORDS.get(self, self.name.lower().replace("_", " "))


_WORDS = {
    Effect.CHANGED: "changed in place",
    Effect.STOPPED: "stopped and started, may be replaced",
}


def exit_code_of(effect: Effect) -> ExitCode:
    """How a comparison ends in which nothing worse happens."""
    if effect > Effect.REPLACED:
        return ExitCode.DELETES
    if effect is Effect.REPLACED:
        return ExitCode.REPLACES
    return ExitCode.MAY_REPLACE if effect > Effect.CHANGED else ExitCode.IN_PLACE
