"""One run of a command: its settings, its places, its output, and how it ends."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer

from oelab import stdout
from oelab.review.commands.options import SETTINGS_FILE, Common
from oelab.review.exit_codes import ExitCode
from oelab.review.expected_fleet import Expectation
from oelab.review.output import Output
from oelab.review.read.access import AccessError, Clients, connect
from oelab.settings import Settings, SettingsError, load


class BadInputError(ValueError):
    """Arguments that cannot be used; the message says what would do."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a command works with."""

    places: list[Clients]
    expectation: Expectation
    out: Output

    @property
    def settings(self) -> Settings:
        """The settings that the review goes by."""
        return self.expectation.settings


def pinned_regions(settings: Settings) -> list[str]:
    """The Regions that the settings pin an image for."""
    return list(settings.image_pins)


def run(
    options: Common,
    work: Callable[[Session], ExitCode],
    known: Callable[[Settings], list[str]] = lambda _: [],
) -> None:
    """Run `work` and end the program with its code; whatever stops it is told without a traceback.

    Where no Region is given, `known` tells those that the settings mention, if any.

    Always raises `typer.Exit`.
    """
    stdout.escape_unknown_letters()
    out = Output(as_json=options.as_json, quiet=options.quiet)
    stop = threading.Event()
    try:
        code = work(_session(options, out, stop, known))
        stdout.flush()
    except (AccessError, BadInputError, SettingsError) as error:
        out.fail(str(error))
        code = ExitCode.BAD_INPUT
    except KeyboardInterrupt:
        # It ends now; a second Ctrl-C would only break into the ending.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        out.fail("interrupted")
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Who reads has seen enough, as `head` has; there is nobody to tell, and nothing is proved.
        stdout.give_up()
        code = ExitCode.INTERRUPTED
    except OSError as error:
        # One of a file names it, as where `image pin --write` may not write.
        if error.filename is not None:
            out.fail(f"{error.filename} cannot be used: {error.strerror}")
            raise typer.Exit(ExitCode.BAD_INPUT) from error
        # What is printed goes to a file whose disk is full: what was found has not been told.
        stdout.give_up()
        out.fail(f"the output could not be written: {error.strerror}")
        code = ExitCode.UNREAD
    finally:
        stop.set()
    raise typer.Exit(code)


def _session(
    options: Common, out: Output, stop: threading.Event, known: Callable[[Settings], list[str]]
) -> Session:
    settings = _settings(options.settings_file, out)
    regions = options.regions or known(settings)
    places = connect(options.profiles, regions, default_region=settings.region, stop=stop)
    return Session(places=places, expectation=Expectation(settings), out=out)


def _settings(named: str | None, out: Output) -> Settings:
    path = Path(SETTINGS_FILE if named is None else named)
    if named is None and not path.exists():
        out.say(
            f"no {SETTINGS_FILE} in this folder: going by the lab's own settings; "
            "--settings FILE names others"
        )
        return Settings()
    if named == "":
        return Settings()
    if not path.exists():
        raise BadInputError(
            f"there is no settings file {path}; mend --settings, or leave it out for "
            f"{SETTINGS_FILE} in this folder, or write --settings '' for the lab's own"
        )
    return load(path)
