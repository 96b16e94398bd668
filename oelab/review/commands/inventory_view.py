"""What `oelab inventory` shows."""

import csv
import itertools
from collections.abc import Iterator, Mapping

from oelab.review.commands.inventory_search import (
    APPLICATION,
    Entry,
    Reading,
    Search,
    check_type,
    installed,
)
from oelab.review.commands.session import Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.output import Output, unread_documents
from oelab.review.reader.names import read_populations

SCHEMA = "oelab.inventory/1"
_MOST_COLUMNS = 5


def show(session: Session, search: Search, *, fail_if_found: bool) -> ExitCode:
    """The entries that match, as a table, JSON or CSV."""
    search.check(session)
    search.conditions()
    if search.type_name != APPLICATION:
        check_type(session, search.type_name)
    populations = read_populations(session.places)
    reading = Reading(search, populations)
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
    shown = names if out.wide else names[:_MOST_COLUMNS]
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
