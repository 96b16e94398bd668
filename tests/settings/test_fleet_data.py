"""What must hold between the settings of the fleet's data."""

import pytest

from oelab.settings import FleetDataSettings, Settings, findings

KEY = "arn:aws:kms:us-east-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef"
ORGANIZATION = "o-a1b2c3d4e5"


def here(fleet_data: FleetDataSettings) -> Settings:
    return Settings(account="111122223333", region="eu-west-1", fleet_data=fleet_data)


WRONG = {
    "SyncBucketRegion": FleetDataSettings(bucket_region="us-east-1"),
    "SyncOrganization": FleetDataSettings(organization_id=ORGANIZATION, regions=("eu-west-1",)),
    "SyncOwnAccount": FleetDataSettings(accounts=("444455556666",)),
    "SyncOwnRegion": FleetDataSettings(regions=("us-east-1",)),
    "SyncKeyRegion": FleetDataSettings(kms_key_arn=KEY),
}
RIGHT = [
    FleetDataSettings(bucket="central", bucket_region="us-east-1", kms_key_arn=KEY),
    FleetDataSettings(accounts=("444455556666", "111122223333")),
    FleetDataSettings(regions=("us-east-1", "eu-west-1")),
    FleetDataSettings(organization_id=ORGANIZATION),
]


@pytest.mark.parametrize("rule", WRONG)
def test_what_does_not_go_together_is_one_finding(rule: str) -> None:
    found = findings(here(WRONG[rule]))
    assert [each.rule for each in found] == [rule]
    assert str(found[0].subject).startswith("fleet_data.")


@pytest.mark.parametrize("settings", RIGHT)
def test_what_goes_together_is_none(settings: FleetDataSettings) -> None:
    assert findings(here(settings)) == ()


def test_what_is_not_known_is_not_compared() -> None:
    anywhere = FleetDataSettings(
        accounts=("444455556666",), regions=("us-east-1",), kms_key_arn=KEY
    )
    assert findings(Settings(fleet_data=anywhere)) == ()


def test_no_workload_takes_the_name_of_its_stack() -> None:
    lab = Settings().workloads[0]
    taken = type(lab)(name="Fleet", stack_name="OELabFleetData")
    assert [each.rule for each in findings(Settings(workloads=(taken,)))] == ["StackNames"]
