"""The JSON document and the CSV of each command, against the dataclass of its report."""

import csv
import io
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from oelab.diff.report import DiffReport
from oelab.queries import Query
from oelab.query.report import QueryReport, QuestionsReport
from tests.command_line.conftest import Cli, Lab
from tests.command_line.test_help import REFERENCE, REPORTS
from tests.diff.versions import folder_of
from tests.query import fleet as made

DOCUMENTS = {
    "preflight": (["--settings", "other.toml"], "findings"),
    "wait": (["--timeout", "0"], "nodes"),
    "status": (["Test-Web1"], "nodes"),
    "associations": ([], "associations"),
    "inventory": (["--package", "openssl"], "entries"),
    "compliance": (["Test-Web1"], "items"),
    "compare": (["Test", "Prod"], "differences"),
    "image pin": ([], "images"),
    "image check": ([], "images"),
    "sync status": (["--settings", "data.toml"], "findings"),
    "query": (["agent_versions", "--from", "bucket"], "rows"),
    "diff": ([], "stacks"),
}
"""The arguments with which each command has something to report, and its main rows."""
OF_THE_REVIEW = sorted({*DOCUMENTS} - {"diff", "query"})


@pytest.fixture(autouse=True)
def _settings() -> None:
    Path("oelab.toml").write_text('[image_pins]\nus-east-1 = "ami-0c2023a1b2c3d4e5f"\n')
    Path("other.toml").write_text('[role]\nname = "Other"\ncreate = false\n')
    Path("data.toml").write_text('[fleet_data]\nbucket = "not-there"\n')


def arguments_of(command: str) -> list[str]:
    return [*command.split(), *DOCUMENTS[command][0]]


def names_of(kind: Any) -> set[str]:
    """The fields that a document has of a dataclass; no profile is named here."""
    return {*REFERENCE["documented_fields"](kind)} - {"profile"}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", OF_THE_REVIEW)
def test_a_document_has_the_documented_fields(cli: Cli, command: str) -> None:
    document = json.loads(cli(*arguments_of(command), "--json").stdout)
    schema = document["schema"]
    kinds = [each for each in REPORTS if each.schema == schema]
    report = next(each for each in kinds if (each.__name__ == "WaitReport") == (command == "wait"))
    assert document.keys() == names_of(report)
    rows = [names_of(each) for each in REFERENCE["rows_of"](report)]
    rows.append({*REFERENCE["finding_fields"]()} - {"profile"})
    assert document[DOCUMENTS[command][1]]
    for listed in document.values():
        assert not isinstance(listed, list) or all({*row} in rows for row in listed)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", sorted({*OF_THE_REVIEW} - {"wait", "sync status"}))
def test_csv_has_the_rows_of_the_document(cli: Cli, command: str) -> None:
    document = json.loads(cli(*arguments_of(command), "--json").stdout)
    expected = document[DOCUMENTS[command][1]]
    rows = [*csv.DictReader(io.StringIO(cli(*arguments_of(command), "--csv").stdout))]
    assert len(rows) == len(expected)
    texts = {name for name, value in expected[0].items() if isinstance(value, str)}
    assert {tuple(row[name] for name in sorted(texts)) for row in rows} == {
        tuple(row[name] for name in sorted(texts)) for row in expected
    }


def test_the_document_of_a_diff_has_the_fields_of_its_report(cli: Cli) -> None:
    folder = str(folder_of())
    document = json.loads(cli("diff", folder, folder, "--json").stdout)
    assert document.keys() == {each.name for each in fields(DiffReport)}


def test_csv_of_a_type_has_the_columns_of_its_schema(here: Lab, cli: Cli) -> None:
    shown = cli("inventory", "--type", "AWS:Network", "--csv").stdout
    head, *rows = csv.reader(io.StringIO(shown))
    schema = ["Name", "SubnetMask", "Gateway", "DHCPServer", "DNSServer", "MacAddress"]
    assert head == [
        *("account", "region", "name", "node_id", "capture_time"),
        *schema,
        *("IPV4", "IPV6"),
    ]
    assert {row[0] for row in rows} == {here.account}


def test_the_document_of_an_answer_has_the_fields_of_its_report(cli: Cli, tmp_path: Path) -> None:
    made.write(Path("bucket"), made.objects(made.make_fleet(10, seed=18)))
    arguments = [*arguments_of("query"), "--copy", str(tmp_path / "copy"), "--json"]
    document = json.loads(cli(*arguments).stdout)
    assert document.keys() == names_of(QueryReport)
    assert document["rows"]
    listed = json.loads(cli("query", "--json").stdout)
    assert listed.keys() == names_of(QuestionsReport)
    assert {*listed["questions"][0]} == names_of(Query)
