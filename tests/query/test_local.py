"""The answers of DuckDB on a local copy are those of plain Python, whatever happens to the copy."""

import pytest

from oelab.queries import questions
from oelab.query.answers import answer
from oelab.query.local import LocalEngine
from oelab.query.sources import FolderSource
from tests.query import fleet as made
from tests.query.fleet import ASKED, Asked, FleetNode


@pytest.fixture(scope="module")
def fleet() -> list[FleetNode]:
    return made.make_fleet(120, seed=18)


@pytest.fixture(scope="module")
def engine(fleet: list[FleetNode], tmp_path_factory: pytest.TempPathFactory) -> LocalEngine:
    bucket, copy = tmp_path_factory.mktemp("bucket"), tmp_path_factory.mktemp("copy")
    made.write(bucket, made.objects(fleet))
    return LocalEngine(FolderSource(bucket), copy / "of-it")


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_answer_is_that_of_plain_python(
    engine: LocalEngine, fleet: list[FleetNode], asked: Asked
) -> None:
    report = answer(asked.question, asked.parameters, engine)
    assert list(report.rows) == asked.expected(fleet)
    assert report.columns == tuple(c.name for c in questions()[asked.question].columns)


def test_every_question_is_asked_and_answered() -> None:
    assert {asked.question for asked in ASKED} == questions().keys()
    fleet = made.make_fleet(120, seed=18)
    unanswered = [str(each) for each in ASKED if not each.expected(fleet)]
    assert unanswered == ["software_by_version none"]
