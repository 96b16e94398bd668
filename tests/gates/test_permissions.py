"""Which calls the policies allow and deny, and that no part of a policy is there for nothing."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

from tests.gates.authorization import (
    RESOURCES,
    STACK_NAME,
    TABLE,
    Document,
    allows,
    is_of_type,
    policies,
    resource_types,
)

Row = dict[str, Any]

ROWS: list[tuple[str, Row]] = [
    (policy, row) for policy, calls in TABLE["calls"].items() for row in calls
]


def described(policy: str, row: Row) -> str:
    details = [row.get("stack", ""), *row.get("context", {}).values()]
    return " ".join((policy, row["action"], row["resource"], *filter(None, details)))


def rows() -> list[ParameterSet]:
    return [pytest.param(policy, row, id=described(policy, row)) for policy, row in ROWS]


def is_allowed(documents: list[Document], row: Row) -> bool:
    context = dict(row.get("context", {}))
    if "stack" in row:
        context[STACK_NAME] = row["stack"]
    return allows(documents, row["action"], RESOURCES.get(row["resource"], "*"), context)


def is_as_expected(documents: list[Document], row: Row) -> bool:
    should_be_allowed: bool = row["expected"] == "allowed"
    return is_allowed(documents, row) == should_be_allowed


@pytest.mark.parametrize(("policy", "row"), rows())
def test_a_call_is_allowed_or_denied(policy: str, row: Row) -> None:
    assert is_as_expected(policies()[policy], row), row["reason"]


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[described(*each) for each in ROWS])
def test_a_row_is_a_call_that_the_service_evaluates(row: Row) -> None:
    """On a resource of one of the types that the action has, or on none where it has no types."""
    assert row["expected"] in ("allowed", "denied")
    types = resource_types(row["action"])
    if row["resource"] == "*":
        assert types == []
    else:
        arn = RESOURCES[row["resource"]]
        assert any(is_of_type(row["action"], each, arn) for each in types)


def test_the_table_has_no_call_twice_and_no_resource_in_vain() -> None:
    calls = [described(policy, row) for policy, row in ROWS]
    assert len(calls) == len(set(calls)) >= 80
    assert {row["resource"] for _, row in ROWS} - {"*"} == RESOURCES.keys()
    assert TABLE["calls"].keys() == policies().keys()


def parts(document: Document) -> Iterator[tuple[str, Document]]:
    """The document without each of its statements, and with each freed of its condition."""
    for number, statement in enumerate(document["Statement"]):
        name = statement.get("Sid", f"statement {number}")
        shorter = copy.deepcopy(document)
        del shorter["Statement"][number]
        yield name, shorter
        if "Condition" in statement:
            laxer = copy.deepcopy(document)
            del laxer["Statement"][number]["Condition"]
            yield f"the condition of {name}", laxer


@pytest.mark.parametrize("policy", TABLE["calls"])
def test_no_statement_and_no_condition_could_be_left_out(policy: str) -> None:
    first, *others = policies()[policy]
    of_policy = [row for name, row in ROWS if name == policy]
    needless = [
        name
        for name, changed in parts(first)
        if all(is_as_expected([changed, *others], row) for row in of_policy)
    ]
    assert needless == []
