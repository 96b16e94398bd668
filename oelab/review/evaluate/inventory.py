"""The report of `oelab inventory`: what matches a search, and which nodes lack inventory."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Annotated

from oelab.environment import Environment
from oelab.findings import BadInputError, Finding, Severity
from oelab.report import Column
from oelab.review.evaluate.package_versions import VersionCondition, parse_conditions, scheme_of
from oelab.review.evaluate.rules import finding
from oelab.review.evaluate.scope import nodes_in_scope, unknown_groups
from oelab.review.evaluate.seen_node import count
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import ReviewReport, Subject, Unread
from oelab.review.records import InventoryEntry
from oelab.review.snapshots import FleetSnapshot
from oelab.systems_manager.inventory_types import APPLICATION, type_of
from oelab.systems_manager.tristate import all_of


@dataclass(frozen=True, kw_only=True)
class InventorySearch:
    """What is asked for, as it was given; None for what was not.

    Raises `BadInputError` with all that is wrong with it.
    """

    node: str | None = None
    type_name: str = APPLICATION
    package: str | None = None
    version: str | None = None
    fail_if_found: bool = False

    def __post_init__(self) -> None:
        if faults := "\n".join(self._faults()):
            raise BadInputError(faults)

    @property
    def conditions(self) -> tuple[VersionCondition, ...]:
        """The comparisons of `version`."""
        return () if self.version is None else parse_conditions(self.version)

    @property
    def is_summary(self) -> bool:
        """Whether nothing is searched for, so that the packages of the fleet are counted."""
        return self.node is None and self.package is None and self.type_name == APPLICATION

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the name of the package matches: `*` is any letters, and case is not regarded."""
        parts = map(re.escape, (self.package or "*").split("*"))
        return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)

    def _faults(self) -> Iterator[str]:
        try:
            self.conditions  # noqa: B018 - to learn whether they can be parsed
        except BadInputError as error:
            yield str(error)
        given = {"NODE": self.node, "--type": self.type_name, "--package": self.package}
        for name, value in given.items():
            # What a script passes of a variable that it forgot to set would search for more.
            if value is not None and not value.strip():
                yield f"{name} must not be empty; give a value, or leave it out"
        if self.version is not None and self.package is None:
            yield "--version must come with --package; name the package to compare"
        if self.package and self.type_name != APPLICATION:
            yield f"--package must come without --type, as it searches {APPLICATION}; leave it out"
        if self.fail_if_found and self.is_summary:
            yield "--fail-if-found must come with a search; name a --package or a --type"


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageCount:
    """A version of a package, and on how many nodes it is."""

    package: Annotated[str, Column("Package", needed=True)]
    """The name of the package."""
    version: Annotated[str, Column("Version", needed=True)]
    """The version, with its epoch and release where it has them."""
    nodes: Annotated[int, Column("Nodes", needed=True)]
    """The number of nodes that have it."""


@dataclass(frozen=True, kw_only=True)
class InventoryReport(ReviewReport):
    """What `oelab inventory` has found."""

    table = ("packages", "entries")
    empty = "nothing matches"
    schema: str = "oelab.inventory/1"
    type_name: str
    """The inventory type that was searched."""
    entries: tuple[InventoryEntry, ...] = ()
    """The entries that match, by the name of the node, then by the attributes Name and Version."""
    packages: tuple[PackageCount, ...] = ()
    """The packages of the fleet by name and version, where nothing was searched for."""


