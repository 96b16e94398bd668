"""What all commands share: their options, how they print, and how they end."""

import functools
import inspect
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
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

# In a docstring: `    --name VALUE: help`, whose further lines are indented more.
_PARAMETER = re.compile(r"^ {4}(\S[^:]*): (.+(?:\n {5,}.+)*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that all commands share.

    Those that several commands have are described here, too.

    Parameters:
        NODE: One node, by id or Name tag; else all.
        --workload NAME: Only the nodes whose tag Workload is this one.
        --profile NAME: Profile of the AWS configuration; repeatable. Without --role, of the
            settings' environments only those in its account.
        --region NAME: Region; repeatable. Of the settings' environments only those in it; without
            it all, or else the settings' or the profile's.
        --role ROLE: Role to assume, by name or ARN, in each account that no profile is of.
        --settings FILE: Settings in TOML; '' for the lab's. Else oelab.toml here, or the lab's.
        --json: Print one JSON document.
        --csv: Print the rows as CSV.
        --csv-safe: Print CSV for a spreadsheet: ' before what it would take for a formula.
        --quiet -q: Print data and errors only.
        --debug: Print each call and program on stderr, without secrets.
    """

    profile: list[str] | None = None
    region: list[str] | None = None
    role: str | None = None
    settings: str | None = None
    json: bool = False
    csv: bool = False
    csv_safe: bool = False
    quiet: bool = False
    debug: bool = False


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

    Its docstring is its help, whose first sentence stands in the list of commands, and describes
    its parameters as in `Options`: `--name VALUE: help` is an option, and `NAME: help` an argument.
    It gets the shared options, except those that are named in `without`, and ends the program with
    the exit code of its report. Its name is that of the function, unless given. `text` is the
    module in `oelab.render` that prints it as text.
    """
    shared = [each for each in _SHARED if each.name not in without]

    def add(function: Command) -> Command:
        _, *own = inspect.signature(function).parameters.values()
        described = _DESCRIBED | _described(function)

        @functools.wraps(function)
        def run_command(**given: Any) -> None:
            chosen = Options(**{each.name: given.pop(each.name) for each in shared})
            raise typer.Exit(run(chosen, lambda run: function(run, **given), text))

        parameters = [*(_declared(each, described) for each in own), *shared]
        run_command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run_command.__annotations__ = {each.name: each.annotation for each in parameters}
        app.command(name, help=_parts_of(function)[0])(run_command)
        return function

    return add


def _parts_of(documented: object) -> tuple[str, str]:
    """What a docstring says at first, and what it says of parameters."""
    text, _, listed = (inspect.getdoc(documented) or "").partition("\n\nParameters:\n")
    return text, listed


def _described(documented: object) -> dict[str, tuple[list[str], str | None, str]]:
    """The flags, the placeholder and the help of each parameter that a docstring describes."""
    described = {}
    _, listed = _parts_of(documented)
    for heading, text in _PARAMETER.findall(listed):
        words = heading.split()
        flags = [each for each in words if each.startswith("-")]
        placeholder = None if words[-1] in flags else words[-1]
        name = words[0].strip("-").replace("-", "_").lower()
        described[name] = flags, placeholder, " ".join(text.split())
    return described


def _declared(
    parameter: inspect.Parameter, described: Mapping[str, tuple[list[str], str | None, str]]
) -> inspect.Parameter:
    """The parameter as typer takes it; its annotation may hold limits of its value."""
    flags, placeholder, text = described[parameter.name.rstrip("_")]
    annotation: Any = parameter.annotation
    if not hasattr(annotation, "__metadata__"):
        annotation = Annotated[annotation, typer.Option() if flags else typer.Argument()]
    (info,) = annotation.__metadata__
    info.param_decls, info.metavar, info.help = flags, placeholder, text
    return parameter.replace(annotation=annotation)


_DESCRIBED = _described(Options)
_SHARED = [_declared(each, _DESCRIBED) for each in inspect.signature(Options).parameters.values()]


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
