"""Two accounts with two Regions each: deployed, reviewed and destroyed by one command each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from localaws import LocalAws
from localaws.cdk_cli import CdkCli
from tests.deploy import bootstrap, review
from tests.waiting import eventually

DEPLOYING, OTHER = "111111111111", "222222222222"
REGIONS = ("us-east-1", "eu-west-1")
PLACES = [(account, region) for account in (DEPLOYING, OTHER) for region in REGIONS]
PROFILES = {"test": DEPLOYING, "prod": OTHER}
REVIEWER = "lab/Reviewer"
Places = list[tuple[str, str]]
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

    def deploy(self) -> None:
        options = ("--concurrency", "4", "--require-approval", "never")
        self._cdk.check("deploy", "**", *options, "-c", f"settings={self._settings}")

    def cdk(self, *arguments: str) -> str:
        """Run the CLI on what has been deployed."""
        return self._cdk.check(*arguments, "--app", str(self._cdk.out_dir))

    def review(self, *arguments: str, has_profiles: bool = False) -> tuple[int, Any]:
        """The exit code and the document of a command, with the credentials of one account.

        Or with a profile for each account and no other credentials.
        """
        environment = (
            self._aws.profile_environment(PROFILES)
            if has_profiles
            else self._aws.account_environment(DEPLOYING)
        )
        return review(environment, self._settings, *arguments)

    @contextmanager
    def other_settings(self, workload: str) -> Iterator[None]:
        """Another workload in the settings for as long as the block lasts."""
        write_settings(self._settings, workload)
        try:
            yield
        finally:
            write_settings(self._settings)

    def let_review(self, account: str) -> None:
        """Create the role that the account from which all is deployed may assume."""
        path, _, name = REVIEWER.rpartition("/")
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{DEPLOYING}:root"},
        }
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam = self.client("iam", account, REGIONS[0])
        iam.create_role(Path=f"/{path}/", RoleName=name, AssumeRolePolicyDocument=trust)

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


def write_settings(path: Path, workload: str = WORKLOAD) -> None:
    tables = (
        f'[[environments]]\naccount = "{account}"\nregion = "{region}"\n'
        for account, region in PLACES
    )
    path.write_text("".join(tables) + workload)


@pytest.fixture(scope="module")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organization]:
    settings = tmp_path_factory.mktemp("settings") / "settings.toml"
    write_settings(settings)
    with (
        LocalAws() as aws,
        CdkCli.on(aws, DEPLOYING) as cdk,
        CdkCli.on(aws, OTHER) as cdk_of_other,
    ):
        bootstrap(cdk, account=DEPLOYING, regions=REGIONS)
        trust = ("--trust", DEPLOYING, "--cloudformation-execution-policies", ADMINISTRATOR)
        bootstrap(cdk_of_other, *trust, account=OTHER, regions=REGIONS)
        organization = Organization(aws, cdk, settings)
        organization.deploy()
        organization.let_review(OTHER)
        yield organization


def places(rows: list[dict[str, Any]]) -> Places:
    return sorted({(row["account"], row["region"]) for row in rows})


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


@pytest.mark.parametrize(
    "arguments",
    [["--role", REVIEWER], [word for name in PROFILES for word in ("--profile", name)]],
    ids=["role", "profiles"],
)
def test_one_command_reviews_all_of_them(organization: Organization, arguments: list[str]) -> None:
    has_profiles = "--profile" in arguments
    code, status = organization.review("status", *arguments, has_profiles=has_profiles)
    assert code == 0, status
    assert [node["verdict"] for node in status["nodes"]] == ["ok"] * len(PLACES)
    assert places(status["nodes"]) == sorted(PLACES)
    code, before = organization.review("preflight", *arguments, has_profiles=has_profiles)
    assert (code, before["findings"]) == (0, [])


@pytest.mark.parametrize("arguments", [[], ["--role", "Nobody"]], ids=["none", "denied"])
def test_an_account_that_cannot_be_read_is_named_and_the_others_are_shown(
    organization: Organization, arguments: list[str]
) -> None:
    code, status = organization.review("status", *arguments)
    assert code == 3
    assert places(status["unread"]) == sorted((OTHER, region) for region in REGIONS)
    well = [node for node in status["nodes"] if node["verdict"] == "ok"]
    assert places(well) == sorted((DEPLOYING, region) for region in REGIONS)


def test_what_the_settings_define_no_more_is_found_where_it_is(organization: Organization) -> None:
    with organization.other_settings(WORKLOAD.replace("OELabStack1", "OELabStack9")):
        code, before = organization.review("preflight", "--role", REVIEWER)
    assert code == 1
    found = [each for each in before["findings"] if each["rule"] == "stack-not-defined"]
    assert {each["subject"] for each in found} == {"the stack OELabStack1"}
    assert places(found) == sorted(PLACES)
    assert not [each for each in before["findings"] if "role" in each["rule"]]


def test_a_diff_right_after_is_clean(organization: Organization) -> None:
    output = organization.cdk("diff", "--fail", "**")
    assert "Number of stacks with differences: 0" in output


def test_destroying_leaves_nothing_anywhere(organization: Organization) -> None:
    organization.cdk("destroy", "**", "--concurrency", "4", "--force")
    for place in PLACES:
        assert organization.stacks(*place) == set()
    for account in (DEPLOYING, OTHER):
        roles = organization.client("iam", account, REGIONS[0]).list_roles()["Roles"]
        assert "ManagedInstancesRole" not in {each["RoleName"] for each in roles}
