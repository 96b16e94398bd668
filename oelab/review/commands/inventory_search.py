"""Searches the inventory of a fleet, one page in memory at a time."""

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from oelab.review import package_versions as versions
from oelab.review.commands.node_choice import chosen
from oelab.review.commands.session import BadInputError, Session
from oelab.review.concurrency import side_by_side
from oelab.review.models import InventoryRecord, Unread
from oelab.review.read.errors import ReadError, attempt
from oelab.review.read.inventory import read_entries, read_types, search_records
from oelab.review.read.node_index import Population
from oelab.systems_manager.inventory_types import APPLICATION


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What is asked for, as it was given; None for what was not."""

    node: str | None
    type_name: str
    package: str | None
    version: str | None
    as_csv: bool

    def conditions(self) -> tuple[versions.Condition, ...]:
        """The comparisons of `version`. Raises `BadInputError`."""
        if self.version is None:
            return ()
        try:
            return versions.parse(self.version)
        except ValueError as error:
            raise BadInputError(f"--version {error}") from error

    def check(self, session: Session) -> None:
        """Raises `BadInputError` for a search that makes no sense."""
        given = {"NODE": self.node, "--type": self.type_name, "--package": self.package}
        for name, value in given.items():
            # What a script passes of a variable that it forgot to set would search for more.
            if value is not None and not value.strip():
                raise BadInputError(f"{name} must not be empty; give a value, or leave it out")
        if self.as_csv and session.out.as_json:
            raise BadInputError("--csv and --json exclude each other; give one of them")
        if self.version is not None and self.package is None:
            raise BadInputError("--version needs --package: name the package to compare")
        if self.package and self.type_name != APPLICATION:
            raise BadInputError(f"--package searches {APPLICATION}; leave --type out")
        if not (self.node or self.package or self.type_name != APPLICATION):
            raise BadInputError(
                "name a node, or search with --package, or list a --type other than "
                f"{APPLICATION}; for example: oelab inventory --package openssl"
            )
        self.conditions()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line: a record, and the node that it is of."""

    place: str
    name: str
    record: InventoryRecord


@dataclass
class Reading:
    """The entries as they come, as AWS tells them, and what could not be read."""

    search: Search
    populations: Sequence[Population]
    unread: list[Unread] = field(default_factory=list)
    incomparable: int = 0

    def entries(self) -> Iterator[Entry]:
        conditions = self.search.conditions()
        for population, records in self._sources():
            try:
                for record in records:
                    if self._wanted(population, record, conditions):
                        yield Entry(
                            place=str(population.clients.place),
                            name=population.name(record.node_id),
                            record=record,
                        )
            except ReadError as error:
                self.unread.append(error.unread)

    def _sources(self) -> Iterator[tuple[Population, Iterator[InventoryRecord]]]:
        search = self.search
        if search.node:
            for population, node_id in chosen(self.populations, search.node):
                yield population, read_entries(population.clients, node_id, search.type_name)
            return
        for population in self.populations:
            if search.package and "*" not in search.package:
                records = search_records(
                    population.clients, search.type_name, attribute="Name", value=search.package
                )
            else:
                records = search_records(population.clients, search.type_name)
            yield population, records

    def _wanted(
        self,
        population: Population,
        record: InventoryRecord,
        conditions: Sequence[versions.Condition],
    ) -> bool:
        if not (population.unread or population.is_there(record.node_id)):
            return False
        name = record.attributes.get("Name", "")
        if self.search.package and not fnmatch.fnmatchcase(name, self.search.package):
            return False
        node = population.nodes.get(record.node_id)
        scheme = versions.scheme_of(
            node.platform_type if node else "Linux", node.platform_name if node else ""
        )
        held = [each.holds(installed(record), scheme) for each in conditions]
        self.incomparable += None in held
        # What cannot be compared is shown rather than passed over in silence.
        return all(each is not False for each in held)


def attributes_of(session: Session, type_name: str) -> tuple[list[str], list[Unread]]:
    """The attributes of a type, and why some places do not tell theirs.

    Raises `BadInputError` for a type that none of the places knows.
    """
    known: dict[str, dict[str, None]] = {}
    unread: list[Unread] = []
    for read in side_by_side([partial(attempt, partial(read_types, c)) for c in session.places]):
        if isinstance(read, Unread):
            unread.append(read)
            continue
        for name, attributes in read.items():
            known.setdefault(name, {}).update(dict.fromkeys(attributes))
    if type_name not in known and not unread:
        raise BadInputError(
            f"there is no inventory type {type_name!r}; known are: {', '.join(sorted(known))}"
        )
    return list(known.get(type_name, {})), unread


def installed(record: InventoryRecord) -> versions.Installed:
    """The version of an AWS:Application entry."""
    return versions.Installed(
        version=record.attributes.get("Version", ""),
        release=record.attributes.get("Release", ""),
        epoch=record.attributes.get("Epoch", ""),
    )
