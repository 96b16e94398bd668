"""Two accounts with two Regions each: deployed, compared and destroyed by one command each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localaws import LocalAws
from localaws.cdk_cli import CdkCli
from tests.waiting import eventually

DEPLOYING, OTHER = "111111111111", "222222222222"
REGIONS = ("us-east-1", "eu-west-1")
PLACES = [(account, region) for account in (DEPLOYING, OTHER) for region in REGIONS]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"

WORKLOAD = """
[[workloads]]
name = "Test"
stack_name = "OELabStack1"
web_instances = 1
app_instances = 0
"""


class Organization:
    """A local AWS with the accounts, and the CLI of the one from which all is deployed."""

    def __init__(self, aws: LocalAws, cdk: CdkCli, settings: Path) -> None:
        self._aws = aws
        self._cdk = cdk
        self._settings = settings

    def cdk(self, *arguments: str) -> str:
        return self._cdk.check(*arguments, "-c", f"settings={self._settings}")

    def client(self, service: str, account: str, region: str) -> Any:
        return self._aws.client(service, account=account, region=region)

    def stacks(self, account: str, region: str) -> set[str]:
        found = self.client("cloudformation", account, region).describe_stacks()["Stacks"]
        return {each["StackName"] for each in found} - {"CDKToolkit"}

    def inventoried(self, account: str, region: str) -> int:
        """How many nodes have told which packages they have."""
        ssm = self.client("ssm", account, region)
        answer = ssm.get_inventory(ResultAttributes=[{"TypeName": "AWS:Application"}])
        return sum("AWS:Application" in each["Data"] for each in answer["Entities"])


def write_settings(path: Path) -> None:
    tables = (
        f'[[environments]]\naccount = "{account}"\nregion = "{region}"\n'
        for account, region in PLACES
    )
    path.write_text("".join(tables) + WORKLOAD)


def bootstrap(cdk: CdkCli, account: str, *options: str) -> None:
    places = (f"aws://{account}/{region}" for region in REGIONS)
    cdk.check("bootstrap", *places, *options)


@pytest.fixture(scope="module")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organization]:
    settings = tmp_path_factory.mktemp("settings") / "settings.toml"
    write_settings(settings)
    with (
        LocalAws() as aws,
        CdkCli.on(aws, DEPLOYING) as cdk,
        CdkCli.on(aws, OTHER) as cdk_of_other,
    ):
        bootstrap(cdk, DEPLOYING)
        trust = ("--trust", DEPLOYING, "--cloudformation-execution-policies", ADMINISTRATOR)
        bootstrap(cdk_of_other, OTHER, *trust)
        organization = Organization(aws, cdk, settings)
        organization.cdk("deploy", "**", "--require-approval", "never")
        yield organization


@pytest.mark.parametrize(("account", "region"), PLACES)
def test_every_account_and_region_has_its_stacks(
    organization: Organization, account: str, region: str
) -> None:
    foundation = {"OELabFoundation"} if region == REGIONS[0] else set()
    assert organization.stacks(account, region) == {"OELabStack1", "OELabInventory"} | foundation


@pytest.mark.parametrize(("account", "region"), PLACES)
def test_the_node_of_every_account_and_region_is_inventoried(
    organization: Organization, account: str, region: str
) -> None:
    eventually(lambda: organization.inventoried(account, region) == 1)


def test_a_diff_right_after_is_clean(organization: Organization) -> None:
    output = organization.cdk("diff", "--fail", "**")
    assert "Number of stacks with differences: 0" in output


def test_destroying_leaves_nothing_anywhere(organization: Organization) -> None:
    organization.cdk("destroy", "**", "--force")
    for place in PLACES:
        assert organization.stacks(*place) == set()
    for account in (DEPLOYING, OTHER):
        roles = organization.client("iam", account, REGIONS[0]).list_roles()["Roles"]
        assert "ManagedInstancesRole" not in {each["RoleName"] for each in roles}
