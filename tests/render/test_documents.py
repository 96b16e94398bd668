"""Values as JSON and as CSV."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, IntEnum
from typing import Annotated

from oelab.environment import Environment
from oelab.findings import Finding
from oelab.render.documents import to_json, write_csv
from oelab.report import Column
from oelab.review.models import Subject
from oelab.systems_manager.targets import AllNodes, Targets

HERE = Environment("111122223333", "eu-west-1")


class Kind(Enum):
    A = "a kind"


class Level(IntEnum):
    VERY_HIGH = 3


@dataclass(frozen=True, kw_only=True)
class Row:
    environment: Environment = HERE
    name: str = "one"
    seen: datetime | None = None
    count: int = 0
    parts: tuple[str, ...] = ()
    attributes: Annotated[Mapping[str, str], Column("", spread=True)] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Document:
    rows: tuple[Row, ...] = ()
    kind: Kind = Kind.A
    level: Level = Level.VERY_HIGH
    targets: Targets = field(default_factory=AllNodes)
    is_known: bool | None = None


def test_a_document_has_plain_values_and_where_each_row_is_from() -> None:
    moment = datetime.fromisoformat("2026-01-01T13:00:00+01:00")
    row = Row(environment=HERE._replace(profile="lab"), seen=moment, parts=("a",))
    assert json.loads(to_json(Document(rows=(row, Row())))) == {
        "rows": [
            {
                "account": "111122223333",
                "region": "eu-west-1",
                "profile": "lab",
                "name": "one",
                "seen": "2026-01-01T12:00:00+00:00",
                "count": 0,
                "parts": ["a"],
                "attributes": {},
            },
            {
                "account": "111122223333",
                "region": "eu-west-1",
                "name": "one",
                "seen": None,
                "count": 0,
                "parts": [],
                "attributes": {},
            },
        ],
        "kind": "a kind",
        "level": "very_high",
        "targets": {"InstanceIds": ["*"]},
        "is_known": None,
    }


def test_a_finding_has_the_parts_of_its_subject() -> None:
    subject = Subject(environment=HERE, name="Test-Web1", node_id="i-1")
    finding = Finding(rule="stopped", subject=subject, reason="is stopped", remedy="start it")
    assert json.loads(to_json(finding)) == {
        "rule": "stopped",
        "severity": "error",
        "subject": "Test-Web1",
        "reason": "is stopped",
        "remedy": "start it",
        "source": "",
        "account": "111122223333",
        "region": "eu-west-1",
        "node_id": "i-1",
        "owner": "",
    }


def written(*rows: Row, columns: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    file = io.StringIO()
    left_out = write_csv(rows, columns, file, str)
    return file.getvalue().splitlines(), [*left_out]


def test_csv_has_a_column_for_each_field_and_each_key_that_is_spread() -> None:
    seen = datetime(2026, 1, 1, 12, tzinfo=UTC)
    lines, left_out = written(
        Row(attributes={"Name": "a,b"}, parts=("x", "y"), seen=seen),
        Row(attributes={"URL": "u", "Size": "1"}),
        columns=("URL",),
    )
    assert lines == [
        "account,region,name,seen,count,parts,URL,Name",
        '111122223333,eu-west-1,one,2026-01-01T12:00:00+00:00,0,"[""x"", ""y""]",,"a,b"',
        "111122223333,eu-west-1,one,,0,,u,",
    ]
    assert left_out == ["Size"]


def test_csv_of_nothing_is_empty() -> None:
    assert written() == ([], [])
