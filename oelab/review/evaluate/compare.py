"""The report of `oelab compare`: which packages differ between two workloads."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from oelab.findings import BadInputError
from oelab.report import Column
from oelab.review.evaluate.inventory import Matches
from oelab.review.evaluate.rules import finding
from oelab.review.evaluate.scope import unknown_groups
from oelab.review.evaluate.seen_node import count
from oelab.review.models import ReviewReport, Subject
from oelab.settings import Settings
from oelab.systems_manager.inventory_types import APPLICATION


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageDifference:
    """A package whose versions differ between two workloads."""

    package: Annotated[str, Column("Package", needed=True)]
    """The name of the package."""
    versions: Annotated[
        Mapping[str, Mapping[str, int]],
        Column(" version (nodes)", needed=True, prose=True, spread=True),
    ]
    """By workload, the number of nodes with each version."""


@dataclass(frozen=True, kw_only=True)
class CompareReport(ReviewReport):
    """What `oelab compare` has found."""

    empty = "both have the same packages"
    table = ("differences",)
    schema: str = "oelab.compare/1"
    nodes: Mapping[str, int]
    """By workload, the number of nodes with inventory."""
    differences: tuple[PackageDifference, ...]
    """The packages that differ, by name."""


def check_workloads(settings: Settings, one: str, other: str) -> None:
    """Raise `BadInputError` unless these are two workloads of the settings."""
    names = [each.name for each in settings.workloads]
    if one == other or not {one, other} <= {*names}:
        raise BadInputError(
            f"{one!r} and {other!r} must be two workloads of the settings; these are: "
            f"{', '.join(names)}"
        )


def compare_workloads(matches: Matches, workloads: Sequence[str]) -> CompareReport:
    """The packages that do not have the same versions in both workloads."""
    nodes = dict.fromkeys(workloads, 0)
    packages: defaultdict[str, dict[str, Counter[str]]] = defaultdict(
        lambda: {name: Counter() for name in workloads}
    )
    for snapshot, node_id, installed in matches.by_node():
        workload = snapshot.workload_of(node_id)
        if workload in nodes:
            nodes[workload] += 1
            for package, version in installed:
                packages[package][workload][version] += 1
    empty = [name for name, number in nodes.items() if not number]
    missing = [
        snapshot.subject_of(node_id)
        for snapshot, node_id in matches.missing()
        if snapshot.workload_of(node_id) in {*workloads} - {*empty}
    ]
    # With one side missing every package would seem to differ.
    differences = [
        PackageDifference(package=package, versions=versions)
        for package, versions in sorted(packages.items())
        if not empty and len({frozenset(each) for each in versions.values()}) > 1
    ]
    nothing = " on any node, so that there is nothing to compare"
    found = [*unknown_groups(matches.snapshots, matches.expected)]
    found += [finding("inventory-missing", Subject(name=name), of=nothing) for name in empty]
    found += [finding("inventory-missing", x, of=f" of {APPLICATION}") for x in missing]
    if differences:
        both, number = " and ".join(workloads), count(len(differences), "package")
        found.append(finding("packages-differ", Subject(name=both), packages=number))
    return CompareReport(
        environments=tuple(each.environment for each in matches.snapshots),
        unread=tuple(dict.fromkeys(matches.unread)),
        findings=tuple(found),
        nodes=nodes,
        differences=tuple(differences),
    )
