"""The stacks of this app, of whatever version, and of its bundle are known by their logical ids."""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from oelab.review.snapshots import DeployedStack
from oelab.settings import (
    ExistingInstanceSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
    WorkloadSettings,
)
from tests.synthesis import synthesize

TESTS = Path(__file__).resolve().parents[1]
_RESOURCE = re.compile(r"^  (\w+):\n    Type: AWS::(?!SSM::Parameter::Value)", re.MULTILINE)


def are_ours(logical_ids: Collection[str]) -> bool:
    resources = dict.fromkeys(logical_ids, ("AWS::EC2::VPC", "vpc-1"))
    return DeployedStack(name="A", status="", resources=resources, resolved={}).is_ours


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
        Settings(existing_instances=ExistingInstanceSettings(attach_profile=True)),
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
    ids=["existing-role", "own-bucket", "attached", "private", "existing-network"],
)
def test_every_stack_of_other_settings_is_known_by_them_too(settings: Settings) -> None:
    for template in synthesize(settings).values():
        assert are_ours(template["Resources"].keys())
