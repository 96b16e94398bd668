"""How every command of `oelab` ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The codes of all commands; those from 10 to 50 are the effects that `oelab diff` predicts.

    None of the latter is one by which Python, a shell or a signal ends a program, so that a job
    which fails for another reason lets nothing through.
    """

    WELL = 0
    """Nothing was found, or nothing changes."""
    FINDINGS = 1
    """Something is wrong."""
    BAD_INPUT = 2
    """Arguments, settings or versions that cannot be used."""
    UNREAD = 3
    """AWS could not be read, wholly or in part, or the output could not be written."""
    IN_PLACE = 10
    """Additions and changes in place."""
    MAY_REPLACE = 20
    """Something may be replaced."""
    REPLACES = 30
    """Something is replaced."""
    DELETES = 40
    """Something is deleted or left behind, or may be removed."""
    REFUSED = 50
    """The guard refuses the change."""
    INTERRUPTED = 130
    """Ctrl-C, or the reader of the output has closed it."""
