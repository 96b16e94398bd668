"""What people see: narrow terminals, huge values, invisible characters, and spreadsheets."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line.conftest import Cli, Lab
from tests.command_line.fake_aws import Answer, FakeAws, settings_for, use

NARROW = 60
HUGE = "x" * 100_000
# Right-to-left override, zero-width space, soft hyphen, a tag letter, and an invisible letter.
INVISIBLE = "safe\u202egpj\u2066\u200bx\u00ad\U000e0041\u3164"
SPELLED = r"safe\u202egpj\u2066\u200bx\xad\U000e0041\u3164"
FORMULA = '=HYPERLINK("https://example.com";A1)'


def serve(
    content: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, *, nodes: int = 1
) -> Iterator[FakeAws]:
    """A fake whose nodes have these applications."""

    def answer(region: str, operation: str, count: int) -> Answer | None:
        del region, count
        if operation == "GetInventorySchema":
            attributes = [{"Name": "Name", "DataType": "STRING"}]
            schema = {"TypeName": "AWS:Application", "Attributes": attributes}
            return 200, json.dumps({"Schemas": [schema]}).encode()
        if operation != "GetInventory":
            return None
        data = {"AWS:Application": {"TypeName": "AWS:Application", "Content": content}}
        entities = [{"Id": each, "Data": data} for each in aws.ids("us-east-1")]
        return 200, json.dumps({"Entities": entities}).encode()

    aws = FakeAws({"us-east-1": nodes}, fault=answer)
    with aws.served() as endpoint:
        use(endpoint, monkeypatch)
        settings_for(nodes)
        yield aws


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """A node with an ordinary package, one with a huge version, and some that mean harm."""
    content = [
        {"Name": "bash", "Version": "5.2.15"},
        {"Name": "huge", "Version": HUGE, "Publisher": "someone"},
        {"Name": INVISIBLE, "Version": "1"},
        {"Name": FORMULA, "Version": "1"},
    ]
    yield from serve(content, monkeypatch)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(NARROW))


@pytest.mark.usefixtures("here", "terminal", "narrow")
@pytest.mark.parametrize(
    ("command", "rows", "shown"),
    [
        ("status", "nodes", ("name", "verdict")),
        ("inventory --package openssl", "entries", ("name",)),
        ("compliance", "types", ("compliance_type", "compliant", "non_compliant")),
        ("compliance Test-Web1", "items", ("name", "status", "severity", "item_id", "title")),
        ("image pin", "images", ("latest", "verdict")),
        ("image pin --region us-east-1 --region eu-west-1", "images", ("region", "latest")),
        ("image check", "images", ("image_id", "verdict")),
        ("compare Test Prod", "differences", ("package",)),
    ],
)
def test_nothing_is_wider_than_a_narrow_terminal(
    cli: Cli, command: str, rows: str, shown: tuple[str, ...]
) -> None:
    Path("oelab.toml").write_text('[image_pins]\nus-east-1 = "ami-0c2023a1b2c3d4e5f"\n')
    text = cli(*command.split()).stdout
    assert max(map(len, text.splitlines())) <= NARROW
    listed = json.loads(cli(*command.split(), "--json").stdout)[rows]
    assert listed
    words = set(text.split())
    for row in listed:
        assert {str(row[name]) for name in shown} <= words


@pytest.mark.usefixtures("here", "terminal", "narrow")
def test_a_comparison_keeps_each_version_whole(cli: Cli) -> None:
    document = json.loads(cli("compare", "Test", "Prod", "--json").stdout)
    versions = {
        f"{version} ({nodes})"
        for each in document["differences"]
        for of_workload in each["versions"].values()
        for version, nodes in of_workload.items()
    }
    text = cli("compare", "Test", "Prod").stdout
    assert all(each in text for each in versions)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", ["compare Test Prod", "compliance"])
def test_what_is_counted_is_said(cli: Cli, command: str) -> None:
    assert "nodes" in cli(*command.split()).stdout.splitlines()[0]


@pytest.mark.usefixtures("strange")
def test_a_huge_value_pads_no_other_row(cli: Cli) -> None:
    lines = cli("inventory", "--package", "*").stdout.splitlines()
    (huge,) = [line for line in lines if HUGE in line]
    assert huge.split()[-2:] == [HUGE, "someone"]
    assert max(len(line) for line in lines if line != huge) < 300


@pytest.mark.usefixtures("strange", "terminal")
def test_a_terminal_gets_an_excerpt_of_a_huge_value(cli: Cli) -> None:
    text = cli("inventory", "--package", "huge").stdout
    assert len(text) < 2000
    assert "xxx... (100,000 characters; --json has all)" in " ".join(text.split())


@pytest.mark.usefixtures("strange")
@pytest.mark.parametrize("is_terminal", [False, True])
@pytest.mark.parametrize("arguments", [[], ["--csv"]])
def test_invisible_characters_are_spelled_out(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str], is_terminal: bool
) -> None:
    monkeypatch.setattr("oelab.render.output.is_terminal", lambda: is_terminal)
    text = cli("inventory", "--package", "safe*", *arguments).stdout
    if arguments and not is_terminal:
        # A program gets the data as it is.
        assert INVISIBLE in text
        return
    assert SPELLED in text
    assert not {unicodedata.category(each) for each in text} & {"Cf", "Zl", "Zp"}


@pytest.mark.usefixtures("strange")
def test_csv_is_exact_unless_it_is_for_a_spreadsheet(cli: Cli) -> None:
    def names(option: str) -> list[str]:
        result = cli("inventory", "--package", "*", option)
        assert result.exit_code == 0, result.output
        return [row["Name"] for row in csv.DictReader(io.StringIO(result.stdout))]

    assert names("--csv") == ["bash", "huge", INVISIBLE, FORMULA]
    assert names("--csv-safe") == ["bash", "huge", INVISIBLE, f"'{FORMULA}"]


@pytest.mark.usefixtures("strange")
def test_every_cell_of_csv_for_a_spreadsheet_is_quoted(cli: Cli) -> None:
    """Else a semicolon within a cell would begin another one where that is the separator."""
    lines = cli("inventory", "--package", "bash", "--csv-safe").stdout.splitlines()
    assert all(cell[:1] + cell[-1:] == '""' for line in lines for cell in line.split(","))


def test_csv_for_a_spreadsheet_is_no_json(here: Lab, cli: Cli) -> None:
    del here
    result = cli("status", "--json", "--csv-safe")
    assert (result.exit_code, result.stdout) == (2, "")
