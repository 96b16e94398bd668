"""What a comparison of two versions has found, ready to be rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from oelab.diff.alignment import align
from oelab.diff.cdk_diff import cdk_diffs
from oelab.diff.compare import StackChange, compare
from oelab.diff.guard import PROTECTED, guard
from oelab.diff.notes import moving_images
from oelab.diff.versions import settings_file_of, two_versions
from oelab.diff.vocabulary import exit_code_of
from oelab.exit_codes import ExitCode
from oelab.findings import BadInputError
from oelab.report import Report
from oelab.settings import Settings, load


@dataclass(frozen=True, kw_only=True)
class GuardReport(Report):
    """What the guard refuses, and what it is to allow although it does not happen."""

    schema: str = "oelab.diff-guard/1"

    @property
    def exit_code(self) -> ExitCode:
        """Whether anything is refused."""
        is_refused = any(each.rule == PROTECTED for each in self.findings)
        return ExitCode.REFUSED if is_refused else ExitCode.WELL


@dataclass(frozen=True, kw_only=True)
class DiffReport(Report):
    """All that is known of a comparison.

    `base` and `head` name what was compared: a commit, a folder or the working tree. `findings` are
    notes on what a deployment does whatever the templates say, what the guard refuses, and what it
    is to allow although it does not happen. `cdk_diffs` are the CDK's own by label of the stack.
    """

    schema: str = "oelab.diff/1"
    base: str
    head: str
    result: ExitCode
    stacks: tuple[StackChange, ...]
    cdk_diffs: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> ExitCode:
        """The worst that happens."""
        return self.result


def report_on_versions(
    folders: Sequence[Path],
    *,
    base: str | None,
    settings: str | None,
    with_cdk: bool = False,
    only_guard: bool = False,
) -> DiffReport | GuardReport:
    """Compare two versions of the app in this folder, or two `cdk.out` folders of any app.

    The arguments are those of `two_versions`; `settings` also say what the guard allows.

    Raises:
        BadInputError: what was given is not two versions, or cannot be compared.
    """
    if len(folders) not in ((0, 1) if base else (2,)):
        raise BadInputError("give --base REF, --base REF and a folder, or two folders")
    with two_versions(folders, base=base, settings=settings) as given:
        before, after = align(given.base, given.head)
        stacks = compare(before, after)
        guarded = guard(stacks, before, allowed=_allowed(settings))
        if only_guard:
            return GuardReport(findings=guarded)
        codes = [exit_code_of(change.worst) for change in stacks]
        codes += [ExitCode.REFUSED for each in guarded if each.rule == PROTECTED]
        aligned = replace(given, base=before, head=after)
        return DiffReport(
            base=given.base_name,
            head=given.head_name,
            result=max(codes, default=ExitCode.WELL),
            stacks=stacks,
            findings=(*moving_images(before, after), *guarded),
            cdk_diffs=cdk_diffs(aligned, stacks) if with_cdk else {},
        )


def _allowed(settings: str | None) -> tuple[str, ...]:
    path = Path(settings or settings_file_of(Path.cwd()))
    # Two folders may be those of any app, which has no settings of this kind.
    return (load(path) if settings or path.exists() else Settings()).allow_replacement
