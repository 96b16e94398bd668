"""`oelab image`: pins resolved and looked at on the local AWS."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localaws import LocalAws
from oelab.review.images import Image, Judgement, judge, unfit, why_replace
from oelab.settings import Settings, WorkloadSettings, load
from oelab.systems_manager.images import family_of
from tests.review.conftest import Cli, point_at

LATEST = "ami-0c2023a1b2c3d4e5f"
OLD = "ami-0aaaaaaaaaaaaaaaa"
ARM = "ami-0a2023a1b2c3d4e5f"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _reachable(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(local_aws, "100000000000", monkeypatch)


def checked(cli: Cli, *arguments: str, code: int = 0) -> Any:
    """The one image that `image check` finds."""
    result = cli("image", "check", *arguments, "--json")
    assert result.exit_code == code, result.output
    (found,) = json.loads(result.stdout)["images"]
    return found


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


def test_pin_writes_into_no_file_that_was_not_meant(cli: Cli) -> None:
    path = settings_file('owner = "me"\n')
    result = cli("image", "pin", "--write", "--settings", "", "--region", "us-east-1")
    assert result.exit_code == 2
    assert "there is no file to write to; name one with --settings" in result.stderr
    assert path.read_text() == 'owner = "me"\n'


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


def test_pin_tells_that_the_file_cannot_be_written(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    settings_file("")
    monkeypatch.setattr("oelab.settings.pins.NamedTemporaryFile", refuse)
    result = cli("image", "pin", "--write", "--region", "us-east-1")
    assert result.exit_code == 2
    assert "oelab.toml cannot be written: Permission denied" in result.stderr


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


def test_check_tells_the_age_of_what_the_parameter_still_holds_and_is_well(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{LATEST}"\n')
    young = checked(cli, "--max-age", "36500")
    assert (young["faults"], young["notes"], young["latest"]) == ([], [], None)
    old = checked(cli, "--max-age", "1")
    assert old["age_days"] > 1
    assert old["latest"] == LATEST
    assert old["faults"] == []
    assert old["notes"] == ["older than 1 day, and the parameter holds none newer"]
    assert "ok; older than 1 day" in cli("image", "check", "--max-age", "1").stdout


def test_check_fails_where_the_parameter_holds_another_and_pinning_mends_it(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{ARM}"\n')
    fault = "older than 1 day: run `oelab image pin --write`"
    assert checked(cli, "--max-age", "1", code=1)["faults"][0] == fault
    assert cli("image", "pin", "--write").exit_code == 0
    assert checked(cli, "--max-age", "1")["faults"] == []


def test_check_asks_once_for_the_parameter_of_a_region_and_only_for_an_old_pin(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{LATEST}"\neu-west-1 = "{LATEST}"\n')
    asked: list[str] = []

    def read(clients: Any, _: str) -> str:
        asked.append(clients.place.region)
        return LATEST

    monkeypatch.setattr("oelab.review.commands.image_check_view.read_parameter", read)
    assert cli("image", "check", "--max-age", "36500").exit_code == 0
    assert asked == []
    assert cli("image", "check", "--max-age", "1").exit_code == 0
    assert sorted(asked) == ["eu-west-1", "us-east-1"]


def test_check_does_not_guess_what_an_unread_parameter_holds(cli: Cli) -> None:
    settings_file(
        'image = "/mine/golden"\nimage_family = "amazon-linux"\n'
        f'[image_pins]\nus-east-1 = "{LATEST}"\n'
    )
    result = cli("image", "check", "--json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert [each["call"] for each in document["unread"]] == ["ssm:GetParameter"]
    assert document["images"][0]["latest"] is None
    assert "what the parameter holds is not known" in document["images"][0]["faults"][0]


def test_check_of_an_image_without_a_date_is_no_error(cli: Cli) -> None:
    settings_file('image = "ami-0123456789abcdef0"\n')
    result = cli("image", "check", "--region", "us-east-1")
    assert result.exit_code == 0, result.output
    assert "age not known" in result.stdout
    document = checked(cli, "--region", "us-east-1")
    assert (document["created"], document["age_days"]) == (None, None)


def test_check_tells_of_an_image_that_is_gone(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{OLD}"\n')
    result = cli("image", "check")
    assert result.exit_code == 1
    assert "not there any more" in " ".join(result.stdout.split())


def test_check_looks_at_an_id_that_is_no_pin_too(cli: Cli) -> None:
    settings_file(f'image = "{LATEST}"\n')
    found = checked(cli, "--region", "us-east-1", code=1)
    assert found["faults"] == ["older than 90 days: give the id of another one"]


def test_check_of_nothing_pinned_is_well(cli: Cli) -> None:
    result = cli("image", "check", "--region", "us-east-1")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing is pinned" in result.stderr


def test_check_fails_in_a_region_without_a_pin_beside_others(cli: Cli) -> None:
    settings_file(f'[image_pins]\nus-east-1 = "{LATEST}"\n')
    found = checked(cli, "--region", "eu-west-1", code=1)
    assert (found["region"], found["image_id"]) == ("eu-west-1", "")
    assert found["faults"] == [
        "images are pinned for us-east-1 alone: pin one here before deploying a workload"
    ]


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
        ({"architecture": "arm64"}, "made for arm64, which t3.micro is not"),
        ({"root_device_name": "/dev/sda1"}, "and not /dev/xvda as in Amazon Linux"),
    ],
)
def test_what_is_wrong_with_an_image(changes: dict[str, object], says: str) -> None:
    found = list(unfit(image(**changes), Settings()))
    assert says in "; ".join(found)
    assert bool(found) == bool(says)


@pytest.mark.parametrize(
    ("created", "why"),
    [
        (NOW - timedelta(days=90), ""),
        (NOW - timedelta(days=91), "older than 90 days"),
        (None, ""),
    ],
)
def test_an_image_is_to_be_replaced_for_its_age(created: datetime | None, why: str) -> None:
    assert why_replace(image(created=created), NOW, timedelta(days=90)) == why


def test_an_image_that_is_gone_is_never_well() -> None:
    held = judge(LATEST, None, "gone", Settings(), LATEST)
    assert held == Judgement(
        faults=("gone, and the parameter holds no other: name another `image`",)
    )
    other = judge(OLD, None, "gone", Settings(), LATEST)
    assert other == Judgement(faults=("gone: run `oelab image pin --write`",))


def test_types_that_no_instance_has_do_not_count() -> None:
    only_web = WorkloadSettings(
        name="A", stack_name="A", instance_type_app="t4g.micro", app_instances=0
    )
    settings = Settings(workloads=(only_web,))
    assert list(unfit(image(), settings)) == []
    assert family_of(settings.image).key == "amazon-linux"
