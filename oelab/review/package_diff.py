"""Which packages differ between two groups of nodes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Packages:
    """The packages of a group of nodes: by name, on how many nodes each version is."""

    nodes: set[str] = field(default_factory=set)
    versions: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, node_id: str, package: str, version: str) -> None:
        """Count one package of one node."""
        self.nodes.add(node_id)
        self.versions.setdefault(package, Counter())[version] += 1

    def of(self, package: str) -> Mapping[str, int]:
        """The versions of a package, each with its number of nodes."""
        return self.versions.get(package, {})


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A package whose versions differ; each side maps a version to its number of nodes."""

    package: str
    one: Mapping[str, int]
    other: Mapping[str, int]


def differences(one: Packages, other: Packages) -> list[Difference]:
    """The packages that do not have the same versions on both sides, by name."""
    both = [
        Difference(package=name, one=one.of(name), other=other.of(name))
        for name in sorted(one.versions.keys() | other.versions.keys())
    ]
    return [each for each in both if each.one.keys() != each.other.keys()]
