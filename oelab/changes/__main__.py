"""`python -m oelab.changes`: what a change would do, for the reviewer and for CI."""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from oelab.assembly import NoAssemblyError, Template
from oelab.changes.assembly import Stack, read
from oelab.changes.cdk_diff import cdk_diffs
from oelab.changes.document import document
from oelab.changes.effects import Effect
from oelab.changes.exit_codes import ExitCode, exit_code
from oelab.changes.guard import Verdict, guard
from oelab.changes.stacks import StackChange, compare
from oelab.changes.versions import Version, VersionError, checked_out, synthesized
from oelab.changes.words import stack_in_words, summary, verdict_in_words
from oelab.settings import SettingsError, load

_CODES = """exit codes: 0 nothing changes, 1 additions and changes in place, 2 bad input,
4 something may be replaced, 5 is replaced, 6 is deleted or left behind, 7 is refused by the guard,
130 interrupted"""


class _Compared(NamedTuple):
    """Two versions by name, and the `cdk.out` of the head."""

    base_name: str
    base: Mapping[str, Stack]
    head_name: str
    head: Mapping[str, Stack]
    folder: Path


def main() -> ExitCode:
    """Compare, say what was found, and end with its severity."""
    options = _options()
    # A job that is cancelled gets SIGTERM: as with Ctrl-C, nothing temporary may stay.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as temporary:
            return _compare(options, temporary)
    except (VersionError, NoAssemblyError, SettingsError) as error:
        print(f"changes: {error}", file=sys.stderr)
        return ExitCode.BAD_INPUT
    except KeyboardInterrupt:
        print("changes: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m oelab.changes",
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
        default="oelab.toml",
        help="of each version that is synthesized, in its own folder, and of what the guard is to "
        "allow (%(default)s)",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="STACK/ID",
        help="let this protected resource (or STACK: all of it) be replaced or deleted, beside "
        "those of allow_replacement in the settings; repeatable",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for machines")
    form.add_argument("--brief", action="store_true", help="in words alone, without the CDK's diff")
    form.add_argument(
        "--guard", action="store_true", help="only what the guard refuses; exit code 0, 2 or 7"
    )
    options = parser.parse_args()
    if len(options.folders) not in ((0, 1) if options.base else (2,)):
        parser.error("give --base REF, --base REF and a folder, or two folders")
    return options


def _compare(options: argparse.Namespace, temporary: ExitStack) -> ExitCode:
    versions = _versions(options, temporary)
    changes = compare(versions.base, versions.head)
    verdict = guard(changes, versions.base, allowed=_allowed(options))
    if options.guard:
        for line in verdict_in_words(verdict):
            print(line)
        return ExitCode.REFUSED if verdict.refusals else ExitCode.NOTHING
    code = exit_code(changes, verdict)
    if options.json:
        names = (versions.base_name, versions.head_name)
        print(json.dumps(document(changes, verdict, code, *names), indent=2))
    else:
        _print(changes, verdict, versions, with_cdk=not options.brief)
    return code


def _allowed(options: argparse.Namespace) -> list[str]:
    return [*load(Path(options.settings)).allow_replacement, *options.allow]


def _versions(options: argparse.Namespace, temporary: ExitStack) -> _Compared:
    if not options.base:
        base, head = options.folders
        return _Compared(str(base), read(base), str(head), read(head), head)
    if options.folders:
        (folder,) = options.folders
        head = read(folder)
        (base,) = synthesized(_commit(options, temporary), settings=options.settings)
        return _Compared(options.base, base, str(folder), head, folder)
    commit = _commit(options, temporary)
    tree = Version("the working tree", Path.cwd(), commit.out.with_name("head"))
    base, head = synthesized(commit, tree, settings=options.settings)
    return _Compared(options.base, base, "working tree", head, tree.out)


def _commit(options: argparse.Namespace, temporary: ExitStack) -> Version:
    project = temporary.enter_context(checked_out(Path.cwd(), options.base))
    out = temporary.enter_context(tempfile.TemporaryDirectory(prefix="oelab-changes-"))
    return Version(options.base, project, Path(out) / "base")


def _print(
    changes: tuple[StackChange, ...], verdict: Verdict, versions: _Compared, *, with_cdk: bool
) -> None:
    bases = {
        change.name: _template(change.name, versions.base)
        for change in changes
        if with_cdk and change.effect is not Effect.LEFT_BEHIND
        # Of tags and protection the CDK would say that there are no differences.
        if _template(change.name, versions.base) != _template(change.name, versions.head)
    }
    with closing(cdk_diffs(Path.cwd(), versions.folder, bases)) as diffs:
        for change in changes:
            if change.name in bases:
                print(next(diffs), end="\n\n")
            print(*stack_in_words(change), sep="\n", end="\n\n")
    print(f"from {versions.base_name} to {versions.head_name}: {summary(changes)}")
    for line in verdict_in_words(verdict):
        print(line)


def _template(name: str, stacks: Mapping[str, Stack]) -> Template:
    return stacks[name].template if name in stacks else {}


if __name__ == "__main__":
    sys.exit(main())
