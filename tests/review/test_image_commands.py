"""`oelab image`: pins resolved and looked at on the local AWS."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localaws import LocalAws
from oelab.image_family import family_of
from oelab.review.images import Image, faults_of
from oelab.settings import Settings, WorkloadSettings, load
from tests.review.conftest import Cli, point_at

LATEST = "ami-0c2023a1b2c3d4e5f"
OLD = "ami-0aaaaaaaaaaaaaaaa"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _reachable(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(local_aws, "100000000000", monkeypatch)


def settings_file(text: str) -> Path:
    """The settings file of the working directory, which is the test's own."""
    path = Path("oelab.toml")
    path.write_text(text)
    return path


def test_pin_shows_and_leaves_the_file_alone(cli: Cli) -> None:
    path = settings_file('owner = "me" # mine\n')
    result = cli("image", "pin", "--region", "us-east-1", "--region", "eu-west-1")
    assert result.exit_code == 1
    assert result.stdout.count(LATEST) == 2
    assert "--write puts this into oelab.toml" in result.stderr
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
    again = cli("image", "pin")
    assert again.exit_code == 0
    assert "the same" in again.stdout


def test_pin_writes_nothing_if_a_region_could_not_be_read(cli: Cli) -> None:
    text = 'image = "/mine/golden"\n'
    path = settings_file(text)
    result = cli("image", "pin", "--write", "--region", "us-east-1")
    assert result.exit_code == 3
    assert "ssm:GetParameter" in result.stderr
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        (f'image = "{OLD}"\n', [], "only a parameter tells"),
        ('[image_pins]\nus-east-1 = "ami"\n', [], "must be the id of an Amazon Machine Image"),
        (f'image_pins = {{ us-east-1 = "{OLD}" }}\n', ["--write"], "write them as a table"),
        ("", ["--write", "--settings", "none.toml"], "none.toml"),
    ],
)
def test_pin_refuses_what_it_cannot_do(
    cli: Cli, text: str, arguments: list[str], says: str
) -> None:
    path = settings_file(text)
    result = cli("image", "pin", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert path.read_text() == text


def test_pin_as_json(cli: Cli) -> None:
    result = cli("image", "pin", "--region", "us-east-1", "--json")
    document = json.loads(result.stdout)
    assert document["schema"] == "oelab.image-pin/1"
    assert document["written"] is False
    (pin,) = document["pins"]
    assert (pin["region"], pin["image_id"], pin["pinned"]) == ("us-east-1", LATEST, "")


def test_check_tells_the_age_and_fails_beyond_the_one_given(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{LATEST}"\n')
    result = cli("image", "check", "--max-age", "36500")
    assert result.exit_code == 0, result.output
    assert "days" in result.stdout
    old = cli("image", "check", "--max-age", "1", "--json")
    assert old.exit_code == 1
    (image,) = json.loads(old.stdout)["images"]
    assert image["faults"] == ["older than 1 days: run `oelab image pin --write`"]


def test_check_tells_of_an_image_that_is_gone(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{OLD}"\n')
    result = cli("image", "check")
    assert result.exit_code == 1
    assert "not there any more" in " ".join(result.stdout.split())


def test_check_looks_at_an_id_that_is_no_pin_too(cli: Cli) -> None:
    settings_file(f'image = "{LATEST}"\n')
    result = cli("image", "check", "--region", "us-east-1", "--json")
    assert result.exit_code == 1
    (image,) = json.loads(result.stdout)["images"]
    assert image["faults"] == ["older than 90 days: give the id of another one"]


def test_check_of_nothing_pinned_is_well(cli: Cli) -> None:
    result = cli("image", "check", "--region", "us-east-1")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing is pinned" in result.stderr


def image(**changes: object) -> Image:
    values: dict[str, object] = {
        "image_id": LATEST,
        "name": "al2023",
        "created": NOW - timedelta(days=10),
        "architecture": "x86_64",
        "root_device_name": "/dev/xvda",
    }
    return Image(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"created": NOW - timedelta(days=91)}, "older than 90 days"),
        ({"architecture": "arm64"}, "made for arm64, which t3.micro is not"),
        ({"root_device_name": "/dev/sda1"}, "and not /dev/xvda as in Amazon Linux"),
    ],
)
def test_what_is_wrong_with_an_image(changes: dict[str, object], says: str) -> None:
    found = faults_of(image(**changes), Settings(), NOW, timedelta(days=90))
    assert says in "; ".join(found)
    assert bool(found) == bool(says)


def test_types_that_no_instance_has_do_not_count() -> None:
    only_web = WorkloadSettings(
        name="A", stack_name="A", instance_type_app="t4g.micro", app_instances=0
    )
    settings = Settings(workloads=(only_web,))
    assert faults_of(image(), settings, NOW, timedelta(days=90)) == []
    assert family_of(settings.image).key == "amazon-linux"
