"""What a change does to the stacks of an app."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from oelab.diff.assembly import Stack
from oelab.diff.effects import Effect
from oelab.diff.resources import ResourceChange, compare_resources
from oelab.diff.security import SecurityChange, compare_security
from oelab.diff.stack_settings import beside_the_resources
from oelab.diff.surprises import surprises
from oelab.diff.transition import Transition
from oelab.diff.undeployable import names_taken, undeployable


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """What becomes of one stack.

    `settings` are changes of what is not a resource, in words; `notes` are what a reviewer should
    know beside the changes.
    """

    name: str
    effect: Effect
    resources: tuple[ResourceChange, ...] = ()
    security: tuple[SecurityChange, ...] = ()
    settings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    protected: bool = False

    @property
    def severity(self) -> Effect:
        """The worst that happens in it."""
        return max([self.effect, *(resource.effect for resource in self.resources)])


def compare(base: Mapping[str, Stack], head: Mapping[str, Stack]) -> tuple[StackChange, ...]:
    """The stacks that differ between two versions of an app, in the order of their names."""
    changes = []
    for name in sorted(base.keys() | head.keys()):
        if name not in head:
            changes.append(_left_behind(base[name], base, head))
        elif name not in base:
            changes.append(_added(head[name]))
        elif _moves(base[name], head[name]):
            changes.append(_moved(base[name], head[name]))
        elif change := _changed(base[name], head[name]):
            changes.append(change)
    return tuple(changes)


def _left_behind(stack: Stack, base: Mapping[str, Stack], head: Mapping[str, Stack]) -> StackChange:
    count = len(stack.resources)
    notes = [
        f"the app no longer defines it, and `cdk deploy` leaves it with its {count} resources as "
        f"it is; {_to_delete(stack)}"
    ]
    notes += [
        f"renamed to {new}? A stack cannot be renamed: {new} is a new one, with new resources"
        for new in sorted(head.keys() - base.keys())
        if _shape(head[new]) == _shape(stack)
    ]
    return StackChange(
        name=stack.name,
        effect=Effect.LEFT_BEHIND,
        notes=tuple(notes),
        protected=stack.termination_protection,
    )


def _to_delete(stack: Stack) -> str:
    region = stack.environment.partition("/")[2]
    which = f"--stack-name {stack.name}{f' --region {region}' if region else ''}"
    unprotect = (
        "aws cloudformation update-termination-protection --no-enable-termination-protection "
        f"{which} && "
        if stack.termination_protection
        else ""
    )
    return f"to delete it: {unprotect}aws cloudformation delete-stack {which}"


def _moves(base: Stack, head: Stack) -> bool:
    return bool(base.environment and head.environment and base.environment != head.environment)


def _moved(base: Stack, head: Stack) -> StackChange:
    note = (
        f"the stack in {base.environment} stays there as it is, and a new one is made in "
        f"{head.environment}; {_to_delete(base)}"
    )
    return replace(
        _added(head),
        effect=Effect.LEFT_BEHIND,
        notes=(note, *names_taken(base, head)),
        protected=base.termination_protection,
    )


def _shape(stack: Stack) -> dict[str, str]:
    return {logical_id: resource["Type"] for logical_id, resource in stack.resources.items()}


def _added(stack: Stack) -> StackChange:
    return StackChange(
        name=stack.name,
        effect=Effect.ADDED,
        resources=compare_resources(Stack(name=stack.name, template={}), stack),
        security=compare_security(None, stack),
        protected=stack.termination_protection,
    )


def _changed(base: Stack, head: Stack) -> StackChange | None:
    resources = compare_resources(base, head)
    settings = tuple(beside_the_resources(base, head))
    if not (resources or settings):
        return None
    transition = Transition(base, head, resources)
    return StackChange(
        name=head.name,
        effect=Effect.CHANGED,
        resources=resources,
        security=compare_security(base, head, replaced=transition.those(Effect.REPLACED)),
        settings=settings,
        notes=(*undeployable(transition), *surprises(transition), *_tags(base, head)),
        protected=base.termination_protection,
    )


def _tags(base: Stack, head: Stack) -> Iterator[str]:
    if base.tags != head.tags:
        yield "CloudFormation gives the tags of a stack to all of its resources that take tags"
