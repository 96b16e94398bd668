"""The AWS-owned documents that an association here may name."""

from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError, not_modelled

INVENTORY_DOCUMENT = "AWS-GatherSoftwareInventory"
ATTACH_ROLE_RUNBOOK = "AWS-AttachIAMToInstance"
SWITCH = ("Enabled", "Disabled")
ANY_TEXT = ()


@dataclass(frozen=True)
class Document:
    """A command document of one step, or an Automation runbook, which has no plugin.

    `parameters` are the allowed values by name, none for any text.
    """

    plugin: str
    parameters: dict[str, tuple[str, ...]]
    required: frozenset[str] = frozenset()

    @property
    def is_runbook(self) -> bool:
        return not self.plugin


DOCUMENTS = {
    INVENTORY_DOCUMENT: Document(
        "aws:softwareInventory",
        {
            "applications": SWITCH,
            "awsComponents": SWITCH,
            "billingInfo": SWITCH,
            "customInventory": SWITCH,
            "files": ANY_TEXT,
            "instanceDetailedInformation": SWITCH,
            "networkConfig": SWITCH,
            "services": SWITCH,
            "windowsRegistry": ANY_TEXT,
            "windowsRoles": SWITCH,
            "windowsUpdates": SWITCH,
        },
    ),
    "AWS-UpdateSSMAgent": Document(
        "aws:updateSsmAgent", {"version": ANY_TEXT, "allowDowngrade": ("true", "false")}
    ),
    ATTACH_ROLE_RUNBOOK: Document(
        "",
        {
            "AutomationAssumeRole": ANY_TEXT,
            "ForceReplace": ("true", "false"),
            "InstanceId": ANY_TEXT,
            "RoleName": ANY_TEXT,
        },
        frozenset({"InstanceId", "RoleName"}),
    ),
}


def find(name: str) -> Document:
    if name not in DOCUMENTS:
        raise AwsError("InvalidDocument", f"Document with name {name} does not exist.")
    return DOCUMENTS[name]


def check_parameters(name: str, parameters: dict[str, list[Any]], target_parameter: str) -> None:
    """Check the values given, and the name of the one that takes each target of a runbook."""
    document = find(name)
    given = parameters.keys() | ({target_parameter} - {""})
    for parameter in sorted(given - document.parameters.keys()):
        raise AwsError("InvalidParameters", f"{parameter} is not defined in the document {name}")
    for parameter in sorted(document.required - given):
        raise AwsError("InvalidParameters", f"{parameter} is required by the document {name}")
    for parameter, values in parameters.items():
        allowed = document.parameters[parameter]
        if allowed and not set(values) <= set(allowed):
            raise AwsError(
                "InvalidParameters",
                f"{parameter} of the document {name} must be {' or '.join(allowed)}, got {values}",
            )
    if document.is_runbook and "AutomationAssumeRole" not in parameters:
        raise not_modelled(f"{name} without AutomationAssumeRole")
