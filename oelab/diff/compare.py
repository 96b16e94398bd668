"""What a change does to the stacks of an app."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from oelab.diff.effects import Effect
from oelab.diff.notes import note_on_stack_left_behind, notes_on_move, notes_on_update
from oelab.diff.resources import ResourceChange, compare_resources
from oelab.diff.security import SecurityChange, compare_security
from oelab.diff.stack_settings import compare_settings
from oelab.diff.stack_update import update_of
from oelab.findings import Finding
from oelab.template.assembly import Stack


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """What happens to one stack.

    `protected` is whether its termination protection was on before. `settings` are changes of what
    is no resource, in a line each. `notes` are what a reviewer cannot see from the effects.
    """

    name: str
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


def compare(base: Mapping[str, Stack], head: Mapping[str, Stack]) -> tuple[StackChange, ...]:
    """The stacks that differ between two versions of an app, in the order of their names."""
    return tuple(_changes(base, head))


def _changes(base: Mapping[str, Stack], head: Mapping[str, Stack]) -> Iterator[StackChange]:
    for name in sorted(base.keys() | head.keys()):
        if name not in head:
            yield _left_behind(base[name])
        elif name not in base:
            yield _added(head[name])
        elif _moves(base[name], head[name]):
            yield _moved(base[name], head[name])
        elif change := _updated(base[name], head[name]):
            yield change


def _left_behind(stack: Stack) -> StackChange:
    return StackChange(
        name=stack.name,
        effect=Effect.LEFT_BEHIND,
        protected=stack.termination_protection,
        notes=(note_on_stack_left_behind(stack),),
    )


def _moves(base: Stack, head: Stack) -> bool:
    """Whether a stack goes to another account or Region, as far as the app names them."""
    places = zip(base.environment, head.environment, strict=True)
    return any(before and after and before != after for before, after in places)


def _moved(base: Stack, head: Stack) -> StackChange:
    return replace(
        _added(head),
        effect=Effect.LEFT_BEHIND,
        protected=base.termination_protection,
        settings=tuple(compare_settings(base, head)),
        notes=tuple(notes_on_move(base, head)),
    )


def _added(stack: Stack) -> StackChange:
    update = update_of(replace(stack, template={}), stack)
    return StackChange(
        name=stack.name,
        effect=Effect.ADDED,
        protected=stack.termination_protection,
        resources=compare_resources(update),
        security=compare_security(update),
    )


def _updated(base: Stack, head: Stack) -> StackChange | None:
    update = update_of(base, head)
    resources = compare_resources(update)
    settings = tuple(compare_settings(base, head))
    if not (resources or settings):
        return None
    replaced = [each.logical_id for each in resources if each.effect is Effect.REPLACED]
    return StackChange(
        name=head.name,
        effect=Effect.CHANGED,
        protected=base.termination_protection,
        resources=resources,
        security=compare_security(update, replaced=replaced),
        settings=settings,
        notes=tuple(notes_on_update(update, resources)),
    )
