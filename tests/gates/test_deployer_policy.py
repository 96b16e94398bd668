"""docs/deployer-policy.json lets CloudFormation do all that the templates need, and hardly more.

What a resource type needs is what its registry schema says that its handlers call.
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from oelab.settings import (
    FLEET_DATA_STACK,
    FOUNDATION_STACK,
    INVENTORY_STACK,
    FleetDataSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
    WorkloadSettings,
)
from tests.synthesis import ROOT, Template, synthesize

# Calls that the schemas name for properties which the templates do not have.
NOT_NEEDED = (
    "vpc-lattice:*",  # service networks
    "vpce:AllowMultiRegion",  # endpoints into other Regions
    "s3tables:*",  # metadata tables
    "iam:*UserPolicy",  # policies of users and groups
    "iam:*GroupPolicy",
    "glue:*Connection",  # databases elsewhere
    "glue:GetSchemaVersion",  # tables with a registered schema
    "lakeformation:CreateTable",  # tables that Lake Formation governs
    "lakeformation:GetDataAccess",
    "kms:*",  # results with a key of one's own
)

IAM = "arn:aws:iam::111111111111"
ROLE = f"{IAM}:role/{Settings().role.name}"
PROFILE = f"{IAM}:instance-profile/{Settings().role.name}"
CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}

# What is called on, by the first pattern that fits the action; each where several are the same. A
# name that CloudFormation makes up begins with that of the stack; where the template leaves it to
# the service, any must do.
CALLED_ON = (
    ("iam:CreateServiceLinkedRole", f"{IAM}:role/aws-service-role/ssm.amazonaws.com/Any"),
    ("iam:*InstanceProfile", PROFILE),
    ("iam:*Role*", ROLE),
    ("iam:*", f"{IAM}:policy/{FOUNDATION_STACK}-FleetAccessReviewer-1A2B3C"),
    ("s3:*", f"arn:aws:s3:::{INVENTORY_STACK.lower()}-logsbucket-1a2b3c"),
    ("s3:*", f"arn:aws:s3:::{FLEET_DATA_STACK.lower()}-databucket-1a2b3c"),
    ("ssm:ListResourceDataSync", "*"),
    (
        "ssm:*ResourceDataSync",
        "arn:aws:ssm:us-east-1:111111111111:resource-data-sync/oelab-inventory-1",
    ),
    ("glue:*", "arn:aws:glue:us-east-1:111111111111:table/oelab_inventory/node"),
    ("athena:*", "arn:aws:athena:us-east-1:111111111111:workgroup/OELabInventory"),
    ("*", "*"),
)
CONTEXT = {
    "iam:AttachRolePolicy": {"iam:PolicyARN": CORE},
    "iam:DetachRolePolicy": {"iam:PolicyARN": CORE},
    "iam:PassRole": EC2,
}

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
            fleet_data=FleetDataSettings(enabled=True),
        )
    )


def needed(resource_type: str) -> Iterator[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    for operation in ("create", "read", "update", "delete"):
        yield from schema["handlers"].get(operation, {}).get("permissions", [])


def allowed(action: str, resource: str, context: Mapping[str, str]) -> bool:
    return any(
        any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))
        and all(
            any(fnmatchcase(context.get(key, ""), pattern) for pattern in listed(values))
            for keys in statement.get("Condition", {}).values()
            for key, values in keys.items()
        )
        for statement in POLICY["Statement"]
    )


def called_on(action: str) -> list[str]:
    first = next(pattern for pattern, _ in CALLED_ON if fnmatchcase(action, pattern))
    return [on for pattern, on in CALLED_ON if pattern == first]


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_everything_that_the_templates_need_is_allowed(everything: dict[str, Template]) -> None:
    types = {r["Type"] for template in everything.values() for r in template["Resources"].values()}
    actions = {
        action
        for resource_type in types
        for action in needed(resource_type)
        if not any(fnmatchcase(action, pattern) for pattern in NOT_NEEDED)
    }
    missing = {
        (action, on)
        for action in actions
        for on in called_on(action)
        if not allowed(action, on, CONTEXT.get(action, {}))
    }
    assert missing == set()


def test_the_managed_policy_that_the_role_may_get_is_the_one_that_it_gets(
    lab: dict[str, Template],
) -> None:
    resources = lab[FOUNDATION_STACK]["Resources"].values()
    (attached,) = (
        arn for each in resources for arn in each["Properties"].get("ManagedPolicyArns", [])
    )
    in_any_partition = ["arn:", {"Ref": "AWS::Partition"}, CORE.removeprefix("arn:aws")]
    assert attached["Fn::Join"][1] == in_any_partition


@pytest.mark.parametrize(
    ("action", "on", "context"),
    [
        (
            "iam:AttachRolePolicy",
            ROLE,
            {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        ("iam:PassRole", ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", f"{IAM}:role/Other", EC2),
        ("iam:CreateRole", f"{IAM}:role/Other", {}),
        ("iam:PutRolePolicy", f"{IAM}:role/Other", {}),
        ("iam:AddRoleToInstanceProfile", f"{IAM}:instance-profile/Other", {}),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/Other", {}),
        ("s3:DeleteBucket", "arn:aws:s3:::other", {}),
        (
            "ssm:DeleteResourceDataSync",
            "arn:aws:ssm:us-east-1:111111111111:resource-data-sync/x",
            {},
        ),
        ("glue:DeleteTable", "arn:aws:glue:us-east-1:111111111111:table/other/node", {}),
        ("athena:DeleteWorkGroup", "arn:aws:athena:us-east-1:111111111111:workgroup/primary", {}),
        (
            "athena:StartQueryExecution",
            "arn:aws:athena:us-east-1:111111111111:workgroup/OELabInventory",
            {},
        ),
    ],
)
def test_what_leads_out_of_the_lab_is_not_allowed(
    action: str, on: str, context: dict[str, str]
) -> None:
    assert not allowed(action, on, context)
