"""What must not be replaced or deleted by accident."""

from collections.abc import Collection, Iterator

from oelab.diff.alignment import Stacks
from oelab.diff.compare import StackChange
from oelab.diff.vocabulary import Effect
from oelab.findings import Finding, finding_by
from oelab.template.app import all_resources
from oelab.template.assembly import Stack

PROTECTED = "Protected"
UNUSED_ALLOWANCE = "UnusedAllowance"

ALWAYS_PROTECTED = frozenset(
    {"AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::S3::Bucket"}
)
"""What the nodes of all stacks and the people who operate them depend on, and logs, which cannot be
made again."""


def guard(
    changes: Collection[StackChange], base: Stacks, *, allowed: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Refuse what replaces, may replace or deletes anything protected, unless it is `allowed`.

    Protected are all resources of a stack whose termination protection was on before the change,
    and those of `ALWAYS_PROTECTED` in every stack. "May be replaced" counts: CloudFormation
    decides at the deployment, which asks no one. So does a protected stack that the app no longer
    defines, since nothing keeps it up to date from then on. A bucket that its
    DeletionPolicy keeps is not deleted, and so not refused.

    The subject of a refusal is what settings name to allow it: `Stack/LogicalId`, or `Stack` for
    a stack and all of its resources. What is allowed but does not happen is a finding too, as it
    would let a later change through.
    """
    found = []
    happening = set()
    for change in changes:
        for subject, effect in _lost(change, base.get(change.label)):
            happening |= {subject, change.name}
            if not {subject, change.name} & {*allowed}:
                found.append(finding_by(__package__, PROTECTED, subject, effect=effect.words))
    unused = sorted({*allowed} - happening)
    # What happens in several environments is refused and allowed once.
    return (
        *dict.fromkeys(found),
        *(finding_by(__package__, UNUSED_ALLOWANCE, each) for each in unused),
    )


def _lost(change: StackChange, base: Stack | None) -> Iterator[tuple[str, Effect]]:
    """Everything protected that would or may be lost, and what happens to it."""
    if base is None:
        return
    is_protected = base.termination_protection
    if change.effect is Effect.LEFT_BEHIND:
        types = {resource.type for resource in all_resources(base)}
        if is_protected or types & ALWAYS_PROTECTED:
            yield change.name, change.effect
    for each in change.resources:
        if each.effect is Effect.LEFT_BEHIND and each.type == "AWS::S3::Bucket":
            continue
        if each.effect > Effect.CHANGED and (is_protected or each.type in ALWAYS_PROTECTED):
            yield f"{change.name}/{each.logical_id}", each.effect
