"""`python -m oelab.diff`: what a change would do, for the reviewer and for CI."""

import argparse
import signal
import sys
from contextlib import suppress
from pathlib import Path

from oelab import stdout
from oelab.diff.cdk_diff import cdk_diffs
from oelab.diff.effects import DiffExitCode
from oelab.diff.git import VersionError
from oelab.diff.report import report_on
from oelab.diff.versions import settings_file_of, two_versions
from oelab.installation import NotInstalledError, require_cdk_packages
from oelab.render.diff_text import guard_lines, report_lines
from oelab.render.documents import to_json
from oelab.settings import Settings, SettingsError, load
from oelab.template.assembly import NoAssemblyError

_CODES = """exit codes: 0 nothing changes, 10 additions and changes in place, 20 something may be
replaced, 30 is replaced, 40 is or may be removed, or left behind, 50 is refused by the guard, 2 bad
input or no comparison, 130 interrupted"""


def main() -> DiffExitCode:
    """Compare two versions, print what was found, and end with its severity."""
    options = _options()
    # A job that is cancelled, or whose terminal is closed: nothing temporary may stay either.
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.default_int_handler)
    stdout.escape_unknown_letters()
    try:
        require_cdk_packages()
        code = _run(options)
        stdout.flush()
    except KeyboardInterrupt:
        _say("interrupted")
        return DiffExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough, as `head` has.
        stdout.give_up()
        return DiffExitCode.INTERRUPTED
    except (VersionError, NoAssemblyError, SettingsError, NotInstalledError) as error:
        _say(str(error))
    except OSError as error:
        _say(f"{error.filename or 'the output'} cannot be used: {error.strerror}")
        if error.filename is None:
            stdout.give_up()
    else:
        return code
    return DiffExitCode.BAD_INPUT


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m oelab.diff",
        description="What would a change of this app do to what is deployed? Needs no credentials.",
        epilog=_CODES,
    )
    parser.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="CDK_OUT",
        help="two folders that `cdk synth` has written, before and after; with --base at most the "
        "one after",
    )
    parser.add_argument(
        "--base", metavar="REF", help="a commit, to compare CDK_OUT or the working tree with"
    )
    parser.add_argument(
        "--settings",
        metavar="FILE",
        help="settings of each version that is synthesized, in its own folder, and of what the "
        "guard allows (default: as cdk.json says, or oelab.toml)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a JSON document")
    form.add_argument("--cdk", action="store_true", help="add the CDK's own diff of each stack")
    form.add_argument(
        "--guard", action="store_true", help="only what the guard refuses; exit code 0, 2 or 50"
    )
    options = parser.parse_args()
    if len(options.folders) not in ((0, 1) if options.base else (2,)):
        parser.error("give --base REF, --base REF and a folder, or two folders")
    return options


def _run(options: argparse.Namespace) -> DiffExitCode:
    with two_versions(options.folders, base=options.base, settings=options.settings) as versions:
        report = report_on(versions, allowed=_allowed(options.settings))
        if options.guard:
            lines = [*guard_lines(report)]
        elif options.json:
            lines = [to_json(report)]
        else:
            lines = [*report_lines(report, cdk_diffs(versions, report) if options.cdk else {})]
    for line in lines:
        print(line)
    if options.guard:
        return DiffExitCode.REFUSED if report.refused else DiffExitCode.NOTHING
    return report.result


def _allowed(settings: str | None) -> tuple[str, ...]:
    path = Path(settings or settings_file_of(Path.cwd()))
    # Two folders may be those of any app, which has no settings of this kind.
    return (load(path) if settings or path.exists() else Settings()).allow_replacement


def _say(message: str) -> None:
    # Where nothing can be printed, there is still the exit code.
    with suppress(OSError):
        print(f"diff: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
