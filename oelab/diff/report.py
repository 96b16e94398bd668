"""What a comparison of two versions has found, ready to be rendered."""

from collections.abc import Collection
from dataclasses import dataclass

from oelab.diff.compare import StackChange, compare
from oelab.diff.effects import DiffExitCode, exit_code_of
from oelab.diff.guard import guard
from oelab.diff.notes import DiffRule, moving_images
from oelab.diff.versions import TwoVersions
from oelab.findings import Finding


@dataclass(frozen=True, kw_only=True)
class DiffReport:
    """All that is known of a comparison.

    `base` and `head` name what was compared: a commit, a folder or the working tree. `notes` are
    on what a deployment does whatever the templates say. `guard` is what the guard refuses, and
    what it is to allow although it does not happen.
    """

    schema: str = "oelab.diff/1"
    base: str
    head: str
    result: DiffExitCode
    stacks: tuple[StackChange, ...]
    notes: tuple[Finding, ...]
    guard: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What the guard refuses."""
        return tuple(each for each in self.guard if each.rule == DiffRule.PROTECTED)


def report_on(versions: TwoVersions, *, allowed: Collection[str] = ()) -> DiffReport:
    """Compare two versions of an app.

    `allowed` is what the guard lets be replaced or deleted: `Stack/LogicalId`, or `Stack`.
    """
    stacks = compare(versions.base, versions.head)
    found = guard(stacks, versions.base, allowed=allowed)
    codes = [exit_code_of(change.worst) for change in stacks]
    if any(each.rule == DiffRule.PROTECTED for each in found):
        codes.append(DiffExitCode.REFUSED)
    return DiffReport(
        base=versions.base_name,
        head=versions.head_name,
        result=max(codes, default=DiffExitCode.NOTHING),
        stacks=stacks,
        notes=tuple(moving_images(versions.base, versions.head)),
        guard=found,
    )
