"""What a comparison of two versions has found, ready to be rendered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from oelab.diff.alignment import align
from oelab.diff.cdk_diff import cdk_diffs
from oelab.diff.compare import StackChange, compare
from oelab.diff.guard import PROTECTED, UNUSED_ALLOWANCE, guard
from oelab.diff.notes import moving_images
from oelab.diff.versions import TwoVersions, settings_file_of, two_versions
from oelab.diff.vocabulary import exit_code_of
from oelab.exit_codes import ExitCode
from oelab.findings import BadInputError
from oelab.report import Report
from oelab.settings import Settings, load

_GUARD = (PROTECTED, UNUSED_ALLOWANCE)


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
        versions = replace(given, base=before, head=after)
        report = report_on(versions, allowed=_allowed(settings))
        if with_cdk:
            report = replace(report, cdk_diffs=cdk_diffs(versions, report.stacks))
    of_guard = (each for each in report.findings if each.rule in _GUARD)
    return GuardReport(findings=tuple(of_guard)) if only_guard else report


def report_on(versions: TwoVersions, *, allowed: Collection[str] = ()) -> DiffReport:
    """Compare two versions of an app, whose stacks are aligned.

    `allowed` is what the guard lets be replaced or deleted: `Stack/LogicalId`, or `Stack`.
    """
    stacks = compare(versions.base, versions.head)
    found = guard(stacks, versions.base, allowed=allowed)
    codes = [exit_code_of(change.worst) for change in stacks]
    if any(each.rule == PROTECTED for each in found):
        codes.append(ExitCode.REFUSED)
    return DiffReport(
        base=versions.base_name,
        head=versions.head_name,
        result=max(codes, default=ExitCode.WELL),
        stacks=stacks,
        findings=(*moving_images(versions.base, versions.head), *found),
    )


def _allowed(settings: str | None) -> tuple[str, ...]:
    path = Path(settings or settings_file_of(Path.cwd()))
    # Two folders may be those of any app, which has no settings of this kind.
    return (load(path) if settings or path.exists() else Settings()).allow_replacement
