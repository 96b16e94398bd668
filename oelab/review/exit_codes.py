"""How a command ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The codes of all commands, those that tell "not well" from "could not look" among them."""

    WELL = 0
    FINDINGS = 1
    BAD_INPUT = 2
    UNREAD = 3
    INTERRUPTED = 130


def exit_code(*, findings: bool, unread: bool) -> ExitCode:
    """What could not be read weighs more than what was found: it may hide something worse."""
    if unread:
        return ExitCode.UNREAD
    return ExitCode.FINDINGS if findings else ExitCode.WELL
