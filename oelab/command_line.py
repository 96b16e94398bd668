"""What all commands share: their options, how they print, and how they end."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oelab import stdout
from oelab.exit_codes import ExitCode
from oelab.review.call_meter import CallMeter

if TYPE_CHECKING:
    from oelab.render.output import Output
    from oelab.report import Report, RowStream
    from oelab.review.expected_fleet import ExpectedFleet
    from oelab.review.read.connection import Connection
    from oelab.settings import Settings

SETTINGS_FILE = "oelab.toml"
REVIEW_TEXT = "review_text"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that commands share."""

    profile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Profile of the AWS configuration; repeatable. Without --role, of the settings' "
            "environments only those in its account.",
        ),
    ] = None
    region: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Region; repeatable. Of the settings' environments only those in it; without it "
            "all, or else the settings' or the profile's.",
        ),
    ] = None
    role: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE",
            help="Role to assume, by name or ARN, in each account that no profile is of.",
        ),
    ] = None
    settings: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=f"Settings in TOML; '' for the lab's. Else {SETTINGS_FILE} here, or the lab's.",
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
    csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV.")] = False
    csv_safe: Annotated[
        bool,
        typer.Option(
            "--csv-safe",
            help="Print CSV for a spreadsheet: ' before what it would take for a formula.",
        ),
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print data and errors only.")] = (
        False
    )
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Print each call and program on stderr, without secrets."),
    ] = False


Node = Annotated[
    str | None, typer.Argument(metavar="NODE", help="One node, by id or Name tag; else all.")
]
"""The argument of the commands that can look at one node."""

Workload = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only the nodes whose tag Workload is this one.")
]
"""The option of the commands that can look at one workload of the settings."""


class Invocation:
    """One run of a command: its options, and what follows from them."""

    def __init__(self, options: Options, out: "Output", meter: CallMeter) -> None:
        self.options = options
        self.out = out
        self.meter = meter

    @cached_property
    def settings(self) -> "Settings":
        """The settings that the review goes by."""
        from oelab.settings import Settings, load

        if self.options.settings is None and not self.settings_file.exists():
            self.out.say(
                f"no {SETTINGS_FILE} in this folder: going by the lab's own settings; --settings "
                "FILE names others"
            )
            return Settings()
        return Settings() if self.options.settings == "" else load(self.settings_file)

    @property
    def settings_file(self) -> Path:
        """Where the settings are; it need not be there."""
        named = self.options.settings
        return Path(SETTINGS_FILE if named is None else named)

    def expected(self, workload: str | None = None) -> "ExpectedFleet":
        """What the settings lead one to expect, of one workload or of all."""
        from oelab.review.expected_fleet import ExpectedFleet

        return ExpectedFleet(self.settings, workload)

    def connect(self, regions: Iterable[str] | None = None) -> "list[Connection]":
        """A connection to each environment: those of the settings, or else each named Region.

        With `regions` to each Region, whatever environments there are: to these without --region,
        and where there are none, to the profile's.
        """
        from oelab.review.read import environments

        settings, options, say = self.settings, self.options, self.out.say
        scope = environments.Scope(
            profiles=tuple(dict.fromkeys(options.profile or ())),
            regions=tuple(dict.fromkeys(options.region or ())),
            role=options.role or "",
        )
        if regions is None and settings.environments:
            connections = environments.connect_to_environments(scope, settings.environments, say)
        else:
            account = settings.all_environments[0].account
            wanted = [*(settings.regions if regions is None else regions)]
            connections = environments.connect_to_regions(scope, wanted, account=account, say=say)
        for each in connections:
            each.meter = self.meter
        return connections

    def connect_to_data(self) -> "Connection":
        """A connection to where the data of the fleet and its tables are.

        Raises `BadInputError` where that is not one environment.
        """
        from oelab.findings import BadInputError

        data, first = self.settings.fleet_data, self.settings.all_environments[0]
        region = data.bucket_region or first.region
        connections = self.connect([region] if region else [])
        if len(connections) > 1:
            raise BadInputError("a question is asked in one place; name one profile and one Region")
        return connections[0]


Command = Callable[..., "Report | RowStream"]


def command(
    app: typer.Typer,
    *,
    name: str | None = None,
    without: Sequence[str] = (),
    text: str = REVIEW_TEXT,
) -> Callable[[Command], Command]:
    """Add a command to `app`: a function of an `Invocation` and its own arguments to a report.

    Its docstring is its help, whose first sentence stands in the list of commands. It gets the
    shared options, except those that are named in `without`, and ends the program with
    the exit code of its report. Its name is that of the function, unless given. `text` is the
    module in `oelab.render` that prints it as text.
    """
    shared = [
        inspect.Parameter(
            each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=each.type
        )
        for each in fields(Options)
        if each.name not in without
    ]

    def add(function: Command) -> Command:
        _, *own = inspect.signature(function).parameters.values()

        @functools.wraps(function)
        def run_command(**given: Any) -> None:
            options = Options(**{each.name: given.pop(each.name) for each in shared})
            raise typer.Exit(run(options, lambda run: function(run, **given), text))

        parameters = [*own, *shared]
        run_command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run_command.__annotations__ = {each.name: each.annotation for each in parameters}
        app.command(name)(run_command)
        return function

    return add


def run(
    options: Options, make: "Callable[[Invocation], Report | RowStream]", text: str
) -> ExitCode:
    """Make a report, print it, and return its exit code; what stops that is one line."""
    from oelab.findings import BadInputError
    from oelab.installation import NotInstalledError
    from oelab.render.counter import counting_calls
    from oelab.render.output import Output
    from oelab.render.report import render

    stdout.escape_unencodable()
    out = Output(is_quiet=options.quiet)
    as_csv = options.csv or options.csv_safe
    try:
        if options.json and as_csv:
            raise BadInputError("--json and --csv exclude each other; give one of them")
        with out.logging_calls() if options.debug else nullcontext():
            # What is not a review, or shows progress of its own, has another module.
            is_counted = text == REVIEW_TEXT
            with counting_calls(out) if is_counted else nullcontext(CallMeter()) as meter:
                report = make(Invocation(options, out, meter))
            form = "csv" if as_csv else "json" if options.json else text
            code = render(report, out, form, is_safe=options.csv_safe)
            stdout.flush()
    except (BadInputError, NotInstalledError) as error:
        out.fail(str(error))
        return ExitCode.BAD_INPUT
    except KeyboardInterrupt:
        out.fail("interrupted")
        # Calls that nobody waits for any more would keep the program from ending.
        os._exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader has seen enough, as `head` has, and nothing is proved.
        stdout.discard_output()
        return ExitCode.INTERRUPTED
    except OSError as error:
        return _fail_on_file(error, out)
    return code


def _fail_on_file(error: OSError, out: "Output") -> ExitCode:
    # An error of a file names it, as where `image pin --write` may not write.
    if error.filename is not None:
        out.fail(f"{error.filename} cannot be used: {error.strerror}")
        return ExitCode.BAD_INPUT
    # The output goes to a file whose disk is full: what was found has not been reported.
    stdout.discard_output()
    out.fail(f"the output could not be written: {error.strerror}")
    return ExitCode.UNREAD
