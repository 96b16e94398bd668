"""The questions and views: what they are made of, and what they say about themselves."""

import re

import pytest
import sqlglot
from sqlglot import exp

from oelab.queries import Query, questions, tables_of, views, without_partitions
from oelab.systems_manager.data_sync import tables
from tests.queries.common_subset import DIALECT, faults

_TYPES = {"text": "varchar", "integer": "bigint", "number": "double"}
TABLES = {
    name: dict.fromkeys(("accountid", "region", *table.columns), "varchar")
    for name, table in tables().items()
}
VIEWS = {
    name: {column.name: _TYPES[column.kind] for column in view.columns}
    for name, view in views().items()
}
ALL = {**questions(), **views()}


def faults_of(text: str) -> list[str]:
    return faults(text, VIEWS)


@pytest.mark.parametrize("question", questions().values(), ids=str)
def test_questions_keep_to_what_both_engines_answer_alike(question: Query) -> None:
    assert faults_of(question.text) == []


@pytest.mark.parametrize("view", views().values(), ids=str)
def test_views_keep_to_what_both_engines_answer_alike(view: Query) -> None:
    ordered = f"{view.statement} ORDER BY 1"
    assert faults(ordered, TABLES | VIEWS) == []


# For each thing that the engines answer differently: a question that does it.
DIFFERENCES = {
    "division of whole numbers": "SELECT COUNT(*) / 2 AS x FROM node AS n ORDER BY x",
    "rounding": "SELECT TRY_CAST(n.agentversion AS integer) AS x FROM node AS n ORDER BY x",
    "part out of range": "SELECT split_part(n.agentversion, '.', 9) AS x FROM node AS n ORDER BY x",
    "no match": "SELECT regexp_extract(n.agentversion, 'x', 0) AS x FROM node AS n ORDER BY x",
    "NULL in concat": "SELECT concat(n.agentversion, NULL) AS x FROM node AS n ORDER BY x",
    "NULL in greatest": "SELECT greatest(n.agentversion, NULL) AS x FROM node AS n ORDER BY x",
    "boundaries": (
        "SELECT date_diff('day', DATE '2026-11-01', current_date) AS x FROM node AS n ORDER BY x"
    ),
    "text and DATE": (
        "SELECT c.resourceid AS x FROM capture AS c WHERE c.capturetime < current_date ORDER BY x"
    ),
    "text and number": (
        "SELECT n.resourceid AS x FROM node AS n WHERE n.agentversion > 3 ORDER BY x"
    ),
    "LISTAGG": (
        "SELECT LISTAGG(DISTINCT n.region, ',') WITHIN GROUP (ORDER BY n.region) AS x "
        "FROM node AS n ORDER BY x"
    ),
    "from_iso8601_timestamp": (
        "SELECT from_iso8601_timestamp(c.capturetime) AS x FROM capture AS c ORDER BY x"
    ),
    "array_join": "SELECT array_join(array_agg(n.region), ',') AS x FROM node AS n ORDER BY x",
    "path": 'SELECT n."$path" AS x FROM node AS n ORDER BY x',
    "type of a cast": "SELECT CAST(n.agentversion AS timestamp) AS x FROM node AS n ORDER BY x",
    "order": "SELECT n.resourceid FROM node AS n",
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_what_the_engines_answer_differently_is_refused(difference: str) -> None:
    assert faults_of(DIFFERENCES[difference])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT n.packages FROM node AS n ORDER BY 1",
        "SELECT n.region FROM nodes AS n ORDER BY 1",
        "SELECT n.region FROM node AS n WHERE ORDER BY 1",
    ],
)
def test_what_is_not_declared_is_refused(text: str) -> None:
    assert faults_of(text)


@pytest.mark.parametrize("query", ALL.values(), ids=str)
def test_what_a_query_reads_is_known_without_an_sql_parser(query: Query) -> None:
    tree = sqlglot.parse_one(query.text, read=DIALECT)
    local = {each.alias for each in tree.find_all(exp.CTE)}
    read = {each.name for each in tree.find_all(exp.Table)} - local
    assert read == query.sources - local
    assert read <= TABLES.keys() | VIEWS.keys()
    assert tables_of(query) <= TABLES.keys()


@pytest.mark.parametrize("question", questions().values(), ids=str)
def test_questions_read_views_only(question: Query) -> None:
    assert not question.sources & TABLES.keys()


@pytest.mark.parametrize("query", ALL.values(), ids=str)
def test_a_query_documents_its_parameters_and_columns(query: Query) -> None:
    tree = sqlglot.parse_one(query.text, read=DIALECT)
    assert len([*tree.find_all(exp.Placeholder)]) == len(query.parameters)
    assert isinstance(tree, exp.Query)
    assert tree.named_selects == [column.name for column in query.columns]
    assert query.title
    assert all(each.description for each in (*query.parameters, *query.columns))
    # What looks like a field and is none would be taken for a note.
    assert not re.search(r"\b(parameter|column) ", query.notes)


@pytest.mark.parametrize("question", questions().values(), ids=str)
def test_the_named_query_is_the_question(question: Query) -> None:
    def tree(text: str) -> exp.Expr:
        return sqlglot.parse_one(text, read=DIALECT)

    assert tree(question.named_query) == tree(question.text)
    assert question.named_query.startswith(f"-- {question.title}\n")
    assert len(question.title) <= 1024
    assert len(question.name) <= 128


def test_captures_are_those_of_every_type() -> None:
    assert tables_of(views()["capture"]) == tables().keys()


@pytest.mark.parametrize("view", views().values(), ids=str)
def test_views_without_partitions_have_the_same_columns(view: Query) -> None:
    tree = sqlglot.parse_one(without_partitions(view.statement), read=DIALECT)
    assert isinstance(tree, exp.Query)
    assert tree.named_selects == [column.name for column in view.columns]
    read = {table.name: table for table in tree.find_all(exp.Table) if table.name in TABLES}
    for table in read.values():
        select = table.find_ancestor(exp.Select)
        assert select
        assert {"accountid", "region"} <= {*select.named_selects}
        assert "resourcetype=ManagedInstanceInventory" in select.args["where"].sql(DIALECT)
