"""How the command ends where it cannot compare: a line, and a code that lets nothing through."""

import sys
from collections.abc import Callable
from contextlib import suppress

from oelab import stdout
from oelab.diff.exit_codes import ExitCode
from oelab.diff.git import VersionError
from oelab.settings import SettingsError
from oelab.template.assembly import NoAssemblyError


def ended(work: Callable[[], ExitCode]) -> ExitCode:
    """The code of `work` once what it prints is written; whatever stops it is told in a line."""
    stdout.escape_unknown_letters()
    try:
        code = work()
        stdout.flush()
    except KeyboardInterrupt:
        _say("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Who reads has seen enough, as `head` has.
        stdout.give_up()
        return ExitCode.INTERRUPTED
    except (VersionError, NoAssemblyError, SettingsError) as error:
        _say(str(error))
    except OSError as error:
        _say(f"{error.filename or 'the output'} cannot be used: {error.strerror}")
        if error.filename is None:
            stdout.give_up()
    else:
        return code
    return ExitCode.BAD_INPUT


def _say(message: str) -> None:
    # Where nobody can be told, the code still says it.
    with suppress(OSError):
        print(f"changes: {message}", file=sys.stderr)
