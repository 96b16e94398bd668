"""docs/deployer-policy.json lets CloudFormation do all that the templates need, and hardly more.

What a resource type needs is what its registry schema says that its handlers call. What is denied
is in permissions.toml.
"""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from oelab.settings import (
    FLEET_DATA_STACK,
    FOUNDATION_STACK,
    INVENTORY_STACK,
    ExistingInstanceSettings,
    FleetDataSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
    WorkloadSettings,
)
from tests.gates.authorization import (
    DEPLOYER,
    RESOURCES,
    STACK_NAME,
    TABLE,
    actions,
    allows,
    resource_types,
)
from tests.linting import resource_schema
from tests.synthesis import Template, of_type, synthesize

# Calls that the schemas name for properties which the templates do not have.
NOT_NEEDED = (
    "ec2:CreateVpcEncryptionControl",  # encryption between instances
    "ec2:AttachVolume",  # volumes apart from the root volume
    "ec2:DetachVolume",
    "ec2:*VpnGateway",
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

# By service and type of resource, what calls of a deployment are evaluated on.
SAMPLES: dict[str, dict[str, str]] = TABLE["samples"]
# Calls on resources without tags of the stack: new ones, and a network that settings name.
ON_UNTAGGED = ("ec2:RunInstances", "ssm:AddTagsToResource")

Call = tuple[str, dict[str, str]]
Type = tuple[str, str]
"""A service, and a type of its resources, such as ("ec2", "vpc-endpoint")."""


@pytest.fixture(scope="module")
def everything() -> dict[str, Template]:
    """The lab with all its optional parts."""
    private = WorkloadSettings(name="Private", stack_name="OELabStack3", private=True)
    return synthesize(
        Settings(
            role=RoleSettings(restricted_permissions=True),
            workloads=(*Settings().workloads, private),
            inventory=InventorySettings(logs=LogSettings(create_bucket=True)),
            existing_instances=ExistingInstanceSettings(attach_profile=True),
            fleet_data=FleetDataSettings(enabled=True),
        )
    )


@pytest.fixture(scope="module")
def tagged(everything: dict[str, Template]) -> set[Type]:
    """What the stacks have of what CloudFormation creates with the name of the stack as a tag.

    Source: Resource type schema, in the user guide of extension development.
    """
    found = set()
    for resource_type in types_in(everything):
        tagging = resource_schema(resource_type).get("tagging", {})
        if tagging.get("cloudFormationSystemTags") and tagging.get("tagOnCreate"):
            _, service, name = resource_type.lower().split("::")
            names = {each.replace("-", ""): each for each in SAMPLES.get(service, {})}
            found |= {(service, names[name])} if name in names else set()
    return found


def types_in(templates: dict[str, Template]) -> set[str]:
    return {each["Type"] for one in templates.values() for each in one["Resources"].values()}


def needed(resource_type: str) -> Iterator[str]:
    handlers = resource_schema(resource_type)["handlers"]
    for operation in ("create", "read", "update", "delete"):
        yield from handlers.get(operation, {}).get("permissions", [])


def created_by(action: str) -> str:
    """The type of what a call creates, such as vpc-endpoint for ec2:CreateVpcEndpoint."""
    name = action.split(":")[1].removeprefix("Create")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def evaluated_on(action: str, tagged: set[Type]) -> Iterator[Call]:
    """Each resource that a call of the action is evaluated on, with the condition keys there."""
    service = action.split(":")[0]
    samples = SAMPLES.get(service, {})
    types = resource_types(action) if samples else []
    if not types:
        on = next(on for pattern, on in CALLED_ON if fnmatchcase(action, pattern))
        yield on, CONTEXT.get(action, {})
        return
    if "Tags" in action:
        types = [each for each in types if (service, each) in tagged]
    assert {*types} & {*samples}, f"none of [samples.{service}] to try {action} on: {types}"
    for each in types:
        if each in samples:
            is_new = each == created_by(action)
            is_tagged = (service, each) in tagged and not is_new and action not in ON_UNTAGGED
            context = {STACK_NAME: "OELabStack1"} if is_tagged else {}
            yield RESOURCES[samples[each]], context


def test_everything_that_the_templates_need_is_allowed(
    everything: dict[str, Template], tagged: set[Type]
) -> None:
    calls = [
        (action, *call)
        for action in {action for each in types_in(everything) for action in needed(each)}
        if not any(fnmatchcase(action, pattern) for pattern in NOT_NEEDED)
        for call in evaluated_on(action, tagged)
    ]
    assert len(calls) > 150
    assert [call for call in calls if not allows([DEPLOYER], *call)] == []


def test_what_a_call_creates_may_be_tagged_in_that_call(tagged: set[Type]) -> None:
    of_ec2 = {("ec2", each) for each in SAMPLES["ec2"]}
    assert len(tagged) >= 8
    for service, created in of_ec2 | tagged:
        action = {"ec2": "ec2:CreateTags", "ssm": "ssm:AddTagsToResource"}[service]
        context = {"ec2:CreateAction": "CreateIt"} if service == "ec2" else {}
        on = RESOURCES[SAMPLES[service][created]]
        assert allows([DEPLOYER], action, on, context), (action, on)


def test_the_condition_is_on_the_names_of_the_stacks(everything: dict[str, Template]) -> None:
    names = {
        name
        for statement in DEPLOYER["Statement"]
        for keys in statement.get("Condition", {}).values()
        for key, name in keys.items()
        if key == STACK_NAME
    }
    (pattern,) = names
    assert all(fnmatchcase(stack, pattern) for stack in everything)


def test_associations_have_only_the_document_of_the_templates(
    everything: dict[str, Template],
) -> None:
    documents = {
        each["Properties"]["Name"]
        for template in everything.values()
        for each in of_type(template, "AWS::SSM::Association")
    }
    allowed = {
        arn.partition(":document/")[2]
        for statement in DEPLOYER["Statement"]
        if "ssm:CreateAssociation" in statement["Action"]
        for arn in listed(statement["Resource"])
        if ":document/" in arn
    }
    assert allowed == documents


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_every_action_of_the_policy_exists() -> None:
    known = actions()
    patterns = {
        pattern.lower()
        for statement in DEPLOYER["Statement"]
        for pattern in listed(statement["Action"])
    }
    assert [each for each in patterns if not any(fnmatchcase(a, each) for a in known)] == []


def test_iam_takes_a_policy_of_this_size() -> None:
    """6,144 characters without white space. Source: IAM User Guide, quotas."""
    assert len("".join(json.dumps(DEPLOYER, separators=(",", ":")).split())) <= 6144


def test_the_managed_policy_that_the_role_may_get_is_the_one_that_it_gets(
    lab: dict[str, Template],
) -> None:
    resources = lab[FOUNDATION_STACK]["Resources"].values()
    (attached,) = (
        arn for each in resources for arn in each["Properties"].get("ManagedPolicyArns", [])
    )
    in_any_partition = ["arn:", {"Ref": "AWS::Partition"}, CORE.removeprefix("arn:aws")]
    assert attached["Fn::Join"][1] == in_any_partition
