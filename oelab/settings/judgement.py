"""What several settings must satisfy together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from oelab.rules import Fault


@dataclass(frozen=True, kw_only=True)
class CrossFault(Fault):
    """A fault of one setting in the light of others, which `rests_on` names.

    Where one of those could not be read the fault proves nothing and is not reported.
    """

    rests_on: tuple[str, ...]


def unique(values: Iterable[tuple[str, str]], reason: str) -> Iterator[Fault]:
    """No two of the (path, value) pairs are alike, whatever their case; blanks are not judged."""
    first: dict[str, str] = {}
    for where, value in values:
        if not value.strip():
            continue
        earlier = first.setdefault(value.casefold(), where)
        if earlier != where:
            yield CrossFault(
                where=where,
                value=value,
                rule=f"must differ from {earlier}",
                remedy=f"choose another; {reason}",
                rests_on=(earlier,),
            )
