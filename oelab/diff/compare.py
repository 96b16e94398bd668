"""What a change does to the stacks of an app."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from oelab.diff.alignment import Stacks, moves
from oelab.diff.notes import note_on_stack_left_behind, notes_on_move, notes_on_update
from oelab.diff.resources import ResourceChange, compare_resources
from oelab.diff.security import SecurityChange, compare_security
from oelab.diff.stack_settings import compare_settings
from oelab.diff.stack_update import update_of
from oelab.diff.vocabulary import Effect
from oelab.findings import Finding
from oelab.template.assembly import Stack


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """What happens to one stack.

    `label` is its name, and the environment in addition where the app has several of that name.
    `protected` is whether its termination protection was on before. `settings` are changes of what
    is no resource, in a line each. `notes` are what a reviewer cannot see from the effects.
    """

    name: str
    label: str
    effect: Effect
    protected: bool = False
    resources: tuple[ResourceChange, ...] = ()
    security: tuple[SecurityChange, ...] = ()
    settings: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def worst(self) -> Effect:
        """The worst that happens in it."""
        return max([self.effect, *(resource.effect for resource in self.resources)])


def compare(base: Stacks, head: Stacks) -> tuple[StackChange, ...]:
    """The stacks that differ between two versions of an app, in the order of their labels.

    Where an app has several stacks of one name, both versions must be aligned.
    """
    return tuple(_changes(base, head))


def _changes(base: Stacks, head: Stacks) -> Iterator[StackChange]:
    for label in sorted(base.keys() | head.keys()):
        if label not in head:
            yield _left_behind(label, base[label])
        elif label not in base:
            yield _added(label, head[label])
        elif moves(base[label], head[label]):
            yield _moved(label, base[label], head[label])
        elif change := _updated(label, base[label], head[label]):
            yield change


def _left_behind(label: str, stack: Stack) -> StackChange:
    return StackChange(
        name=stack.name,
        label=label,
        effect=Effect.LEFT_BEHIND,
        protected=stack.termination_protection,
        notes=(note_on_stack_left_behind(stack),),
    )


def _added(label: str, stack: Stack) -> StackChange:
    update = update_of(replace(stack, template={}), stack)
    resources = compare_resources(update)
    return StackChange(
        name=stack.name,
        label=label,
        effect=Effect.ADDED,
        protected=stack.termination_protection,
        resources=resources,
        security=compare_security(update, resources),
    )


def _moved(label: str, base: Stack, head: Stack) -> StackChange:
    """What happens where the stack goes to, and that it stays where it was."""
    return replace(
        _added(label, head),
        effect=Effect.LEFT_BEHIND,
        protected=base.termination_protection,
        settings=tuple(compare_settings(base, head)),
        notes=tuple(notes_on_move(base, head)),
    )


def _updated(label: str, base: Stack, head: Stack) -> StackChange | None:
    """What happens to a stack that stays where it is, None where nothing does."""
    update = update_of(base, head)
    resources = compare_resources(update)
    settings = tuple(compare_settings(base, head))
    if not (resources or settings):
        return None
    return StackChange(
        name=head.name,
        label=label,
        effect=Effect.CHANGED,
        protected=base.termination_protection,
        resources=resources,
        security=compare_security(update, resources),
        settings=settings,
        notes=tuple(notes_on_update(update, resources)),
    )
