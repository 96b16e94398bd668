"""Questions about the whole fleet and the health of its data sync, through the command line."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from localaws import LocalAws
from oelab.queries import questions
from oelab.settings import FleetDataSettings, Settings
from tests.command_line.conftest import Cli, point_at
from tests.localaws.lab import Lab, node, tags, template
from tests.query import fleet as made
from tests.synthesis import synthesize

OPENSSL = ("query", "software_by_version", "--param", "package=openssl")
FLEET = made.make_fleet(40, seed=18)
EXPECTED = [list(row) for row in made.software_by_version(FLEET, "openssl")]


@pytest.fixture(scope="module")
def data() -> Iterator[Lab]:
    """A node that has been inventoried, and the stack with the data of the fleet."""
    with LocalAws() as aws:
        lab = Lab(aws)
        lab.deploy(template(Node=node(Tags=tags(Environment="OELabIPM", Workload="Test"))))
        stack = synthesize(Settings(fleet_data=FleetDataSettings(enabled=True)))
        lab.deploy(stack["OELabFleetData"], "OELabFleetData")
        lab.settle()
        lab.associate()
        lab.settle()
        yield lab


@pytest.fixture
def there(data: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Lab:
    """That lab, and the commands of the test talk to it."""
    point_at(data.aws, data.account, monkeypatch)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return data


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder in the layout of the bucket, and no AWS."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made.write(tmp_path / "bucket", made.objects(FLEET))
    return str(tmp_path / "bucket")


def test_the_questions_are_listed_with_their_parameters(cli: Cli) -> None:
    shown = cli("query")
    assert shown.exit_code == 0
    for question in questions().values():
        assert question.title in shown.stdout
        assert all(f"--param {each.name}=" in shown.stdout for each in question.parameters)
    document = json.loads(cli("query", "--json").stdout)
    assert [each["name"] for each in document["questions"]] == [*questions()]


def test_a_folder_is_asked_without_aws(cli: Cli, folder: str) -> None:
    document = json.loads(cli(*OPENSSL, "--from", folder, "--json").stdout)
    assert document["columns"] == ["name", "version", "release", "architecture", "nodes"]
    assert document["rows"] == EXPECTED


def test_csv_and_the_table_have_the_rows(cli: Cli, folder: str) -> None:
    rows = [*csv.reader(io.StringIO(cli(*OPENSSL, "--from", folder, "--csv").stdout))]
    assert rows[0] == ["name", "version", "release", "architecture", "nodes"]
    assert rows[1:] == [[str(value) for value in row] for row in EXPECTED]
    table = cli(*OPENSSL, "--from", folder).stdout.splitlines()
    assert len(table) == 2 + len(EXPECTED)


def test_rows_are_written_as_parquet(cli: Cli, folder: str, tmp_path: Path) -> None:
    file = tmp_path / "answer.parquet"
    result = cli(*OPENSSL, "--from", folder, "--parquet", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    with duckdb.connect(":memory:") as connection:
        found = connection.read_parquet(str(file)).fetchall()
    assert [list(row) for row in found] == EXPECTED
    document = json.loads(cli(*OPENSSL, "--from", folder, "--parquet", str(file), "--json").stdout)
    assert (document["rows"], document["written_to"]) == (EXPECTED, str(file))


def test_a_file_that_cannot_be_written_is_bad_input(cli: Cli, folder: str, tmp_path: Path) -> None:
    result = cli(*OPENSSL, "--from", folder, "--parquet", str(tmp_path))
    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr
    result = cli(*OPENSSL, "--from", folder, "--parquet", "nowhere/answer.parquet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nowhere" in result.stderr


def test_versions_are_compared_as_the_platform_does(cli: Cli, folder: str) -> None:
    asked = ("query", "nodes_with_version", "--param", "package=openssl")
    found = cli(*asked, "--param", "version=<3.0.14", "--from", folder, "--json")
    expected = [list(row) for row in made.nodes_with_version_below_3_0_14(FLEET, "openssl")]
    assert json.loads(found.stdout)["rows"] == expected


def test_what_cannot_be_read_is_named(cli: Cli, folder: str) -> None:
    broken = next(Path(folder).rglob("AWS:Application/**/i-*.json"))
    broken.write_text("no JSON")
    result = cli(*OPENSSL, "--from", folder)
    assert result.exit_code == 3
    assert broken.name in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["query", "software"], ["software"]),
        (["query", "software_by_version"], ["--param package="]),
        ([*OPENSSL, "--param", "days=1", "--from", "nowhere"], ["days", "nowhere"]),
        ([*OPENSSL, "--athena", "--copy", "x"], ["--athena"]),
        ([*OPENSSL, "--from", ".", "--copy", "x"], ["--copy x"]),
        (["query", "--param", "package=openssl"], ["QUESTION"]),
        ([*OPENSSL, "--region", "us-east-1", "--region", "eu-west-1"], ["one Region"]),
    ],
)
def test_everything_wrong_is_said_before_anything_is_read(
    cli: Cli, arguments: list[str], named: list[str]
) -> None:
    result = cli(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert all(each in result.stderr for each in named)


@pytest.mark.usefixtures("there")
def test_the_bucket_and_athena_have_the_same_answer(cli: Cli) -> None:
    local = json.loads(cli(*OPENSSL, "--json").stdout)
    result = cli(*OPENSSL, "--athena", "--json")
    athena = json.loads(result.stdout)
    assert local["rows"]
    assert athena["rows"] == local["rows"]
    assert athena["scanned_bytes"] > 0
    assert athena["usd"] > 0


@pytest.mark.usefixtures("there")
def test_the_copy_lies_where_it_is_wanted(cli: Cli, tmp_path: Path) -> None:
    assert cli(*OPENSSL, "--copy", str(tmp_path / "copy")).exit_code == 0
    assert (tmp_path / "copy" / "manifest.json").exists()
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("command", [OPENSSL, ("sync", "status")])
def test_without_a_data_sync_there_is_nothing_to_ask(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999999999999")
    result = cli(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "OELabFleetData" in result.stderr


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("how", [[], ["--athena"]])
def test_a_bucket_or_a_workgroup_that_is_gone_is_not_read(
    cli: Cli, how: list[str], tmp_path: Path
) -> None:
    settings = tmp_path / "gone.toml"
    settings.write_text('[fleet_data]\nbucket = "not-there"\nworkgroup = "NotThere"\n')
    result = cli(*OPENSSL, *how, "--settings", str(settings), "--json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert document["rows"] == []
    assert document["unread"][0]["name"] == (
        "athena:StartQueryExecution" if how else "s3:ListBucket"
    )


def test_a_sync_is_well_once_every_node_is_in_its_data(cli: Cli, there: Lab) -> None:
    result = cli("sync", "status", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    (found,) = document["syncs"]
    assert (found["account"], found["last_status"]) == (there.account, "Successful")
    written = {each["inventory_type"]: each["nodes"] for each in document["types"]}
    assert written["AWS:InstanceInformation"] == written["AWS:Application"] == 1
    (row,) = csv.DictReader(io.StringIO(cli("sync", "status", "--csv").stdout))
    assert row["sync_name"] == found["sync_name"]
    shown = cli("sync", "status").stdout
    assert all(each in shown for each in (found["sync_name"], *written))


def test_a_sync_that_may_not_write_is_reported_with_the_message_of_aws(
    cli: Cli, there: Lab
) -> None:
    bucket = there.outputs("OELabFleetData")["InventoryBucket"]
    s3 = there.client("s3")
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    there.associate(Parameters={"applications": ["Enabled"]}, AssociationName="again")
    there.ec2.create_tags(
        Resources=[there.physical_id("Node")], Tags=[{"Key": "Owner", "Value": "me"}]
    )
    there.settle()
    result = cli("sync", "status", "--json")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    (found,) = json.loads(result.stdout)["findings"]
    assert (result.exit_code, found["rule"]) == (1, "sync-failed")
    assert bucket in found["reason"]
