"""Arguments, settings and configuration that cannot be used: all faults in one answer, code 2."""

from pathlib import Path

import pytest

from tests.command_line.conftest import Cli
from tests.command_line.fake_aws import use


@pytest.fixture(autouse=True)
def _profile(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[profile lab]\nregion = us-east-1\n[profile moon]\nregion = moon\n"
    )
    (tmp_path / "wrong.toml").write_text('owner = 1\nregion = "moon"\n')


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["status"], {}, ["no Region: name one with --region"]),
        (["status", "--region", "us east 1"], {}, ["the Region must be the code of a Region"]),
        (["status", "--profile", "moon"], {}, ["the Region must be the code of a Region"]),
        (["status"], {"AWS_REGION": "moon"}, ["the Region must be the code of a Region"]),
        (["status"], {"AWS_DEFAULT_REGION": "moon"}, ["the Region must be the code of a Region"]),
        (["status", "--profile", "lap"], {}, ["(lap) could not be found; known are: lab, moon"]),
        (["status"], {"AWS_PROFILE": "nope"}, ["(nope) could not be found; known are: lab, moon"]),
        (["status", "--settings", "nowhere.toml"], {}, ["nowhere.toml"]),
        (["status", "--settings", "wrong.toml"], {}, ["owner must be", "region must be"]),
        (["status", "--json", "--csv"], {}, ["exclude each other"]),
        (["compare", "Test", "Staging"], {}, ["'Test' and 'Staging' must be two workloads"]),
        (["compare", "Test", "Test"], {}, ["must be two workloads of the settings"]),
        (["inventory"], {}, ["must name a node, a --package, or a --type"]),
        (["inventory", "--version", "<3"], {}, ["--version must come with --package"]),
        (["inventory", "--version", ""], {}, ["--version ''", "--version must come with"]),
        (["inventory", "--package", "a", "--version", "<abc"], {}, ["--version '<abc'"]),
        (["inventory", "--package", " "], {}, ["--package must not be empty"]),
        (["inventory", "", "--type", ""], {}, ["NODE must not be empty", "--type must not"]),
        (["inventory", "--package", "a", "--type", "AWS:Network"], {}, ["without --type"]),
        (["image", "pin", "--settings", "nowhere.toml"], {}, ["nowhere.toml"]),
        (["diff"], {}, ["give --base REF"]),
        (["diff", "one"], {}, ["give --base REF"]),
    ],
)
def test_what_cannot_be_used_is_named(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    says: list[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = cli(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert all(each in result.stderr for each in says), result.stderr
    assert "Traceback" not in result.stderr


def test_a_profile_that_is_named_goes_before_an_unknown_one_of_the_environment(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    assert cli("preflight", "--profile", "lab").exit_code == 3


def test_an_endpoint_that_is_no_address(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    use("nonsense", monkeypatch)
    result = cli("preflight")
    assert result.exit_code == 2
    assert "Invalid endpoint: nonsense; check AWS_ENDPOINT_URL" in result.stderr


def test_without_settings_those_of_the_lab_count(cli: Cli) -> None:
    said = cli("wait", "--region", "us-east-1").stderr
    assert said.startswith("no oelab.toml in this folder: going by the lab's own settings; ")
    assert "oelab.toml" not in cli("wait", "--region", "us-east-1", "--settings", "").stderr
