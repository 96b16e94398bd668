"""What must not be replaced or deleted by accident."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from oelab.diff.assembly import Stack
from oelab.diff.effects import Effect
from oelab.diff.resources import ResourceChange
from oelab.diff.stacks import StackChange

ALWAYS_PROTECTED = frozenset(
    {
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::S3::Bucket",
    }
)
"""What the nodes of all stacks and the people who look after them live by, and the logs that nobody
can make again."""

_GONE = frozenset({*Effect} - {Effect.ADDED, Effect.CHANGED})


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Something protected that a change would or may replace, remove or leave behind."""

    key: str
    """What settings name to allow it: `Stack/LogicalId`, or `Stack` for all of a stack."""
    type: str
    effect: Effect


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the guard says of a change."""

    refusals: tuple[Refusal, ...]
    used: tuple[str, ...]
    """What is allowed and happens."""
    unused: tuple[str, ...]
    """What is allowed but does not happen: it would let a later change through."""


def guard(
    changes: Collection[StackChange],
    base: Mapping[str, Stack],
    *,
    allowed: Collection[str] = (),
) -> Verdict:
    """Refuse what replaces, may replace or deletes anything protected, unless it is `allowed`.

    Protected are all resources of a stack whose termination protection was on before the change,
    and those of `ALWAYS_PROTECTED` in every stack. "May be replaced" counts: CloudFormation
    decides at the deployment, when nobody is asked any more. So does a protected stack that the
    app no longer defines, since nothing keeps it up to date from then on.

    A bucket that its DeletionPolicy keeps is not deleted, and so not refused.
    """
    found = [refusal for change in changes for refusal in _refusals(change, base.get(change.name))]
    happening = {refusal.key for refusal in found} | {_stack(refusal.key) for refusal in found}
    return Verdict(
        refusals=tuple(
            refusal for refusal in found if not {refusal.key, _stack(refusal.key)} & {*allowed}
        ),
        used=tuple(sorted({*allowed} & happening)),
        unused=tuple(sorted({*allowed} - happening)),
    )


def _refusals(change: StackChange, base: Stack | None) -> Iterator[Refusal]:
    if base is None:
        return
    if change.effect is Effect.LEFT_BEHIND:
        types = {resource["Type"] for resource in base.resources.values()}
        if base.termination_protection or types & ALWAYS_PROTECTED:
            yield Refusal(key=change.name, type="AWS::CloudFormation::Stack", effect=change.effect)
    for resource in change.resources:
        if _is_protected(base, resource) and resource.effect in _GONE:
            yield Refusal(
                key=f"{change.name}/{resource.logical_id}",
                type=resource.type,
                effect=resource.effect,
            )


def _is_protected(base: Stack, resource: ResourceChange) -> bool:
    if resource.effect is Effect.LEFT_BEHIND and resource.type == "AWS::S3::Bucket":
        return False
    return base.termination_protection or resource.type in ALWAYS_PROTECTED


def _stack(key: str) -> str:
    return key.partition("/")[0]
