"""The accounts and Regions of settings, and which of them have a foundation."""

from pathlib import Path

import pytest

from oelab.settings import (
    EnvironmentSettings,
    RoleSettings,
    Settings,
    SettingsError,
    findings,
    load,
)

TEST, PROD = "111111111111", "222222222222"
DUBLIN, FRANKFURT = "eu-west-1", "eu-central-1"


def settings(*pairs: tuple[str, str], region_suffix: bool = False) -> Settings:
    return Settings(
        environments=tuple(EnvironmentSettings(account=a, region=r) for a, r in pairs),
        role=RoleSettings(region_suffix=region_suffix),
    )


def test_without_a_list_there_is_one_environment() -> None:
    (anywhere,) = Settings().all_environments
    assert (anywhere.account, anywhere.region) == ("", "")
    assert Settings().regions == ()
    (named,) = Settings(account=TEST, region=DUBLIN).all_environments
    assert (named.account, named.region) == (TEST, DUBLIN)


def test_the_list_takes_the_place_of_account_and_region(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    tables = (
        f'[[environments]]\naccount = "{account}"\nregion = "{DUBLIN}"\n'
        for account in (TEST, PROD)
    )
    file.write_text("".join(tables))
    listed = load(file)
    assert listed == settings((TEST, DUBLIN), (PROD, DUBLIN))
    assert listed.all_environments == listed.environments
    assert listed.regions == (DUBLIN,)


ENVIRONMENTS = ((TEST, FRANKFURT), (PROD, DUBLIN), (TEST, DUBLIN))


@pytest.mark.parametrize(
    ("region_suffix", "expected"), [(False, [True, True, False]), (True, [True, True, True])]
)
def test_a_foundation_once_an_account_unless_each_region_has_a_role(
    *, region_suffix: bool, expected: list[bool]
) -> None:
    listed = settings(*ENVIRONMENTS, region_suffix=region_suffix)
    assert [listed.has_foundation(each) for each in listed.environments] == expected


def test_the_only_environment_has_a_foundation() -> None:
    for listed in (Settings(), Settings(account=TEST, region=DUBLIN), settings((TEST, DUBLIN))):
        assert listed.has_foundation(*listed.all_environments)


def test_an_image_id_may_be_of_one_region_in_several_accounts() -> None:
    listed = settings((TEST, DUBLIN), (PROD, DUBLIN))
    assert findings(Settings(environments=listed.environments, image="ami-12345678")) == ()


def test_nothing_follows_from_environments_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'environments = [{{ region = "{DUBLIN}" }}, {{ region = "{DUBLIN}" }}]')
    with pytest.raises(SettingsError) as error:
        load(file)
    assert [each.rule for each in error.value.findings] == ["MissingSetting", "MissingSetting"]
