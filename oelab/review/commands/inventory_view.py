"""What `oelab inventory` shows."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from oelab.review.commands.inventory_search import (
    Entry,
    Reading,
    Search,
    attributes_of,
    installed,
)
from oelab.review.commands.session import Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.output import Output, harmless, unread_documents
from oelab.review.read.node_index import read_populations
from oelab.systems_manager.inventory_types import APPLICATION

SCHEMA = "oelab.inventory/1"


def show(session: Session, search: Search, *, fail_if_found: bool) -> ExitCode:
    """The entries that match, as a table, JSON or CSV."""
    search.check(session)
    ask = search.as_csv or search.type_name != APPLICATION
    names, unread = attributes_of(session, search.type_name) if ask else ([], [])
    populations = read_populations(session.places)
    reading = Reading(search, populations)
    reading.unread += [each for population in populations for each in population.unread]
    # Only the columns of CSV hang on the types: a search without them is whole.
    reading.unread += unread if search.as_csv else []
    count = _print(session.out, search, reading, names)
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


def _print(out: Output, search: Search, reading: Reading, names: list[str]) -> int:
    """The number of entries, once they are told."""
    if search.as_csv:
        return _print_csv(out, reading.entries(), names)
    entries = sorted(reading.entries(), key=_order)
    if out.as_json:
        documents = [_document(entry) for entry in entries]
        unread = unread_documents(reading.unread)
        out.json(SCHEMA, {"unread": unread, "type": search.type_name, "entries": documents})
    elif entries:
        _print_table(out, search, entries)
    return len(entries)


def _order(entry: Entry) -> tuple[object, ...]:
    """By node, and then by all that tells two entries of a node apart: AWS promises no order."""
    attributes = entry.record.attributes
    first = (attributes.get("Name", ""), attributes.get("Version", ""))
    return (entry.name, entry.record.node_id, entry.place, *first, sorted(attributes.items()))


def _print_table(out: Output, search: Search, entries: Sequence[Entry]) -> None:
    if search.type_name == APPLICATION:
        columns = ("Node", "Instance", "Package", "Version", "Architecture", "Installed")
        out.table(
            columns,
            map(_package_row, entries),
            needed=("Node", "Package", "Version"),
            prose=("Package",),
            all_in="--csv",
        )
        return
    names = _names(entries)
    rows = [
        [entry.name, *(entry.record.attributes.get(name) or "-" for name in names)]
        for entry in entries
    ]
    # What an entry is about: the name, or else what its type has first.
    telling = "Name" if "Name" in names else names[0]
    out.table(["Node", *names], rows, needed=("Node", telling), prose=names, all_in="--csv")


def _names(entries: Iterable[Entry]) -> list[str]:
    """The attributes that any entry has: a type has some that not every entry has."""
    return list(dict.fromkeys(name for entry in entries for name in entry.record.attributes))


def _package_row(entry: Entry) -> list[str]:
    attributes = entry.record.attributes
    return [
        entry.name,
        entry.record.node_id,
        attributes.get("Name") or "-",
        str(installed(entry.record)) or "-",
        attributes.get("Architecture") or "-",
        attributes.get("InstalledTime") or "-",
    ]


def _print_csv(out: Output, entries: Iterator[Entry], names: list[str]) -> int:
    """CSV as RFC 4180 has it, an entry at a time; the first one adds what the schema lacks."""
    first = next(entries, None)
    if first is None:
        return 0
    known = dict.fromkeys([*names, *first.record.attributes])
    if "Version" in known:
        # Not every package has them, and each counts in a comparison.
        known |= dict.fromkeys(["Release", "Epoch"])
    columns = ["place", "node", "id", "captured", *known]
    writer = csv.DictWriter(out.data.file, columns, extrasaction="ignore")
    # Programs get the data as it is; a terminal would obey it.
    told = harmless if out.on_terminal else str
    writer.writerow({name: told(name) for name in columns})
    count, left_out = 0, set[str]()
    for entry in itertools.chain([first], entries):
        writer.writerow({name: told(value) for name, value in _row(entry).items()})
        left_out |= entry.record.attributes.keys() - known.keys()
        count += 1
    if left_out:
        out.fail(f"no column has {', '.join(sorted(left_out))}; --json has all")
    return count


def _row(entry: Entry) -> Mapping[str, str]:
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
