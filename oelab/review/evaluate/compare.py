"""Which packages differ between two workloads."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Annotated

from oelab import tags as lab_tags
from oelab.environment import Environment
from oelab.findings import BadInputError
from oelab.report import Column
from oelab.review.evaluate.inventory import Matches
from oelab.review.evaluate.rules import finding
from oelab.review.evaluate.seen_node import count
from oelab.review.models import ReviewReport, Subject
from oelab.settings import Settings


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
    table = "differences"
    schema: str = "oelab.compare/1"
    nodes: Mapping[str, int]
    """By workload, the number of nodes with inventory."""
    differences: tuple[PackageDifference, ...]
    """The packages that differ, by name."""


def check_workloads(settings: Settings, *names: str) -> None:
    """Raise `BadInputError` unless these are two workloads of the settings."""
    workloads = [each.name for each in settings.workloads]
    unknown = [name for name in names if name not in workloads]
    if unknown or len({*names}) < len(names):
        given = " and ".join(map(repr, names))
        known = ", ".join(workloads)
        raise BadInputError(f"{given} must be two workloads of the settings; these are: {known}")


@dataclass
class _Packages:
    """The packages of a workload: by name, the number of nodes with each version."""

    nodes: int = 0
    versions: dict[str, Counter[str]] = field(default_factory=dict)


def compare_workloads(matches: Matches, workloads: Sequence[str]) -> CompareReport:
    """The packages that do not have the same versions in both workloads."""
    packages = {name: _Packages() for name in workloads}
    _count(matches, packages)
    empty = [name for name, each in packages.items() if not each.nodes]
    names = sorted({name for each in packages.values() for name in each.versions})
    # With one side missing every package would seem to differ.
    differences = [] if empty else [*filter(_differs, (_versions(packages, x) for x in names))]
    nothing = " on any node, so that there is nothing to compare"
    found = [finding("inventory-missing", _subject(name), of=nothing) for name in empty]
    if differences:
        both, number = _subject(" and ".join(workloads)), count(len(differences), "package")
        found.append(finding("packages-differ", both, packages=number))
    return CompareReport(
        unread=tuple(dict.fromkeys(matches.unread)),
        findings=tuple(found),
        nodes={name: each.nodes for name, each in packages.items()},
        differences=tuple(differences),
    )


def _count(matches: Matches, packages: Mapping[str, _Packages]) -> None:
    """Add the entries, which come node by node, to the workloads of their nodes."""
    for _, of_node in groupby(matches.entries, lambda pair: (pair[1].environment, pair[1].node_id)):
        (index, first), *others = of_node
        instance = index.instances.get(first.node_id)
        workload = packages.get(instance.tags.get(lab_tags.WORKLOAD, "")) if instance else None
        if workload is None:
            continue
        workload.nodes += 1
        # One package can be there for several architectures.
        entries = [first, *(entry for _, entry in others)]
        for name, version in {(each.package, each.version) for each in entries}:
            workload.versions.setdefault(name, Counter())[version] += 1


def _versions(packages: Mapping[str, _Packages], package: str) -> PackageDifference:
    versions = {name: dict(each.versions.get(package, {})) for name, each in packages.items()}
    return PackageDifference(package=package, versions=versions)


def _differs(each: PackageDifference) -> bool:
    one, other = each.versions.values()
    return one.keys() != other.keys()


def _subject(workloads: str) -> Subject:
    return Subject(environment=Environment(), name=workloads)
