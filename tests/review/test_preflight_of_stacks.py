"""Stacks that bear the names of ours: whose they are, and whether they take an update."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oelab.findings import Finding, Severity
from oelab.review.account_snapshot import DeployedStack, Survey
from oelab.review.expected_fleet import Expectation
from oelab.review.models import Place
from oelab.review.stack_ownership import are_ours
from oelab.review.verdicts.preflight import preflight_findings
from oelab.settings import InventorySettings, LogSettings, RoleSettings, Settings, WorkloadSettings
from tests.synthesis import synthesize

TESTS = Path(__file__).resolve().parents[1]
_RESOURCE = re.compile(r"^  (\w+):\n    Type: AWS::(?!SSM::Parameter::Value)", re.MULTILINE)
OF_OTHERS = {
    "VPC": ("AWS::EC2::VPC", "vpc-1"),
    "WebSecurityGroup": ("AWS::EC2::SecurityGroup", "sg-1"),
    "Web1": ("AWS::EC2::Instance", "i-1"),
    "Role": ("AWS::IAM::Role", "ManagedInstancesRole"),
}
STACK = DeployedStack(name="OELabStack1", status="CREATE_COMPLETE", resources={}, resolved={})


def found(stack: DeployedStack) -> list[Finding]:
    """What stands in the way where this stack and the role are there."""
    survey = Survey(
        place=Place(profile="", region="us-east-1"),
        supported=True,
        account="111122223333",
        stacks={stack.name: stack},
        associations=(),
        instances=(),
        role_exists=True,
    )
    return preflight_findings([survey], Expectation(Settings()))


def handed_over() -> Iterator[tuple[str, list[str]]]:
    """The logical ids of each template of each release and of now, the bundle's too."""
    for path in sorted([*TESTS.glob("releases/**/*"), *TESTS.glob("snapshots/**/*")]):
        if path.name.endswith(".template.json"):
            yield str(path.relative_to(TESTS)), list(json.loads(path.read_text())["Resources"])
        elif path.suffix == ".yaml":
            yield str(path.relative_to(TESTS)), _RESOURCE.findall(path.read_text())


HANDED_OVER = dict(handed_over())


@pytest.mark.parametrize("name", HANDED_OVER)
def test_every_template_of_ours_is_known_by_its_logical_ids(name: str) -> None:
    assert HANDED_OVER[name]
    assert are_ours(HANDED_OVER[name])


@pytest.mark.parametrize(
    "settings",
    [
        Settings(role=RoleSettings(create=False)),
        Settings(inventory=InventorySettings(logs=LogSettings(create_bucket=True))),
        Settings(workloads=(WorkloadSettings(name="A", stack_name="A", private=True),)),
        Settings(
            workloads=(
                WorkloadSettings(
                    name="A",
                    stack_name="A",
                    subnet_id="subnet-0123456789abcdef0",
                    security_group_ids=("sg-0123456789abcdef0",),
                ),
            )
        ),
    ],
    ids=["existing-role", "own-bucket", "private", "existing-network"],
)
def test_every_stack_of_other_settings_is_known_by_them_too(settings: Settings) -> None:
    for template in synthesize(settings).values():
        assert are_ours(template["Resources"].keys())


def test_a_stack_of_others_by_our_name_would_be_destroyed_and_nothing_of_it_is_ours() -> None:
    stack, role = found(replace(STACK, resources=OF_OTHERS))
    assert (stack.rule, stack.severity) == ("stack", Severity.ERROR)
    assert "OELabStack1 is not of this app, and a deployment would delete the 4" in stack.reason
    assert role.rule == "role"


@pytest.mark.parametrize(("name", "may"), [("OELabStack1", True), ("OELabInventory", False)])
def test_another_name_is_advised_where_the_settings_name_the_stack(name: str, may: bool) -> None:
    stack, *_ = found(replace(STACK, name=name, resources=OF_OTHERS))
    assert ("`stack_name`" in stack.remedy) == may


@pytest.mark.parametrize(
    ("status", "protected", "severity", "says"),
    [
        ("CREATE_COMPLETE", True, None, ""),
        ("UPDATE_COMPLETE", False, None, ""),
        ("UPDATE_ROLLBACK_COMPLETE", False, None, ""),
        ("IMPORT_COMPLETE", False, None, ""),
        ("REVIEW_IN_PROGRESS", False, None, ""),
        ("UPDATE_IN_PROGRESS", False, Severity.ERROR, "wait until"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False, Severity.ERROR, "wait until"),
        ("DELETE_IN_PROGRESS", False, Severity.ERROR, "wait until"),
        ("CREATE_FAILED", False, Severity.ERROR, "`cdk rollback OELabStack1`"),
        ("UPDATE_ROLLBACK_FAILED", False, Severity.ERROR, "`cdk rollback OELabStack1`"),
        ("ROLLBACK_FAILED", False, Severity.ERROR, "delete the stack"),
        ("DELETE_FAILED", False, Severity.ERROR, "delete the stack"),
        ("IMPORT_ROLLBACK_FAILED", False, Severity.ERROR, "see in its events"),
        ("ROLLBACK_COMPLETE", False, Severity.NOTE, "`cdk deploy` deletes it"),
        ("ROLLBACK_COMPLETE", True, Severity.ERROR, "turn its termination protection off"),
    ],
)
def test_the_status_of_a_stack_of_ours(
    status: str, protected: bool, severity: Severity | None, says: str
) -> None:
    all_of_them = found(replace(STACK, status=status, protected=protected))
    about_stack = next((each for each in all_of_them if each.rule == "stack"), None)
    assert (about_stack.severity if about_stack else None) is severity
    assert says in (about_stack.remedy if about_stack else "")
