"""The AWS-owned documents that an association here may name, and their parameters."""

import json
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError

INVENTORY_DOCUMENT = "AWS-GatherSoftwareInventory"
_SWITCH = ("Enabled", "Disabled")


@dataclass(frozen=True)
class Parameter:
    """A document parameter; no allowed values means any text."""

    description: str
    default: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """An AWS-owned document; `plugin` is the step it consists of."""

    description: str
    plugin: str
    parameters: dict[str, Parameter]
    platforms: tuple[str, ...] = ("Windows", "Linux", "MacOS")


def _switch(what: str) -> Parameter:
    return Parameter(f"(Optional) Collect data about {what}.", "Enabled", _SWITCH)


DOCUMENTS = {
    INVENTORY_DOCUMENT: Document(
        description="Collect data about software, files, and configuration.",
        plugin="aws:softwareInventory",
        parameters={
            "applications": _switch("installed applications"),
            "awsComponents": _switch("AWS components like amazon-ssm-agent"),
            "files": Parameter("(Optional, requires SSMAgent 2.2.64.0 and above) File inventory."),
            "networkConfig": _switch("network configurations"),
            "billingInfo": _switch("license-included billing codes"),
            "windowsUpdates": _switch("Windows updates (Windows only)"),
            "instanceDetailedInformation": _switch("the instance, such as its CPU model"),
            "services": _switch("services (Windows only)"),
            "windowsRegistry": Parameter("(Optional) Windows registry keys (Windows only)."),
            "windowsRoles": _switch("Windows roles (Windows only)"),
            "customInventory": _switch("custom inventory"),
        },
    ),
    "AWS-UpdateSSMAgent": Document(
        description="Update the Amazon SSM Agent to the latest version or specified version.",
        plugin="aws:updateSsmAgent",
        parameters={
            "version": Parameter("(Optional) A version of the agent."),
            "allowDowngrade": Parameter(
                "(Optional) Allow a downgrade.", "false", ("true", "false")
            ),
        },
    ),
    "AWS-RunPatchBaseline": Document(
        description="Scans for or installs patches from a patch baseline.",
        plugin="aws:runShellScript",
        parameters={
            "Operation": Parameter("(Required) Scan or Install.", "", ("Scan", "Install")),
            "AssociationId": Parameter("(Optional) The association."),
            "SnapshotId": Parameter("(Optional) The snapshot."),
            "InstallOverrideList": Parameter("(Optional) A list of patches."),
            "BaselineOverride": Parameter("(Optional) A patch baseline."),
            "RebootOption": Parameter(
                "(Optional) Reboot.", "RebootIfNeeded", ("RebootIfNeeded", "NoReboot")
            ),
        },
    ),
    "AWS-RunShellScript": Document(
        description="Run a shell script or specify the commands to run.",
        plugin="aws:runShellScript",
        parameters={
            "commands": Parameter("(Required) The commands."),
            "workingDirectory": Parameter("(Optional) The working directory."),
            "executionTimeout": Parameter("(Optional) Seconds.", "3600"),
        },
        platforms=("Linux", "MacOS"),
    ),
}


def find(name: str) -> Document:
    """By name, or by the ARN of an AWS-owned document."""
    document = DOCUMENTS.get(name.rpartition("/")[2])
    if document is None:
        raise AwsError("InvalidDocument", f"Document with name {name} does not exist.")
    return document


def check_parameters(name: str, parameters: dict[str, Any]) -> None:
    known = find(name).parameters
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise AwsError(
            "InvalidParameters",
            f"Parameters [{', '.join(unknown)}] are not defined in the document {name}",
        )
    for key, values in parameters.items():
        allowed = known[key].allowed
        wrong = [value for value in values if allowed and value not in allowed]
        if wrong:
            raise AwsError(
                "InvalidParameters",
                f"Parameter {key} of the document {name} allows {', '.join(allowed)}, "
                f"got {', '.join(wrong)}",
            )


def check_version(name: str, version: str | None) -> None:
    """State Manager always runs the default version of a document that another account owns."""
    if version not in (None, "$DEFAULT"):
        raise AwsError(
            "InvalidDocumentVersion",
            f"The document {name} is owned by AWS; an association runs its default version only, "
            f"so DocumentVersion must be left out, got {version}",
        )


def describe(name: str) -> dict[str, Any]:
    document = find(name)
    return {
        "Name": name,
        "Owner": "Amazon",
        "Status": "Active",
        "DocumentVersion": "1",
        "DefaultVersion": "1",
        "LatestVersion": "1",
        "SchemaVersion": "2.0",
        "DocumentType": "Command",
        "DocumentFormat": "JSON",
        "Description": document.description,
        "PlatformTypes": list(document.platforms),
        "Parameters": [
            {
                "Name": key,
                "Type": "String",
                "Description": parameter.description,
                "DefaultValue": parameter.default,
            }
            for key, parameter in document.parameters.items()
        ],
        "Tags": [],
    }


def content(name: str) -> str:
    document = find(name)
    return json.dumps(
        {
            "schemaVersion": "2.0",
            "description": document.description,
            "parameters": {
                key: {
                    "type": "String",
                    "default": parameter.default,
                    "description": parameter.description,
                    **({"allowedValues": list(parameter.allowed)} if parameter.allowed else {}),
                }
                for key, parameter in document.parameters.items()
            },
            "mainSteps": [
                {
                    "action": document.plugin,
                    "name": document.plugin.partition(":")[2],
                    "inputs": {key: f"{{{{ {key} }}}}" for key in document.parameters},
                }
            ],
        }
    )
