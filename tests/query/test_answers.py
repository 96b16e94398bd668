"""Parameters of questions, and answers as files."""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from oelab.findings import FindingsError
from oelab.queries import Query, questions
from oelab.query.answers import answer
from oelab.query.athena import AthenaEngine
from oelab.query.output import write_parquet
from oelab.query.parameters import Argument, expanded, question_of, read_assignments, values_of
from oelab.query.report import QueryReport
from oelab.render.documents import to_json

REPORT = QueryReport(
    question="agent_versions",
    columns=("agenttype", "agentversion", "platformname", "nodes", "share"),
    rows=(("amazon-ssm-agent", "3.3", 'a "b", c', 2, 0.5), ("", "3.4", "é", 2, 0.5)),
)


class Recorder:
    """An engine that answers nothing, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[Argument]]] = []

    def run(self, query: Query, arguments: Sequence[Argument]) -> QueryReport:
        self.asked.append((query.name, arguments))
        return QueryReport.of(query)


@pytest.mark.parametrize(
    ("question", "given", "rules"),
    [
        ("software_by_version", {}, ["MissingParameter"]),
        ("software_by_version", {"package": ""}, ["QueryText"]),
        ("software_by_version", {"package": "a\nb"}, ["QueryText"]),
        ("software_by_version", {"package": "p" * 501}, ["QueryText"]),
        ("stale_nodes", {"days": "-1"}, ["QueryNumber"]),
        ("stale_nodes", {"days": "1.5"}, ["QueryNumber"]),
        ("agent_versions", {"days": "1"}, ["UnknownParameter"]),
        ("nodes_with_version", {"package": "x", "version": "below 3"}, ["VersionCondition"]),
        (
            "nodes_with_version",
            {"pakage": "x", "version": "<"},
            ["MissingParameter", "VersionCondition", "UnknownParameter"],
        ),
    ],
)
def test_everything_that_is_wrong_with_parameters_is_one_error(
    question: str, given: dict[str, str], rules: list[str]
) -> None:
    engine = Recorder()
    with pytest.raises(FindingsError) as error:
        answer(question, given, engine)
    assert [finding.rule for finding in error.value.findings] == rules
    assert all(finding.remedy for finding in error.value.findings)
    assert engine.asked == []


def test_a_question_that_is_not_there_is_one_that_is_like_it() -> None:
    with pytest.raises(FindingsError, match="agent_versions"):
        question_of("agent-versions")


def test_a_whole_number_is_no_text() -> None:
    assert values_of(questions()["stale_nodes"], {"days": "007"}) == (7,)


def test_assignments_are_read_up_to_the_first_sign() -> None:
    assert read_assignments(["package=a=b", "version="]) == {"package": "a=b", "version": ""}
    with pytest.raises(FindingsError) as error:
        read_assignments(["package", "=x", "a=1", "a=2"])
    assert len(error.value.findings) == 3


def test_no_version_that_matches_is_no_second_question() -> None:
    engine = Recorder()
    report = answer("nodes_with_version", {"package": "x", "version": "<3"}, engine)
    assert report.rows == ()
    assert [name for name, _ in engine.asked] == ["package_versions"]


def test_several_versions_take_several_marks() -> None:
    statement, values = expanded(questions()["nodes_with_version"], ["x", ["1", "2", "3"]])
    assert "IN (?, ?, ?)" in statement
    assert values == ["x", "1", "2", "3"]


def test_parquet_has_the_types_of_the_question(tmp_path: Path) -> None:
    write_parquet(REPORT, tmp_path / "answer.parquet")
    with duckdb.connect(":memory:") as connection:
        found = connection.read_parquet(str(tmp_path / "answer.parquet"))
        assert tuple(found.columns) == REPORT.columns
        assert [str(each) for each in found.types] == ["VARCHAR"] * 3 + ["BIGINT", "DOUBLE"]
        assert tuple(found.fetchall()) == REPORT.rows


def test_parquet_of_nothing_has_the_columns(tmp_path: Path) -> None:
    nothing = QueryReport(question=REPORT.question, columns=REPORT.columns, rows=())
    write_parquet(nothing, tmp_path / "answer.parquet")
    with duckdb.connect(":memory:") as connection:
        found = connection.read_parquet(str(tmp_path / "answer.parquet"))
        assert (tuple(found.columns), found.fetchall()) == (REPORT.columns, [])


def test_json_is_the_report() -> None:
    document = json.loads(to_json(REPORT))
    assert document["schema"] == "oelab.query/1"
    assert document["columns"] == list(REPORT.columns)
    assert document["rows"] == [list(row) for row in REPORT.rows]
    assert document["unread"] == []


# --- how Athena ends ------------------------------------------------------------------------------


class FakeAthena:
    """Athena with the states that a query goes through, and what was called."""

    def __init__(self, *states: str) -> None:
        self._states = iter(states)
        self.calls: list[str] = []

    def start_query_execution(self, **_request: object) -> dict[str, str]:
        self.calls.append("start")
        return {"QueryExecutionId": "1"}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, object]:  # noqa: N803
        assert QueryExecutionId == "1"
        status = {"State": next(self._states), "StateChangeReason": "too many bytes"}
        return {"QueryExecution": {"Status": status}}

    def stop_query_execution(self, QueryExecutionId: str) -> None:  # noqa: N803
        assert QueryExecutionId == "1"
        self.calls.append("stop")


def engine_on(athena: FakeAthena, sleep: object) -> AthenaEngine:
    return AthenaEngine(athena, None, "w", "d", sleep=sleep)  # type: ignore[arg-type]


def interrupt(_seconds: float) -> None:
    raise KeyboardInterrupt


def test_a_query_that_is_not_waited_for_is_stopped() -> None:
    athena = FakeAthena("QUEUED", "RUNNING")
    with pytest.raises(KeyboardInterrupt):
        answer("agent_versions", {}, engine_on(athena, interrupt))
    assert athena.calls == ["start", "stop"]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_athena_ends_is_told_with_its_reason(state: str) -> None:
    waited: list[float] = []
    athena = FakeAthena("QUEUED", "RUNNING", state)
    (unread,) = answer("agent_versions", {}, engine_on(athena, waited.append)).unread
    assert "too many bytes" in unread.reason
    assert len(waited) == 2
    assert athena.calls == ["start"]
