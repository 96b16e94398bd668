"""The answers of DuckDB on a local copy are those of plain Python, whatever happens to the copy."""

import pytest

from oelab.queries import questions
from oelab.query.answers import Engine, answer
from oelab.query.local import LocalEngine
from oelab.query.sources import FolderSource
from tests.query import fleet as made
from tests.query.fleet import ASKED, FleetNode


@pytest.fixture(scope="module")
def fleet() -> list[FleetNode]:
    return made.make_fleet(120, seed=18)


@pytest.fixture(scope="module")
def engine(fleet: list[FleetNode], tmp_path_factory: pytest.TempPathFactory) -> Engine:
    bucket, copy = tmp_path_factory.mktemp("bucket"), tmp_path_factory.mktemp("copy")
    made.write(bucket, made.objects(fleet))
    return LocalEngine(FolderSource(bucket), copy / "of-it")


@pytest.mark.parametrize("asked", ASKED)
def test_the_answer_is_that_of_plain_python(
    engine: Engine, fleet: list[FleetNode], asked: str
) -> None:
    question = ASKED[asked]
    report = answer(question.question, question.parameters, engine)
    assert list(report.rows) == question.expected(fleet)
    assert report.columns == tuple(c.name for c in questions()[report.question].columns)


def test_every_question_is_asked_and_answered() -> None:
    assert {asked.question for asked in ASKED.values()} == questions().keys()
    fleet = made.make_fleet(120, seed=18)
    unanswered = [name for name, each in ASKED.items() if not each.expected(fleet)]
    assert unanswered == ["software_by_version none"]
