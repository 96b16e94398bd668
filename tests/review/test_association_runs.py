"""How `oelab associations` tells a run, and judges an association by the latest ones."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oelab.review.commands.associations_view import run_told, verdict
from oelab.review.expected_fleet import Expectation
from oelab.review.models import (
    Association,
    AssociationDetails,
    Execution,
    Outcome,
    Place,
    Unread,
)
from oelab.review.read.association_report import AssociationReport, Run
from oelab.settings import Settings
from oelab.systems_manager.targets import Nodes

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLACE = Place(profile="", region="us-east-1")
APART = "; nodes that come online have a run of their own"


def run(status: str, **outcomes: str) -> Run:
    """A run, with the status on each node."""
    return Run(
        execution=Execution(execution_id="1", status=status, detailed_status=status, created=NOW),
        outcomes=tuple(
            Outcome(node_id=node, status=each, detailed_status=each)
            for node, each in outcomes.items()
        ),
    )


def report(*runs: Run, reaches: tuple[str, ...] | Unread = (), gone: str = "") -> AssociationReport:
    return AssociationReport(
        place=PLACE,
        association=Association(association_id="1", name="A", document="D", targets=Nodes()),
        details=AssociationDetails(),
        runs=runs,
        reaches=reaches,
        gone=frozenset(gone),
        read_at=NOW,
    )


ALL = run("Success", a="Success", b="Success")
LATER = run("Success", c="Success")


@pytest.mark.parametrize(
    ("newest", "found", "says"),
    [
        (ALL, report(ALL, reaches=("a", "b")), "Success, on 2 nodes"),
        (LATER, report(LATER, ALL), f"Success, on 1 of 3 nodes{APART}"),
        (LATER, report(LATER, reaches=("c", "d")), f"Success, on 1 of 2 nodes{APART}"),
        (ALL, report(ALL, reaches=("a",), gone="b"), "Success, on 1 node"),
        (
            ALL,
            report(ALL, reaches=Unread(place=PLACE, call="c", reason="r")),
            "Success, on 2 nodes",
        ),
    ],
)
def test_a_run_tells_how_many_of_the_nodes_it_was_of(
    newest: Run, found: AssociationReport, says: str
) -> None:
    assert run_told(newest, found) == says


def test_outcomes_are_counted_where_they_differ_from_the_runs_own() -> None:
    mixed = run("Failed", a="Failed", b="Success", c="Success")
    assert run_told(mixed, report(mixed)) == "Failed, on 3 nodes (2 Success, 1 Failed)"
    skipped = run("Success", a="Skipped")
    assert run_told(skipped, report(skipped)) == "Success, on 1 node (1 Skipped)"


OURS = "InventoryAllInstances"


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("A", "Success", "ok"),
        ("A", "Skipped", "ok"),
        (OURS, "Skipped", "failed"),
        ("A", "Pending", "pending"),
        ("A", "InProgress", "pending"),
        ("A", "Associated", "pending"),
        ("A", "Creating", "pending"),
        ("A", "", "pending"),
        ("A", "Failed", "failed"),
        ("A", "TimedOut", "failed"),
        ("A", "Cancelled", "failed"),
        ("A", "SomethingNew", "failed"),
    ],
)
def test_the_verdict_goes_by_the_outcome_as_that_on_a_node(
    name: str, status: str, expected: str
) -> None:
    found = report(run("Success", a=status), reaches=("a",))
    named = replace(found, association=replace(found.association, name=name))
    assert verdict(named, Expectation(Settings())) == expected