@dataclass
class Matches:
    """The entries that match a search, as they are read; `unread` grows with them.

    `scope` are the nodes that are to have an entry of the type: the one that is asked for, or those
    of which it is collected. `columns` are the attributes of the type, as far as they were asked
    for.
    """

    search: InventorySearch
    expected: ExpectedFleet
    snapshots: Sequence[FleetSnapshot]
    scope: Sequence[tuple[FleetSnapshot, str]]
    columns: Sequence[str]
    entries: Iterable[tuple[FleetSnapshot, InventoryEntry]]
    unread: list[Unread]
    count: int = 0
    incomparable: int = 0
    seen: set[tuple[Environment, str]] = field(default_factory=set)
    """The nodes with entries of the type, whether these match or not."""

    def __iter__(self) -> Iterator[InventoryEntry]:
        return (entry for _, entry in self._matching())

    def by_node(self) -> Iterator[tuple[FleetSnapshot, str, set[tuple[str, str]]]]:
        """Each node with the names and versions of its packages; AWS lists node by node."""
        for _, of_node in groupby(self._matching(), lambda pair: _key(pair[1])):
            pairs = [*of_node]
            snapshot, first = pairs[0]
            # One package can be there for several architectures.
            yield snapshot, first.node_id, {(each.package, each.version) for _, each in pairs}

    def _matching(self) -> Iterator[tuple[FleetSnapshot, InventoryEntry]]:
        search, conditions = self.search, self.search.conditions
        for snapshot, entry in self.entries:
            self.seen.add(_key(entry))
            if search.package and not search.pattern.fullmatch(entry.package):
                continue
            held = all_of(_holds(each, entry, snapshot) for each in conditions)
            # What cannot be compared is shown rather than left out in silence.
            if held is not False:
                self.incomparable += held is None
                self.count += 1
                yield snapshot, entry

    def report(self, entries: Iterable[InventoryEntry] = ()) -> InventoryReport:
        """The report, once all has been read; without the entries where these were printed."""
        # What is found shows only once all entries have been read.
        listed = tuple(sorted(entries, key=_order))
        return InventoryReport(
            findings=tuple(self._findings()),
            environments=tuple(each.environment for each in self.snapshots),
            unread=tuple(dict.fromkeys(self.unread)),
            type_name=self.search.type_name,
            entries=listed,
        )

    def summary(self) -> InventoryReport:
        """How many nodes have which version of each package."""
        counts = Counter(each for _, _, packages in self.by_node() for each in packages)
        packages = (
            PackageCount(package=name, version=version, nodes=nodes)
            for (name, version), nodes in sorted(counts.items())
        )
        return replace(self.report(), packages=tuple(packages))

    def missing(self) -> Iterator[tuple[FleetSnapshot, str]]:
        """The nodes in scope without an entry of the type, once all has been read.

        Of an environment that could not be read in full nothing is said.
        """
        unread = {each.environment for each in self.unread}
        for snapshot, node_id in self.scope:
            environment = snapshot.environment
            if environment not in unread and (environment, node_id) not in self.seen:
                yield snapshot, node_id

    def _findings(self) -> Iterator[Finding]:
        search = self.search
        yield from self._without_evidence()
        subject = Subject(name=search.package or search.node or search.type_name)
        if search.fail_if_found and self.count:
            yield finding("package-found", subject, times=count(self.count, "time"))
        if self.incomparable:
            yield finding("version-unknown", subject, versions=count(self.incomparable, "version"))

    def _without_evidence(self) -> Iterator[Finding]:
        """The nodes of which nothing is known; a note where a healthy node may have no entry."""
        yield from unknown_groups(self.snapshots, self.expected)
        name, kind = self.search.type_name, type_of(self.search.type_name)
        is_needed = self.search.fail_if_found or self.search.node is not None
        may_be_empty = not (is_needed or (kind and kind.is_never_empty))
        severity = Severity.NOTE if may_be_empty else None
        for snapshot, node_id in self.missing():
            subject = snapshot.subject_of(node_id)
            # Only a node that was asked for may be one of which the type is not collected.
            is_collected = not self.search.node or node_id in nodes_in_scope(
                snapshot, self.expected, name
            )
            case = "" if is_collected else "not-collected"
            yield finding("inventory-missing", subject, severity, case=case, of=f" of {name}")
        if self.scope or self.seen or self.unread:
            return
        has_nodes = any(each.nodes or each.instances for each in self.snapshots)
        is_for_some = may_be_empty or (kind and kind.is_windows_only and not is_needed)
        severity = Severity.NOTE if has_nodes and is_for_some else None
        for each in self.snapshots:
            subject = each.subject(each.environment.region)
            yield finding("inventory-without-nodes", subject, severity, type_name=name)


def _key(entry: InventoryEntry) -> tuple[Environment, str]:
    return entry.environment, entry.node_id


def _holds(condition: VersionCondition, entry: InventoryEntry, fleet: FleetSnapshot) -> bool | None:
    node = fleet.nodes.get(entry.node_id)
    scheme = scheme_of(node.platform_type if node else "Linux", node.platform_name if node else "")
    return condition.holds(entry.version, scheme)


def _order(entry: InventoryEntry) -> tuple[object, ...]:
    """By node, and then by all that tells two entries of a node apart: AWS promises no order."""
    version = entry.attributes.get("Version", "")
    node = (entry.name, entry.node_id, entry.environment)
    return (*node, entry.package, version, sorted(entry.attributes.items()))
