"""A comparison in words."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from oelab.diff.effects import Effect, Replacement
from oelab.diff.guard import Verdict
from oelab.diff.resources import PropertyChange, ResourceChange
from oelab.diff.stacks import StackChange


def stack_in_words(change: StackChange) -> Iterator[str]:
    """A heading, then what happens, the worst first."""
    protection = " (protected)" if change.protected else ""
    happens = "changes" if change.effect is Effect.CHANGED else change.effect.words
    elsewhere = (
        ", and made anew" if change.effect is Effect.LEFT_BEHIND and change.resources else ""
    )
    yield f"{change.name}{protection}: {happens}{elsewhere}"
    for effect in sorted(Effect, reverse=True):
        affected = [resource for resource in change.resources if resource.effect is effect]
        if affected:
            yield f"  {effect.words}"
            yield from (f"    {_resource(resource, change)}" for resource in affected)
    if change.security:
        yield "  permissions and network rules"
    for security in change.security:
        rule = security.rule
        yield f"    {'+' if security.added else '-'} {rule.words} ({rule.logical_id})"
    if change.settings:
        yield "  beside the resources"
    yield from (f"    {setting}" for setting in change.settings)
    yield from (f"  note: {note}" for note in change.notes)


def _resource(resource: ResourceChange, change: StackChange) -> str:
    effects = {other.logical_id: other.effect for other in change.resources}
    properties = sorted(resource.properties, key=lambda each: -each.replacement)
    why = ", ".join(_property(each, effects) for each in properties)
    return f"{resource.logical_id} {resource.type}{': ' if why else ''}{why}"


def _property(change: PropertyChange, effects: dict[str, Effect]) -> str:
    if change.because_of:
        source = effects[change.because_of]
        happens = "is replaced" if source is Effect.REPLACED else "may be replaced"
        return f"{change.name} (as {change.because_of} {happens})"
    if change.name == "Type" and change.replacement is Replacement.YES:
        return f"Type was {change.before} (CloudFormation refuses that: give it another id)"
    return change.name


def summary(changes: Collection[StackChange]) -> str:
    """How many resources and stacks meet which end, in a line."""
    stacks = [change.effect for change in changes if change.effect is not Effect.CHANGED]
    resources = [resource.effect for change in changes for resource in change.resources]
    counts = [*_counts("stack", stacks), *_counts("resource", resources)]
    if not counts and changes:
        return "no resource changes"
    return ", ".join(counts) or "nothing changes"


def _counts(what: str, effects: Iterable[Effect]) -> Iterator[str]:
    for effect, count in sorted(Counter(effects).items(), reverse=True):
        yield f"{count} {what}{'' if count == 1 else 's'} {effect.words}"


def verdict_in_words(verdict: Verdict) -> Iterable[str]:
    """What the guard refuses, how to allow it, and what is allowed for nothing."""
    if verdict.refusals:
        yield "refused, as it is protected:"
        for refusal in verdict.refusals:
            yield f"  {refusal.key} {refusal.type}: {refusal.effect.words}"
        all_keys = [*verdict.used, *(refusal.key for refusal in verdict.refusals)]
        keys = ", ".join(f'"{key}"' for key in all_keys)
        yield f"if that is meant, say so in the settings: allow_replacement = [{keys}]"
        yield "(the name of a stack alone allows it for all of its resources)"
    for key in verdict.unused:
        yield f"{key} is allowed to be replaced, but nothing of the kind happens; take it out"
