"""A lab whose nodes are those of a resource group, with logs in a bucket of its own."""

import json
from pathlib import Path

import pytest

from localaws import LocalAws
from oelab.settings import load
from tests.command_line.conftest import Cli, Lab, deploy, point_at
from tests.synthesis import synthesize
from tests.waiting import eventually

SETTINGS = """
[inventory.logs]
create_bucket = true
prefix = "ssm"
[[inventory.associations]]
targets.resource_group = "Fleet"
"""
QUERY = {
    "ResourceTypeFilters": ["AWS::EC2::Instance"],
    "TagFilters": [{"Key": "Environment", "Values": ["OELabIPM"]}],
}


@pytest.fixture
def lab_of_group(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The group Fleet with every instance of the lab, settled."""
    account = "130000000001"
    local_aws.client("resource-groups", account=account).create_group(
        Name="Fleet", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps(QUERY)}
    )
    Path("oelab.toml").write_text(SETTINGS)
    deploy(local_aws, account, synthesize(load(Path("oelab.toml"))))
    lab = Lab(local_aws, account)
    eventually(lab.is_settled)
    point_at(local_aws, account, monkeypatch)
    return lab


def found(cli: Cli, *arguments: str) -> tuple[int, set[str]]:
    """The exit code and the rules that are found."""
    result = cli(*arguments, "--json")
    return result.exit_code, {each["rule"] for each in json.loads(result.stdout)["findings"]}


def test_a_lab_of_a_group_is_well_until_its_logs_or_its_group_are_lost(
    lab_of_group: Lab, cli: Cli
) -> None:
    for command in ("preflight", "status", "associations", "inventory", "compliance"):
        assert found(cli, command) == (0, set()), command
    deny = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    lab_of_group.client("iam").put_role_policy(
        RoleName="ManagedInstancesRole",
        PolicyName="Deny",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
    )
    assert found(cli, "associations") == (1, {"logs-not-writable"})
    lab_of_group.client("resource-groups").delete_group(Group="Fleet")
    for command in ("preflight", "status", "inventory", "compliance"):
        code, rules = found(cli, command)
        assert code == 1, command
        assert "resource-group-unknown" in rules, command
