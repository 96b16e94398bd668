"""The AWS-owned documents that an association here may name."""

from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError

INVENTORY_DOCUMENT = "AWS-GatherSoftwareInventory"
SWITCH = ("Enabled", "Disabled")
ANY_TEXT = ()


@dataclass(frozen=True)
class Document:
    """A document of one step; `parameters` are the allowed values by name, none for any text."""

    plugin: str
    parameters: dict[str, tuple[str, ...]]


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
}


def find(name: str) -> Document:
    if name not in DOCUMENTS:
        raise AwsError("InvalidDocument", f"Document with name {name} does not exist.")
    return DOCUMENTS[name]


def check_parameters(name: str, parameters: dict[str, list[Any]]) -> None:
    known = find(name).parameters
    for parameter, values in parameters.items():
        if parameter not in known:
            raise AwsError(
                "InvalidParameters", f"{parameter} is not defined in the document {name}"
            )
        allowed = known[parameter]
        if allowed and not set(values) <= set(allowed):
            raise AwsError(
                "InvalidParameters",
                f"{parameter} of the document {name} must be {' or '.join(allowed)}, got {values}",
            )
