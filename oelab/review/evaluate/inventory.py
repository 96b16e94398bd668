"""Searches the inventory of a fleet."""

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from oelab.environment import Environment
from oelab.findings import BadInputError, Finding
from oelab.review.evaluate.package_versions import (
    VersionCondition,
    parse_conditions,
    scheme_of,
)
from oelab.review.evaluate.rules import finding
from oelab.review.evaluate.seen_node import count
from oelab.review.models import InventoryEntry, ReviewReport, Subject, Unread
from oelab.review.snapshots import NodeIndex
from oelab.systems_manager.inventory_types import APPLICATION


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
        if self.node is None and self.package is None and self.type_name == APPLICATION:
            choice = f"a node, a --package, or a --type other than {APPLICATION}"
            yield f"a search must name {choice}; for example: oelab inventory --package openssl"


@dataclass(frozen=True, kw_only=True)
class InventoryReport(ReviewReport):
    """What `oelab inventory` has found."""

    empty = "nothing matches"
    table = "entries"
    schema: str = "oelab.inventory/1"
    type_name: str
    """The inventory type that was searched."""
    entries: tuple[InventoryEntry, ...]
    """The entries that match, by the name of the node, then by the attributes Name and Version."""


@dataclass
class Matches:
    """The entries that match a search, as they are read; `unread` grows with them.

    `columns` are the attributes of the type, as far as they were asked for.
    """

    search: InventorySearch
    columns: Sequence[str]
    entries: Iterable[tuple[NodeIndex, InventoryEntry]]
    unread: list[Unread]
    count: int = 0
    incomparable: int = 0

    def __iter__(self) -> Iterator[InventoryEntry]:
        conditions = self.search.conditions
        for index, entry in self.entries:
            package = self.search.package
            if package and not fnmatch.fnmatchcase(entry.package, package):
                continue
            held = [_holds(each, entry, index) for each in conditions]
            # What cannot be compared is shown rather than left out in silence.
            if all(each is not False for each in held):
                self.incomparable += None in held
                self.count += 1
                yield entry

    def report(self, entries: Iterable[InventoryEntry] = ()) -> InventoryReport:
        """The report, once all has been read; without the entries where these were printed."""
        ordered = tuple(sorted(entries, key=_order))
        return InventoryReport(
            unread=tuple(dict.fromkeys(self.unread)),
            findings=tuple(self._findings()),
            type_name=self.search.type_name,
            entries=ordered,
        )

    def _findings(self) -> Iterator[Finding]:
        search = self.search
        subject = Subject(
            environment=Environment(), name=search.package or search.node or search.type_name
        )
        if search.node and not (self.count or search.package):
            yield finding("inventory-missing", subject, of=f" of {search.type_name}")
        if search.fail_if_found and self.count:
            yield finding("package-found", subject, times=count(self.count, "time"))
        if self.incomparable:
            yield finding("version-unknown", subject, versions=count(self.incomparable, "version"))


def _holds(condition: VersionCondition, entry: InventoryEntry, index: NodeIndex) -> bool | None:
    node = index.nodes.get(entry.node_id)
    scheme = scheme_of(node.platform_type if node else "Linux", node.platform_name if node else "")
    return condition.holds(entry.version, scheme)


def _order(entry: InventoryEntry) -> tuple[object, ...]:
    """By node, and then by all that tells two entries of a node apart: AWS promises no order."""
    version = entry.attributes.get("Version", "")
    node = (entry.name, entry.node_id, entry.environment)
    return (*node, entry.package, version, sorted(entry.attributes.items()))
