"""What `oelab compliance` shows."""

from collections.abc import Mapping, Sequence
from functools import partial

from oelab.review.commands.node_choice import chosen
from oelab.review.commands.session import Session
from oelab.review.concurrency import Started, side_by_side
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.models import ComplianceCount, ComplianceItem, ComplianceSummary, Unread
from oelab.review.output import coloured, unread_documents
from oelab.review.read.access import Clients
from oelab.review.read.compliance import read_compliance, read_counts, read_items
from oelab.review.read.errors import attempt
from oelab.review.read.node_index import Population, read_populations
from oelab.review.verdicts.verdict import OK

SCHEMA = "oelab.compliance/1"

Counts = tuple[ComplianceCount, ...] | Unread
Summaries = Mapping[str, tuple[ComplianceSummary, ...]] | Unread


def show_summary(session: Session) -> ExitCode:
    """How many nodes comply by type, and which do not."""
    started = Started(partial(read_populations, session.places))
    read = side_by_side([partial(_read, clients) for clients in session.places])
    populations = started.result()
    unread = [each for population in populations for each in population.unread]
    unread += [part for parts in read for part in parts if isinstance(part, Unread)]
    counts = [
        (str(clients.place), count)
        for clients, (by_type, _) in zip(session.places, read, strict=True)
        if not isinstance(by_type, Unread)
        for count in by_type
    ]
    bad = [
        (population, summary)
        for population, (_, summaries) in zip(populations, read, strict=True)
        if not isinstance(summaries, Unread)
        for summary in _non_compliant(population, summaries)
    ]
    if session.out.as_json:
        session.out.json(
            SCHEMA,
            {
                "unread": unread_documents(unread),
                "types": [_count_document(place, count) for place, count in counts],
                "non_compliant": [_summary_document(*each) for each in bad],
            },
        )
    else:
        _print_summary(session, counts, bad)
    session.out.warn_unread(unread)
    return exit_code(findings=bool(bad), unread=bool(unread))


def show_node(session: Session, wanted: str) -> ExitCode:
    """Every item of the nodes of that id or name."""
    populations = read_populations(session.places)
    unread = [each for population in populations for each in population.unread]
    shown: list[tuple[Population, str, ComplianceItem]] = []
    for population, node_id in chosen(populations, wanted):
        items = attempt(partial(read_items, population.clients, node_id))
        if isinstance(items, Unread):
            unread.append(items)
        else:
            shown += [(population, node_id, item) for item in items]
    # What is not well comes first; sorting keeps AWS's order otherwise.
    shown.sort(key=lambda each: each[2].compliant)
    if session.out.as_json:
        documents = [_item_document(*each) for each in shown]
        session.out.json(SCHEMA, {"unread": unread_documents(unread), "items": documents})
    elif shown:
        session.out.table(
            ["Node", "Type", "Status", "Severity", "Item"],
            [
                (
                    population.name(node_id),
                    item.compliance_type,
                    coloured(_verdict(item)),
                    item.severity,
                    item.title or item.item_id,
                )
                for population, node_id, item in shown
            ],
            prose=("Item",),
        )
    elif not unread:
        session.out.say(f"{wanted} has no compliance data")
    session.out.warn_unread(unread)
    bad = any(not item.compliant for _, _, item in shown)
    return exit_code(findings=bad, unread=bool(unread))


def _read(clients: Clients) -> tuple[Counts, Summaries]:
    started = Started(partial(attempt, partial(read_counts, clients)))
    summaries = attempt(partial(read_compliance, clients))
    return started.result(), summaries


def _non_compliant(
    population: Population,
    summaries: Mapping[str, tuple[ComplianceSummary, ...]],
) -> list[ComplianceSummary]:
    # A terminated node's data may linger; where nobody could be read, all data counts.
    return [
        summary
        for node_id, of_node in summaries.items()
        for summary in of_node
        if not summary.compliant and (population.unread or population.is_there(node_id))
    ]


def _print_summary(
    session: Session,
    counts: Sequence[tuple[str, ComplianceCount]],
    bad: Sequence[tuple[Population, ComplianceSummary]],
) -> None:
    session.out.table(
        ["Place", "Type", "Compliant", "Non-compliant", "By worst severity"],
        [
            (
                place,
                count.compliance_type,
                str(count.compliant),
                str(count.non_compliant),
                ", ".join(f"{number} {name}" for name, number in count.by_severity.items()) or "-",
            )
            for place, count in counts
        ],
        prose=("By worst severity",),
    )
    if not bad:
        return
    session.out.print()
    session.out.table(
        ["Node", "Instance", "Type", "Items", "Severity"],
        [
            (
                population.name(summary.node_id),
                summary.node_id,
                summary.compliance_type,
                str(summary.non_compliant),
                summary.severity or "-",
            )
            for population, summary in bad
        ],
    )


def _verdict(item: ComplianceItem) -> str:
    return OK if item.compliant else item.status.lower().replace("_", "-")


def _count_document(place: str, count: ComplianceCount) -> dict[str, object]:
    return {
        "place": place,
        "type": count.compliance_type,
        "compliant": count.compliant,
        "non_compliant": count.non_compliant,
        "by_severity": dict(count.by_severity),
    }


def _summary_document(population: Population, summary: ComplianceSummary) -> dict[str, object]:
    return {
        "place": str(population.clients.place),
        "id": summary.node_id,
        "name": population.name(summary.node_id),
        "type": summary.compliance_type,
        "severity": summary.severity,
        "items": summary.non_compliant,
    }


def _item_document(population: Population, node_id: str, item: ComplianceItem) -> dict[str, object]:
    return {
        "place": str(population.clients.place),
        "id": node_id,
        "name": population.name(node_id),
        "type": item.compliance_type,
        "item": item.item_id,
        "title": item.title,
        "severity": item.severity,
        "status": item.status,
        "details": dict(item.details),
    }
