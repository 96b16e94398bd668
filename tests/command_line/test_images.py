"""`oelab image`: pins resolved, written and looked at on the local AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from localaws import LocalAws
from oelab.review.read import images
from oelab.settings import load
from tests.command_line.conftest import Cli, point_at

LATEST = "ami-0c2023a1b2c3d4e5f"
OLD = "ami-0aaaaaaaaaaaaaaaa"
ARM = "ami-0a2023a1b2c3d4e5f"


@pytest.fixture(autouse=True)
def _reachable(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(local_aws, "100000000000", monkeypatch)


def checked(cli: Cli, *arguments: str, code: int = 0) -> tuple[Any, list[tuple[str, str]]]:
    """The one image that `image check` finds, and the rule and severity of its findings."""
    result = cli("image", "check", *arguments, "--json")
    assert result.exit_code == code, result.output
    document = json.loads(result.stdout)
    (found,) = document["images"]
    return found, [(each["rule"], each["severity"]) for each in document["findings"]]


def settings_file(text: str) -> Path:
    """The settings file of the working directory, which is the test's own."""
    path = Path("oelab.toml")
    path.write_text(text)
    return path


def test_pin_shows_and_leaves_the_file_alone(cli: Cli) -> None:
    path = settings_file('owner = "me" # mine\n')
    result = cli("image", "pin", "--region", "us-east-1", "--region", "eu-west-1")
    assert result.exit_code == 1
    assert result.stdout.count("Remedy: run `oelab image pin") == 2
    assert path.read_text() == 'owner = "me" # mine\n'


def test_pin_writes_and_then_has_nothing_to_do(cli: Cli) -> None:
    path = settings_file(f'owner = "me" # mine\n\n[image_pins]\nus-east-1 = "{OLD}" # tested\n')
    result = cli("image", "pin", "--write")
    assert result.exit_code == 0
    assert "written to oelab.toml" in result.stderr
    assert path.read_text() == (
        f'owner = "me" # mine\n\n[image_pins]\nus-east-1 = "{LATEST}" # tested\n'
    )
    assert load(path).image_pins == {"us-east-1": LATEST}
    again = cli("image", "pin", "--write", "--json")
    assert (again.exit_code, json.loads(again.stdout)["written_to"]) == (0, "")


def test_pin_writes_into_no_file_that_was_not_meant(cli: Cli) -> None:
    path = settings_file('owner = "me"\n')
    result = cli("image", "pin", "--write", "--settings", "", "--region", "us-east-1")
    assert result.exit_code == 2
    assert "to write to; name one with --settings" in result.stderr
    assert path.read_text() == 'owner = "me"\n'


def test_pin_reports_that_the_file_cannot_be_written(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied", "oelab.toml.x")

    settings_file("")
    monkeypatch.setattr("oelab.settings.pins.TemporaryDirectory", refuse)
    result = cli("image", "pin", "--write", "--region", "us-east-1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "oelab.toml.x cannot be used: Permission denied" in result.stderr


def test_pin_writes_nothing_if_a_region_could_not_be_read(cli: Cli) -> None:
    text = 'image = "/mine/golden"\n'
    path = settings_file(text)
    result = cli("image", "pin", "--write", "--region", "us-east-1")
    assert result.exit_code == 3
    assert "ssm:GetParameter" in result.stderr
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'image = "{OLD}"\n', "`image` must be the path of a parameter"),
        ('[image_pins]\nus-east-1 = "ami"\n', "must be the id of an Amazon Machine Image"),
    ],
)
def test_pin_refuses_what_it_cannot_do(cli: Cli, text: str, says: str) -> None:
    path = settings_file(text)
    result = cli("image", "pin", "--write")
    assert result.exit_code == 2
    assert says in result.stderr
    assert path.read_text() == text


def test_an_old_image_that_the_parameter_still_holds_is_well(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{LATEST}"\n')
    young, findings = checked(cli, "--max-age", "36500")
    assert (young["verdict"], young["latest"], findings) == ("ok", "", [])
    old, findings = checked(cli, "--max-age", "1")
    assert old["age_days"] > 1
    assert (old["verdict"], old["latest"], findings) == ("ok", LATEST, [("image-old", "note")])


def test_an_old_image_fails_where_there_is_a_newer_one_and_pinning_fixes_it(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{ARM}"\n')
    found, findings = checked(cli, "--max-age", "1", code=1)
    assert found["verdict"] == "image-old"
    assert findings[0] == ("image-old", "error")
    assert cli("image", "pin", "--write").exit_code == 0
    assert checked(cli, "--max-age", "1")[0]["verdict"] == "ok"


def test_the_parameter_is_asked_once_in_a_region_and_only_for_an_old_pin(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{LATEST}"\neu-west-1 = "{LATEST}"\n')
    asked: list[str] = []

    def read(aws: Any, _: str) -> str:
        asked.append(aws.region)
        return LATEST

    monkeypatch.setattr(images, "read_parameter", read)
    assert cli("image", "check", "--max-age", "36500").exit_code == 0
    assert asked == []
    assert cli("image", "check", "--max-age", "1").exit_code == 0
    assert sorted(asked) == ["eu-west-1", "us-east-1"]


def test_what_an_unread_parameter_holds_is_not_guessed(cli: Cli) -> None:
    settings_file(
        'image = "/mine/golden"\nimage_family = "amazon-linux"\n'
        f'[image_pins]\nus-east-1 = "{LATEST}"\n'
    )
    found, findings = checked(cli, code=3)
    assert found["latest"] == ""
    assert findings == [("image-old", "error")]


def test_nothing_pinned_is_well(cli: Cli) -> None:
    result = cli("image", "check", "--region", "us-east-1")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "pin no image" in result.stderr
