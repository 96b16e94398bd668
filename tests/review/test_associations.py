"""The verdict on an association, by the latest outcome on each node that is there."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oelab.environment import Environment
from oelab.render.review_text import describe_run
from oelab.review.evaluate.associations import AssociationsReport, evaluate_associations
from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.models import Association, Node, Unread
from oelab.review.records import Execution, Outcome
from oelab.review.snapshots import AssociationHistory, FleetSnapshot
from oelab.settings import Settings
from oelab.systems_manager.targets import Nodes, ResourceGroup

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HERE = Environment("111122223333", "us-east-1")
DENIED = Unread(environment=HERE, call="ssm:Something", reason="denied")
OURS = "InventoryAllInstances"
ASSOCIATION = Association(association_id="1", association_name="A", targets=Nodes(("a", "b")))


def run(number: int, **outcomes: str) -> tuple[Execution, tuple[Outcome, ...]]:
    """A run, with the status on each node."""
    ids: dict[str, Any] = {"environment": HERE, "association_id": "1", "execution_id": str(number)}
    status = "Failed" if "Failed" in outcomes.values() else "Success"
    execution = Execution(**ids, created_time=NOW, status=status, detailed_status=status)
    return execution, tuple(Outcome(**ids, node_id=n, status=s) for n, s in outcomes.items())


def report(
    *runs: tuple[Execution, tuple[Outcome, ...]],
    reached: tuple[str, ...] = (),
    nodes: str = "abcd",
    association: Association = ASSOCIATION,
    **changes: Any,
) -> AssociationsReport:
    history = AssociationHistory(
        association=association,
        reached=reached,
        executions=tuple(execution for execution, _ in runs),
        outcomes={execution.execution_id: outcomes for execution, outcomes in runs},
    )
    snapshot = FleetSnapshot(
        environment=HERE,
        read_at=NOW,
        read_nodes={
            each: Node(node_id=each, ping_status="Online", agent_version="3.3.987.0")
            for each in nodes
        },
        associations=(association,),
        histories=(replace(history, **changes),),
    )
    return evaluate_associations([snapshot], ExpectedFleet(Settings()), runs=1)


def verdict(*runs: tuple[Execution, tuple[Outcome, ...]], **options: Any) -> str:
    (association,) = report(*runs, **options).associations
    return association.verdict


def test_associations_that_were_not_asked_for_are_not_missing() -> None:
    """To evaluate them is a mistake in a command, and must not look as if none were there."""
    with pytest.raises(TypeError):
        evaluate_associations(
            [FleetSnapshot(environment=HERE, read_at=NOW, histories=())],
            ExpectedFleet(Settings()),
            runs=1,
        )


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("A", "Success", "ok"),
        ("A", "Skipped", "ok"),
        (OURS, "Skipped", "association-failed"),
        ("A", "Pending", "association-pending"),
        ("A", "InProgress", "association-pending"),
        ("A", "", "association-pending"),
        ("A", "Failed", "association-failed"),
        ("A", "TimedOut", "association-failed"),
        ("A", "SomethingNew", "association-failed"),
    ],
)
def test_the_verdict_goes_by_the_outcome(name: str, status: str, expected: str) -> None:
    association = replace(ASSOCIATION, association_name=name)
    found = report(run(1, a=status), reached=("a",), association=association)
    assert found.associations[0].verdict == expected
    rules = [each.rule for each in found.findings if str(each.subject) == name]
    assert rules == ([] if expected == "ok" else [expected])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"reached": ("a", "b")}, "association-pending"),
        ({"reached": ()}, "ok"),
        ({"reached": (), "nodes": "b"}, "no-targets"),
        ({"executions": DENIED, "outcomes": DENIED}, "unread"),
        ({"outcomes": DENIED, "reached": ("a",)}, "unread"),
        ({"details": DENIED}, "unread"),
        ({"log_access": DENIED}, "ok"),
    ],
)
def test_the_verdict_goes_by_what_is_reached_and_read(
    options: dict[str, Any], expected: str
) -> None:
    assert verdict(run(1, a="Success"), **options) == expected


def test_a_group_whose_nodes_are_unknown_is_not_said_to_have_none() -> None:
    group = replace(ASSOCIATION, targets=ResourceGroup("Group"))
    assert verdict(run(1), association=group) == "association-pending"
    assert verdict(association=group) == "no-targets"


def test_the_latest_outcome_on_each_node_counts() -> None:
    found = report(run(2, a="Success"), run(1, a="Failed", b="Success"), reached=("a", "b"))
    assert {each.node_id: each.status for each in found.outcomes} == {
        "a": "Success",
        "b": "Success",
    }
    assert [each.execution_id for each in found.executions] == ["2"]


def test_what_is_not_well_comes_first() -> None:
    found = report(run(1, a="Success", b="Failed", c="Success"))
    assert [each.node_id for each in found.outcomes] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("outcomes", "node_count", "says"),
    [
        ({"Success": 2}, 2, "Success, on 2 nodes"),
        ({"Success": 1}, 3, "Success, on 1 of 3 nodes; nodes that come online have a run"),
        ({"Skipped": 1}, 1, "Success, on 1 node (1 Skipped)"),
        ({"Success": 2, "Failed": 1}, 3, "Success, on 3 nodes (2 Success, 1 Failed)"),
        ({}, 3, "Success"),
    ],
)
def test_a_run_is_described_by_its_nodes(
    outcomes: dict[str, int], node_count: int, says: str
) -> None:
    execution, _ = run(1)
    assert describe_run(replace(execution, nodes=outcomes), node_count).startswith(says)
