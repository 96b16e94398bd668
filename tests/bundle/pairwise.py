"""Few combinations of values in which every two values stand together at least once."""

from collections.abc import Mapping, Sequence
from itertools import combinations

Combination = dict[str, str]
Pair = frozenset[tuple[str, str]]


def pairwise(values: Mapping[str, Sequence[str]]) -> list[Combination]:
    """A table of all pairs of values of two names, each row with one value of every name.

    A row begins with a pair that no row has yet, and each other name takes the value that adds most
    pairs to it, those with many values first. The same values give the same table.
    """
    names = sorted(values, key=lambda name: -len(values[name]))
    missing = dict.fromkeys(_pairs(names, values))
    rows = []
    while missing:
        row = dict(next(iter(missing)))
        for name in names:
            if name not in row:
                row[name] = max(values[name], key=lambda value: _added(row, name, value, missing))
        for pair in map(frozenset, combinations(row.items(), 2)):
            missing.pop(pair, None)
        rows.append(row)
    return rows


def _pairs(names: Sequence[str], values: Mapping[str, Sequence[str]]) -> list[Pair]:
    return [
        frozenset({(first, one), (second, other)})
        for first, second in combinations(names, 2)
        for one in values[first]
        for other in values[second]
    ]


def _added(row: Combination, name: str, value: str, missing: Mapping[Pair, None]) -> int:
    return sum(frozenset({(name, value), each}) in missing for each in row.items())
