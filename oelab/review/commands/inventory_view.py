"""What `oelab inventory` shows."""

import csv
import fnmatch
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from oelab.review import versions
from oelab.review.commands.node_choice import chosen
from oelab.review.commands.session import BadInputError, Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.models import InventoryRecord, Unread
from oelab.review.output import Output, unread_documents
from oelab.review.reader.errors import ReadError, attempt
from oelab.review.reader.inventory import read_entries, read_types, search_records
from oelab.review.reader.names import Population, read_populations
from oelab.review.side_by_side import side_by_side

SCHEMA = "oelab.inventory/1"
APPLICATION = "AWS:Application"
_WIDEST = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What is asked for. Raises nothing by itself: `conditions` does."""

    node: str
    type_name: str
    package: str
    version: str
    as_csv: bool

    def conditions(self) -> tuple[versions.Condition, ...]:
        """The comparisons of `version`. Raises `BadInputError`."""
        try:
            return versions.parse(self.version) if self.version else ()
        except ValueError as error:
            raise BadInputError(f"--version {error}") from error

    def check(self, session: Session) -> None:
        """Raises `BadInputError` for a search that makes no sense."""
        if self.as_csv and session.out.as_json:
            raise BadInputError("--csv and --json exclude each other; give one of them")
        if self.version and not self.package:
            raise BadInputError("--version needs --package: name the package to compare")
        if self.package and self.type_name != APPLICATION:
            raise BadInputError(f"--package searches {APPLICATION}; leave --type out")
        if not (self.node or self.package or self.type_name != APPLICATION):
            raise BadInputError(
                "name a node, or search with --package, or list a --type other than "
                f"{APPLICATION}; for example: oelab inventory --package openssl"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line: a record, and the node that it is of."""

    place: str
    name: str
    record: InventoryRecord


@dataclass
class _Reading:
    """The entries as they come, one page in memory at a time, and what could not be read."""

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
        exact = search.package and "*" not in search.package
        for population in self.populations:
            if exact:
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


def show(session: Session, search: Search, *, fail_if_found: bool) -> ExitCode:
    """The entries that match, as a table, JSON or CSV."""
    search.check(session)
    search.conditions()
    if search.type_name != APPLICATION:
        _check_type(session, search.type_name)
    populations = read_populations(session.places)
    reading = _Reading(search, populations)
    reading.unread += [each for population in populations for each in population.unread]
    entries = reading.entries()
    if session.out.as_json:
        found = [_document(entry) for entry in entries]
        unread = unread_documents(reading.unread)
        session.out.json(SCHEMA, {"unread": unread, "type": search.type_name, "entries": found})
        count = len(found)
    elif search.as_csv:
        count = _print_csv(session.out, entries)
    else:
        count = _print_table(session.out, search, entries)
    session.out.warn_unread(reading.unread)
    if reading.incomparable:
        session.out.fail(
            f"{reading.incomparable} versions do not fit their node's scheme; they are listed too"
        )
    if not count and not reading.unread:
        session.out.say(f"nothing of {search.type_name} matches")
    missing = bool(search.node) and not count and not search.package
    return exit_code(
        findings=missing or (fail_if_found and bool(count)), unread=bool(reading.unread)
    )


def _check_type(session: Session, type_name: str) -> None:
    """Raises `BadInputError` for a type that none of the places knows."""
    known: set[str] = set()
    for read in side_by_side([partial(attempt, partial(read_types, c)) for c in session.places]):
        if isinstance(read, Unread):
            # What keeps the types from being read will show in the search itself.
            return
        known.update(read)
    if type_name not in known:
        raise BadInputError(
            f"there is no inventory type {type_name!r}; known are: {', '.join(sorted(known))}"
        )


def installed(record: InventoryRecord) -> versions.Installed:
    """The version of an AWS:Application entry."""
    return versions.Installed(
        version=record.attributes.get("Version", ""),
        release=record.attributes.get("Release", ""),
        epoch=record.attributes.get("Epoch", ""),
    )


def _print_table(out: Output, search: Search, entries: Iterator[Entry]) -> int:
    found = list(entries)
    if not found:
        return 0
    if search.type_name == APPLICATION:
        columns = ["Node", "Instance", "Package", "Version"]
        columns += ["Architecture", "Installed"] if out.wide else []
        out.table(columns, sorted(_package_row(entry, wide=out.wide) for entry in found))
        return len(found)
    # The first attributes of a type are the telling ones; JSON and CSV have them all.
    names = list(dict.fromkeys(name for entry in found for name in entry.record.attributes))
    shown = names if out.wide else names[: _WIDEST - 1]
    out.table(
        ["Node", *shown],
        [[entry.name, *(entry.record.attributes.get(n, "") for n in shown)] for entry in found],
    )
    return len(found)


def _package_row(entry: Entry, *, wide: bool) -> list[str]:
    attributes = entry.record.attributes
    row = [
        entry.name,
        entry.record.node_id,
        attributes.get("Name", ""),
        str(installed(entry.record)),
    ]
    if wide:
        row += [attributes.get("Architecture", ""), attributes.get("InstalledTime", "")]
    return row


def _print_csv(out: Output, entries: Iterator[Entry]) -> int:
    """CSV as RFC 4180 has it; the first entry of a type decides the columns."""
    first = next(entries, None)
    if first is None:
        return 0
    names = list(first.record.attributes)
    if "Version" in names:
        # Not every package has them, and each counts in a comparison.
        names += [each for each in ("Release", "Epoch") if each not in names]
    writer = csv.DictWriter(
        out.data.file, ["place", "node", "id", "captured", *names], extrasaction="ignore"
    )
    writer.writeheader()
    count = 0
    for entry in itertools.chain([first], entries):
        writer.writerow(_row(entry))
        count += 1
    return count


def _row(entry: Entry) -> Mapping[str, object]:
    captured = entry.record.captured
    return {
        **entry.record.attributes,
        "place": entry.place,
        "node": entry.name,
        "id": entry.record.node_id,
        "captured": captured.isoformat() if captured else "",
    }


def _document(entry: Entry) -> dict[str, object]:
    return {
        "place": entry.place,
        "name": entry.name,
        "id": entry.record.node_id,
        "captured": entry.record.captured,
        "attributes": dict(entry.record.attributes),
    }
