"""docs/deployer-policy.json lets CloudFormation do all that the templates need.

What a resource type needs is what its registry schema says that its handlers call.
"""

import fnmatch
import json
from collections.abc import Iterator

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from oelab.settings import InventorySettings, LogSettings, RoleSettings, Settings, WorkloadSettings
from tests.synthesis import ROOT, Template, synthesize

# Calls that the schemas name for properties which the templates do not have.
NOT_NEEDED = (
    "vpc-lattice:*",  # service networks
    "vpce:AllowMultiRegion",  # endpoints into other Regions
    "s3tables:*",  # metadata tables
    "iam:*UserPolicy",  # policies of users and groups
    "iam:*GroupPolicy",
)

POLICY = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())


@pytest.fixture(scope="module")
def everything() -> dict[str, Template]:
    """The lab with all its optional parts."""
    private = WorkloadSettings(name="Private", stack_name="OELabStack3", private=True)
    return synthesize(
        Settings(
            role=RoleSettings(restricted_permissions=True),
            workloads=(*Settings().workloads, private),
            inventory=InventorySettings(logs=LogSettings(create_bucket=True)),
        )
    )


def needed(resource_type: str) -> Iterator[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    for operation in ("create", "read", "update", "delete"):
        yield from schema["handlers"].get(operation, {}).get("permissions", [])


def allowed(action: str) -> bool:
    patterns = [
        pattern
        for statement in POLICY["Statement"]
        for pattern in [statement["Action"]]
        for pattern in ([pattern] if isinstance(pattern, str) else pattern)
    ]
    return any(fnmatch.fnmatchcase(action, pattern) for pattern in patterns)


def test_everything_that_the_templates_need_is_allowed(everything: dict[str, Template]) -> None:
    types = {r["Type"] for template in everything.values() for r in template["Resources"].values()}
    missing = {
        action
        for resource_type in types
        for action in needed(resource_type)
        if not allowed(action)
        and not any(fnmatch.fnmatchcase(action, pattern) for pattern in NOT_NEEDED)
    }
    assert missing == set()


def test_the_role_that_the_policy_names_is_the_role_of_the_lab() -> None:
    (statement,) = [s for s in POLICY["Statement"] if s["Sid"] == "RoleOfTheNodes"]
    assert all(arn.endswith(f"/{Settings().role.name}") for arn in statement["Resource"])
