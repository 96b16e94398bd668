"""Reads associations with their latest runs, for people to look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from oelab.review.concurrency import Started, side_by_side
from oelab.review.expected_fleet import GONE
from oelab.review.models import (
    Association,
    AssociationDetails,
    Execution,
    Outcome,
    Place,
    Unread,
)
from oelab.review.read.access import Clients
from oelab.review.read.associations import (
    RUNS_LOOKED_AT,
    read_associations,
    read_details,
    read_executions,
    read_targets,
)
from oelab.review.read.ec2 import read_instances
from oelab.review.read.errors import attempt
from oelab.review.read.fleet import now_of, runs_since
from oelab.review.read.nodes import read_nodes
from oelab.systems_manager.schedule import next_run, parse
from oelab.systems_manager.targets import AllNodes, NodeIdentity, Nodes, Tags, matches


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run and its outcome by node."""

    execution: Execution
    outcomes: tuple[Outcome, ...] | Unread


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociationReport:
    """One association; `reaches` are the managed nodes that its targets match by id or tag.

    `runs` are its latest ones, the newest first: as many as were asked for, and those before that
    it takes to know an outcome of every node reached.
    """

    place: Place
    association: Association
    details: AssociationDetails | Unread
    runs: tuple[Run, ...] | Unread
    reaches: tuple[str, ...] | Unread
    gone: frozenset[str]
    read_at: datetime

    def latest(self) -> Mapping[str, Outcome]:
        """The latest outcome on each node that is not terminated, as far as runs could be read.

        The newest run alone would not do: it may be of one node that has just come online.
        """
        found: dict[str, Outcome] = {}
        for run in () if isinstance(self.runs, Unread) else self.runs:
            for outcome in () if isinstance(run.outcomes, Unread) else run.outcomes:
                if outcome.node_id not in self.gone:
                    found.setdefault(outcome.node_id, outcome)
        return found

    def next_run(self) -> datetime | None:
        """The next run, computed as no API tells it; None where it is not known."""
        return next_run(
            parse(self.association.schedule),
            last_run=self.association.last_run,
            now=self.read_at,
            offset_days=self.association.offset_days,
        )

    @property
    def has_targets(self) -> bool | None:
        """Whether there is a node for it; None where that cannot be told."""
        if isinstance(self.runs, Unread) or isinstance(self.reaches, Unread):
            return None
        if self.reaches or self.latest():
            return True
        is_for_nodes = isinstance(self.association.targets, AllNodes | Nodes | Tags)
        return None if self.runs and not is_for_nodes else False


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceReport:
    """The associations of one place, and the names of its instances."""

    reports: tuple[AssociationReport, ...]
    names: Mapping[str, str]
    unread: tuple[Unread, ...]


def read_reports(places: Sequence[Clients], document: str, runs: int) -> list[PlaceReport]:
    """The associations of every place, each with so many of its latest runs."""
    return side_by_side([partial(_read, clients, document, runs) for clients in places])


def _read(clients: Clients, document: str, runs: int) -> PlaceReport:
    started_instances = Started(partial(attempt, partial(read_instances, clients)))
    started_nodes = Started(partial(attempt, partial(read_nodes, clients)))
    associations = attempt(partial(read_associations, clients, document))
    instances, nodes = started_instances.result(), started_nodes.result()
    unread = [part for part in (associations, instances, nodes) if isinstance(part, Unread)]
    known = () if isinstance(instances, Unread) else instances
    identities = {each.instance_id: each.identity for each in known}
    gone = frozenset(each.instance_id for each in known if each.state in GONE)
    now = now_of(nodes)
    unknown = next(iter(unread), None)
    reports = []
    for each in () if isinstance(associations, Unread) else associations:
        reached = _reached(each, nodes, identities)
        report = AssociationReport(
            place=clients.place,
            association=each,
            details=attempt(partial(read_details, clients, each.association_id)),
            runs=attempt(partial(_runs, clients, each, runs, reached, now)),
            reaches=unknown or reached,
            gone=gone,
            read_at=now,
        )
        reports.append(report)
        unread += [p for p in (report.details, report.runs) if isinstance(p, Unread)]
        if not isinstance(report.runs, Unread):
            unread += [run.outcomes for run in report.runs if isinstance(run.outcomes, Unread)]
    names = {each.instance_id: each.name for each in known}
    return PlaceReport(reports=tuple(reports), names=names, unread=tuple(unread))


def _reached(
    association: Association,
    nodes: Mapping[str, object] | Unread,
    identities: Mapping[str, NodeIdentity],
) -> tuple[str, ...]:
    if isinstance(nodes, Unread):
        return ()
    return tuple(
        each
        for each in nodes
        if matches(association.targets, identities.get(each, NodeIdentity(each)))
    )


def _runs(
    clients: Clients, association: Association, count: int, wanted: Iterable[str], now: datetime
) -> tuple[Run, ...]:
    recent = read_executions(clients, association.association_id, runs_since(association, now))
    executions = (
        recent if len(recent) >= count else read_executions(clients, association.association_id)
    )
    missing = set(wanted)
    found: list[Run] = []
    for each in executions[: max(count, RUNS_LOOKED_AT)]:
        if len(found) >= count and not missing:
            break
        outcomes = attempt(
            partial(_outcomes, clients, association.association_id, each.execution_id)
        )
        found.append(Run(execution=each, outcomes=outcomes))
        if isinstance(outcomes, Unread):
            break
        missing.difference_update(outcome.node_id for outcome in outcomes)
    return tuple(found)


def _outcomes(clients: Clients, association_id: str, execution_id: str) -> tuple[Outcome, ...]:
    return tuple(read_targets(clients, association_id, execution_id))
