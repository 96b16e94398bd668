"""Which stacks of two versions of an app are versions of one stack."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from oelab.template.assembly import Stack

Stacks = Mapping[str, Stack]
"""By name, or by name and environment where the app has several of one name."""


def label_of(stack: Stack) -> str:
    """A name for one of several stacks of the same name, such as `A in 111122223333/eu-west-1`."""
    return f"{stack.name} in {str(stack.environment) or 'any environment'}"


def align(base: Stacks, head: Stacks) -> tuple[Stacks, Stacks]:
    """Both versions, with the same key for a stack that is in both.

    That is one of the same name and environment. What an app leaves to the deployment may be any
    environment. A name that is there once in each version is the same stack wherever it is.
    """
    before: dict[str, Stack] = {}
    after: dict[str, Stack] = {}
    for name in sorted({stack.name for stack in (*base.values(), *head.values())}):
        old, new = ([each for each in side.values() if each.name == name] for side in (base, head))
        is_unique = len(old) <= 1 and len(new) <= 1
        for one, other in zip_longest(old, new) if is_unique else _versions(old, new):
            for side, stack in ((before, one), (after, other)):
                if stack:
                    side[name if is_unique else label_of(other or stack)] = stack
    return before, after


def moves(base: Stack, head: Stack) -> bool:
    """Whether a stack goes to another account or Region, as far as the app names them."""
    places = zip(base.environment, head.environment, strict=True)
    return any(before and after and before != after for before, after in places)


def _versions(
    old: Sequence[Stack], new: Sequence[Stack]
) -> Iterator[tuple[Stack | None, Stack | None]]:
    """The stacks of one name that are in the same environment, and each that is in one version."""
    rest = _known_first(new)
    for each in _known_first(old):
        same = next((other for other in rest if not moves(each, other)), None)
        if same:
            rest.remove(same)
        yield each, same
    yield from ((None, other) for other in rest)


def _known_first(stacks: Iterable[Stack]) -> list[Stack]:
    return sorted(stacks, key=lambda stack: not stack.environment.known)
