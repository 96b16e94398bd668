"""`python -m oelab.diff`: what a change would do, for the reviewer and for CI."""

import argparse
import json
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from oelab.diff.assembly import Stack, read
from oelab.diff.cdk_diff import cdk_diffs
from oelab.diff.effects import Effect
from oelab.diff.endings import ended
from oelab.diff.exit_codes import ExitCode, exit_code
from oelab.diff.git import (
    Version,
    checked_out,
    settings_named_in,
    synthesized,
)
from oelab.diff.guard import guard
from oelab.diff.images import moving_images
from oelab.diff.options import options
from oelab.diff.stacks import StackChange, compare
from oelab.diff.temporary import temporary_folder
from oelab.render.diff_json import document
from oelab.render.diff_text import stack_in_words, summary, verdict_in_words
from oelab.settings import Settings, load
from oelab.template.assembly import Template


class _Compared(NamedTuple):
    """Two versions by name, and the `cdk.out` of the head."""

    base_name: str
    base: Mapping[str, Stack]
    head_name: str
    head: Mapping[str, Stack]
    folder: Path


def main() -> ExitCode:
    """Compare, say what was found, and end with its severity."""
    asked = options()
    # A job that is cancelled, or whose terminal goes: as with Ctrl-C, nothing temporary may stay.
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.default_int_handler)
    return ended(lambda: _compare(asked))


def _compare(asked: argparse.Namespace) -> ExitCode:
    with ExitStack() as temporary:
        return _told(_versions(asked, temporary), asked)


def _told(versions: _Compared, asked: argparse.Namespace) -> ExitCode:
    changes = compare(versions.base, versions.head)
    verdict = guard(changes, versions.base, allowed=_allowed(asked))
    if asked.guard:
        for line in verdict_in_words(verdict):
            print(line)
        return ExitCode.REFUSED if verdict.refusals else ExitCode.NOTHING
    code = exit_code(changes, verdict)
    notes = tuple(moving_images(versions.base, versions.head))
    if asked.json:
        names = (versions.base_name, versions.head_name)
        print(json.dumps(document(changes, verdict, code, notes, *names), indent=2))
    else:
        _print(changes, versions, with_cdk=not asked.brief)
        print(f"from {versions.base_name} to {versions.head_name}: {summary(changes)}")
        for line in (*(f"note: {note}" for note in notes), *verdict_in_words(verdict)):
            print(line)
    return code


def _allowed(asked: argparse.Namespace) -> list[str]:
    path = Path(asked.settings or settings_named_in(Path.cwd()))
    # Two folders may be those of any app, which has no settings of this kind.
    settings = load(path) if asked.settings or path.exists() else Settings()
    return [*settings.allow_replacement, *asked.allow]


def _versions(asked: argparse.Namespace, temporary: ExitStack) -> _Compared:
    if not asked.base:
        base, head = asked.folders
        return _Compared(str(base), read(base), str(head), read(head), head)
    if asked.folders:
        (folder,) = asked.folders
        head = read(folder)
        (base,) = synthesized(_commit(asked, temporary), settings=asked.settings)
        return _Compared(asked.base, base, str(folder), head, folder)
    commit = _commit(asked, temporary)
    tree = Version("the working tree", Path.cwd(), commit.out.with_name("head"))
    base, head = synthesized(commit, tree, settings=asked.settings)
    return _Compared(asked.base, base, "working tree", head, tree.out)


def _commit(asked: argparse.Namespace, temporary: ExitStack) -> Version:
    project = temporary.enter_context(checked_out(Path.cwd(), asked.base))
    out = temporary.enter_context(temporary_folder("oelab-changes-"))
    return Version(asked.base, project, out / "base")


def _print(changes: tuple[StackChange, ...], versions: _Compared, *, with_cdk: bool) -> None:
    bases = {
        versions.head[change.name].path: _template(change.name, versions.base)
        for change in changes
        if with_cdk and change.effect is not Effect.LEFT_BEHIND
        # Of tags and protection the CDK would say that there are no differences.
        if _template(change.name, versions.base) != _template(change.name, versions.head)
    }
    with closing(cdk_diffs(Path.cwd(), versions.folder, bases)) as diffs:
        for change in changes:
            if change.name in versions.head and versions.head[change.name].path in bases:
                print(next(diffs), end="\n\n")
            print(*stack_in_words(change), sep="\n", end="\n\n")


def _template(name: str, stacks: Mapping[str, Stack]) -> Template:
    return stacks[name].template if name in stacks else {}


if __name__ == "__main__":
    sys.exit(main())
