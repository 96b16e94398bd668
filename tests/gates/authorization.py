"""The policies of the app, evaluated as IAM does, and what each service lets a policy say.

The evaluator is the one of the local AWS, which knows nothing of this project.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from localaws.adapter import iam
from oelab.settings import FleetDataSettings, InventorySettings, LogSettings, RoleSettings, Settings
from oelab.template.assembly import Stack
from oelab.template.expression import Expression
from tests.linting import service_authorization
from tests.policies import resolved
from tests.synthesis import ROOT, app_of, stacks_of

Document = dict[str, Any]

ACCOUNT, REGION = "111122223333", "us-east-1"
STACK_NAME = "aws:ResourceTag/aws:cloudformation:stack-name"

TABLE = tomllib.loads(Path(__file__).with_name("permissions.toml").read_text())
RESOURCES: dict[str, str] = TABLE["resources"]

DEPLOYER: Document = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())

SETTINGS = Settings(
    account=ACCOUNT,
    region=REGION,
    role=RoleSettings(restricted_permissions=True),
    inventory=InventorySettings(logs=LogSettings(bucket="logs-of-mine", prefix="inventory")),
    fleet_data=FleetDataSettings(
        enabled=True,
        kms_key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef",
    ),
)

# What references to resources of OELabFleetData stand for.
CREATED = {
    "DataBucketE6B0FAA8.Arn": RESOURCES["data-bucket"],
    "TablesDatabaseAABD3FAE": "oelab_inventory",
    "TablesResultsD85FCDF1.Arn": RESOURCES["results-bucket"],
    "TablesWorkgroup2B713C02": "OELabInventory",
}


@cache
def policies() -> dict[str, list[Document]]:
    """The policies that each kind of principal has, as IAM gets them."""
    stacks = {stack.name: stack for stack in stacks_of(app_of(SETTINGS))}
    foundation = _policies_of(stacks["OELabFoundation"])
    (reviewer,) = (each for name, each in foundation.items() if "Reviewer" in name)
    (operator,) = (each for name, each in foundation.items() if "Operator" in name)
    (node,) = (each for name, each in foundation.items() if "ManagedNode" in name)
    logs = _policies_of(stacks["OELabInventory"]).values()
    (analyst,) = _policies_of(stacks["OELabFleetData"]).values()
    return {
        "deployer": [DEPLOYER],
        "reviewer": [reviewer],
        "operator": [operator, reviewer],
        "node": [node, *logs],
        "analyst": [resolved(analyst, CREATED)],
    }


def _policies_of(stack: Stack) -> dict[str, Document]:
    documents = {
        logical_id: Expression(stack, resource["Properties"]["PolicyDocument"]).evaluate()
        for logical_id, resource in stack.template["Resources"].items()
        if resource["Type"] in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
    }
    text = json.dumps(documents).replace("${AWS::Partition}", "aws")
    resolved: dict[str, Document] = json.loads(text)
    return resolved


def allows(
    documents: Sequence[Document],
    action: str,
    resource: str,
    context: Mapping[str, str] | None = None,
) -> bool:
    """Whether the policies of one principal allow the action on the resource."""
    keys = {key.lower(): value for key, value in (context or {}).items()}
    return iam.policies_allow([json.dumps(each) for each in documents], action, resource, keys)


def actions() -> list[str]:
    """Every action of every service, in lower case."""
    return [
        f"{service}:{name}"
        for service, entry in service_authorization().items()
        for name in entry.get("Actions", {})
    ]


def resource_types(action: str) -> list[str]:
    """The types of resources that a call of the action may be evaluated on."""
    service, name = action.split(":")
    entry = service_authorization()[service]["Actions"][name.lower()]
    found: list[str] = entry.get("Resources", [])
    return found


def is_of_type(action: str, resource_type: str, arn: str) -> bool:
    """Whether the ARN is one of a type of resources of the action's service."""
    entry = service_authorization()[action.split(":")[0]]["Resources"][resource_type]
    formats = (re.sub(r"\$\{\w+\}", "[^:]*", form) for form in entry["ARNFormats"])
    return any(re.fullmatch(form, arn) for form in formats)
