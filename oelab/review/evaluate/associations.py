"""The report of `oelab associations`: what each reaches, its runs, and how these went."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Annotated

from oelab.environment import Environment
from oelab.findings import Finding
from oelab.report import Column
from oelab.review.evaluate.rules import OK, UNREAD, finding
from oelab.review.evaluate.scope import unknown_groups
from oelab.review.evaluate.seen_node import count
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, ReviewReport, known, unread_of
from oelab.review.records import AssociationDetails, Ending, Execution, Outcome
from oelab.review.snapshots import AssociationHistory, FleetSnapshot, LogAccess, reading_of
from oelab.systems_manager.schedule import next_run, parse
from oelab.systems_manager.targets import OtherResources, describe, listed


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociationStatus(Association):
    """One association, and what has become of it."""

    environment: Environment
    verdict: Annotated[str, Column("Verdict", needed=True)]
    """`ok`, `unread`, or the rule of its finding."""
    next_run_computed: Annotated[datetime | None, Column("Next run (computed)")]
    """When it runs next, from its schedule: AWS does not report it."""
    log_location: Annotated[str, Column("Logs")]
    """Where it keeps the output of its runs, by node; "" for nowhere."""
    node_count: Annotated[int, Column("Nodes")]
    """The number of nodes that it reaches, or on which it has run."""


@dataclass(frozen=True, kw_only=True)
class AssociationsReport(ReviewReport):
    """What `oelab associations` has found."""

    empty = "there is no such association; deploy the inventory stack"
    table = ("associations",)
    schema: str = "oelab.associations/1"
    associations: tuple[AssociationStatus, ...]
    """Each association, in the order of AWS."""
    executions: tuple[Execution, ...]
    """The runs of each, the newest first; it may be of one node that has just come online."""
    outcomes: tuple[Outcome, ...]
    """The latest outcome of each on each node, what is not well first."""


def evaluate_associations(
    snapshots: Sequence[FleetSnapshot], expected: ExpectedFleet, *, runs: int
) -> AssociationsReport:
    """Each association, with so many of its runs."""
    every = (
        _SeenAssociation(snapshot=snapshot, history=history, expected=expected)
        for snapshot in snapshots
        for history in snapshot.histories
    )
    # One that reaches no node of a workload is no fault of it.
    seen = [each for each in every if each.nodes or expected.workload is None]
    return AssociationsReport(
        **reading_of(snapshots),
        findings=(
            *unknown_groups(snapshots, expected),
            *_missing(snapshots, expected),
            *(found for each in seen for found in each.findings()),
        ),
        associations=tuple(each.status() for each in seen),
        executions=tuple(run for each in seen for run in islice(each.executions(), runs)),
        outcomes=tuple(outcome for each in seen for outcome in each.latest),
    )


def _missing(snapshots: Sequence[FleetSnapshot], expected: ExpectedFleet) -> Iterator[Finding]:
    """The associations of the settings that are nowhere, or not where expected nodes are."""
    for each in expected.associations:
        lacking = [x for x in snapshots if not (x.unread or x.has_association(each.label))]
        is_nowhere = len(lacking) == len(snapshots)
        for snapshot in lacking:
            if is_nowhere or any(expected.nodes_of(snapshot)):
                yield finding("association-missing", snapshot.subject(each.label))


@dataclass(frozen=True, kw_only=True)
class _SeenAssociation:
    snapshot: FleetSnapshot
    history: AssociationHistory
    expected: ExpectedFleet

    @cached_property
    def latest(self) -> list[Outcome]:
        """The latest outcome on each node that is there, what is not well first."""
        name_of, may_have = self.snapshot.name_of, self.snapshot.may_have
        latest = self.history.latest.values()
        named = [replace(x, name=name_of(x.node_id)) for x in latest if may_have(x.node_id)]
        return sorted(named, key=lambda each: (each.ending is Ending.WELL, each.name))

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The ids of the nodes that it reaches, or on which it has run."""
        return frozenset({*self.history.reached, *(each.node_id for each in self.latest)})

    @cached_property
    def failed(self) -> list[Outcome]:
        """The outcomes that are failures; of ours those too that were skipped."""
        is_ours = self.expected.is_ours(self.history.association)
        failures = (Ending.BADLY, Ending.SKIPPED) if is_ours else (Ending.BADLY,)
        return [each for each in self.latest if each.ending in failures]

    @cached_property
    def pending(self) -> frozenset[str]:
        """The nodes on which it has not ended."""
        ended = (each.node_id for each in self.latest if each.ending is not Ending.UNDECIDED)
        return self.nodes.difference(ended)

    @property
    def details(self) -> AssociationDetails:
        """Its details, as far as they could be read."""
        return known(self.history.details, AssociationDetails())

    @cached_property
    def is_automation(self) -> bool:
        """Whether it runs on resources of any kind, which no list of nodes shows."""
        is_of_others = isinstance(self.history.association.targets, OtherResources)
        return is_of_others or bool(self.details.automation_target_parameter_name)

    @cached_property
    def verdict(self) -> str:
        """`ok`, `unread`, or a rule, by the latest outcome on each node."""
        history, snapshot = self.history, self.snapshot
        parts = (history.details, history.executions, history.outcomes, *snapshot.membership)
        is_unread = any(unread_of(parts))
        if self.is_automation:
            return UNREAD if is_unread else _verdict_of_run(next(self.executions(), None))
        are_known = snapshot.knows_members(history.association.targets)
        if not (is_unread or self.nodes) and (are_known or not history.executions):
            return "no-targets"
        if self.failed:
            return "association-failed"
        if is_unread:
            return UNREAD
        return "association-pending" if self.pending or not self.latest else OK

    def findings(self) -> Iterator[Finding]:
        """What the verdict says, and what keeps its logs from being written."""
        subject = self.snapshot.subject(self.history.association.label)
        if self.verdict not in (OK, UNREAD):
            results = ", ".join(dict.fromkeys(each.status for each in self.failed))
            failed = f"ended as {results} on {self._share({x.node_id for x in self.failed})}"
            pending = f"has not ended on {self._share(self.pending)}"
            if self.is_automation:
                run = next(self.executions(), None)
                failed, pending = f"ended as {run.status if run else ''}", "has not ended yet"
            targets = describe(self.history.association.targets) or "none"
            yield finding(self.verdict, subject, failed=failed, pending=pending, targets=targets)
        access = known(self.history.log_access, LogAccess())
        if access.denied_roles or not access.bucket_exists:
            location, roles = self.details.log_location, " and ".join(access.denied_roles)
            case = "denied" if access.bucket_exists else "no-bucket"
            yield finding("logs-not-writable", subject, case=case, location=location, roles=roles)

    def _share(self, ids: Collection[str]) -> str:
        """How many of the nodes these are, and the names of the first ones."""
        names = listed(sorted(map(self.snapshot.name_of, ids)))
        return f"{len(ids)} of {count(len(self.nodes), 'node')} ({names})"

    def executions(self) -> Iterator[Execution]:
        """The runs, with the number of nodes by outcome."""
        for each in known(self.history.executions, ()):
            outcomes = known(self.history.outcomes, {}).get(each.execution_id, ())
            there = (x.status for x in outcomes if self.snapshot.may_have(x.node_id))
            yield replace(each, nodes=dict(Counter(there).most_common()))

    def status(self) -> AssociationStatus:
        """The row of the report."""
        association = self.history.association
        next_run_computed = next_run(
            parse(association.schedule_expression),
            last_run=association.last_execution_date,
            now=self.snapshot.read_at,
            offset_days=association.schedule_offset,
        )
        return AssociationStatus(
            **{each.name: getattr(association, each.name) for each in fields(association)},
            environment=self.snapshot.environment,
            verdict=self.verdict,
            next_run_computed=next_run_computed,
            log_location=self.details.log_location,
            node_count=len(self.nodes),
        )


def _verdict_of_run(run: Execution | None) -> str:
    """The verdict on an automation, by its newest run as a whole."""
    verdicts = {Ending.WELL: OK, Ending.UNDECIDED: "association-pending"}
    return verdicts.get(Ending.of(run.status if run else ""), "association-failed")
