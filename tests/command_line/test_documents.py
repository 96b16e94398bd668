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
from tests.command_line.promises import PROMISES
from tests.command_line.test_help import REFERENCE, REPORTS
from tests.diff.versions import folder_of
from tests.query import fleet as made

# With these settings each command has something to report.
SETTINGS = """
[image_pins]
us-east-1 = "ami-0c2023a1b2c3d4e5f"
[role]
name = "Other"
create = false
[fleet_data]
bucket = "not-there"
"""
QUESTION = ("query", "agent_versions", "--from", "bucket")


@pytest.fixture(autouse=True)
def _settings() -> None:
    Path("oelab.toml").write_text(SETTINGS)


def names_of(kind: Any) -> set[str]:
    """The fields that a document has of a dataclass; no profile is named here."""
    return {*REFERENCE["documented_fields"](kind)} - {"profile"}


def document_of(cli: Cli, *arguments: str) -> dict[str, Any]:
    """The document of a review, whose fields are all documented."""
    document: dict[str, Any] = json.loads(cli(*arguments, "--json").stdout)
    kinds = [each for each in REPORTS if each.schema == document["schema"]]
    is_wait = arguments[0] == "wait"
    report = next(each for each in kinds if (each.__name__ == "WaitReport") == is_wait)
    assert document.keys() == names_of(report)
    rows = [names_of(each) for each in REFERENCE["rows_of"](report)]
    rows.append({*REFERENCE["finding_fields"]()} - {"profile"})
    rows.append({"account", "region"})
    for listed in document.values():
        assert not isinstance(listed, list) or all({*row} in rows for row in listed)
    return document


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", PROMISES)
def test_a_document_has_the_documented_fields_and_csv_its_rows(cli: Cli, command: str) -> None:
    promise = PROMISES[command]
    document = document_of(cli, *promise.arguments)
    if not promise.rows:
        assert document["nodes"]
        return
    expected = document[promise.rows]
    assert expected or "--fail-if-found" in promise.arguments
    rows = [*csv.DictReader(io.StringIO(cli(*promise.arguments, "--csv").stdout))]
    assert len(rows) == len(expected)
    texts = sorted(name for each in expected[:1] for name in each if isinstance(each[name], str))
    assert {tuple(row[name] for name in texts) for row in rows} == {
        tuple(row[name] for name in texts) for row in expected
    }


@pytest.mark.usefixtures("here")
def test_the_document_of_data_syncs_has_the_documented_fields(cli: Cli) -> None:
    assert document_of(cli, "sync", "status")["findings"]


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
    document = json.loads(cli(*QUESTION, "--copy", str(tmp_path / "copy"), "--json").stdout)
    assert document.keys() == names_of(QueryReport)
    assert document["rows"]
    listed = json.loads(cli("query", "--json").stdout)
    assert listed.keys() == names_of(QuestionsReport)
    assert {*listed["questions"][0]} == names_of(Query)
