"""Which inventory the document AWS-GatherSoftwareInventory collects from a node.

Neutral values, shared by the construct and the settings. Source of the parameters: the document
itself and the plugin aws:softwareInventory of the SSM Agent.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class FileRule:
    """Which files to list: those in `path` whose name matches one of `patterns`.

    The agent lists 500 files and looks into 5,000 directories at most; `dir_scan_limit` lowers the
    latter. `path` may hold environment variables such as `%PROGRAMFILES%` or `$HOME`.
    """

    path: str
    patterns: tuple[str, ...]
    recursive: bool = False
    dir_scan_limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class RegistryRule:
    """Which Windows registry values to list; no names means all values of the key.

    The agent lists 250 values at most. `path` starts with the full name of a hive, such as
    `HKEY_LOCAL_MACHINE`.
    """

    path: str
    recursive: bool = False
    value_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InventoryTypes:
    """The inventory types; the defaults are what AWS's own quick setup turns on.

    `services`, `windows_roles`, `windows_updates` and `windows_registry` yield something on
    Windows only and do no harm elsewhere. `billing_info` is known to the agent, but the document
    takes it only in newer versions.
    """

    applications: bool = True
    aws_components: bool = True
    network_config: bool = True
    instance_detailed_information: bool = True
    custom_inventory: bool = True
    services: bool = True
    windows_roles: bool = True
    windows_updates: bool = True
    billing_info: bool = False
    files: tuple[FileRule, ...] = ()
    windows_registry: tuple[RegistryRule, ...] = ()

    def chosen(self) -> Iterator[bool]:
        """Whether each type is collected, in the order of the fields."""
        return (bool(getattr(self, field.name)) for field in fields(self))

    def parameters(self) -> Mapping[str, list[str]]:
        """The document's parameters: each a list of one string, as State Manager wants it."""
        switches = {
            "applications": self.applications,
            "awsComponents": self.aws_components,
            "networkConfig": self.network_config,
            "instanceDetailedInformation": self.instance_detailed_information,
            "customInventory": self.custom_inventory,
            "services": self.services,
            "windowsRoles": self.windows_roles,
            "windowsUpdates": self.windows_updates,
        }
        parameters = {name: ["Enabled" if on else "Disabled"] for name, on in switches.items()}
        # Older versions of the document refuse the parameter, so it is sent only where wanted.
        if self.billing_info:
            parameters["billingInfo"] = ["Enabled"]
        if self.files:
            parameters["files"] = [json.dumps([_file_rule(rule) for rule in self.files])]
        if self.windows_registry:
            parameters["windowsRegistry"] = [
                json.dumps([_registry_rule(rule) for rule in self.windows_registry])
            ]
        return parameters


def _file_rule(rule: FileRule) -> dict[str, object]:
    rendered: dict[str, object] = {
        "Path": rule.path,
        "Pattern": list(rule.patterns),
        "Recursive": rule.recursive,
    }
    if rule.dir_scan_limit is not None:
        rendered["DirScanLimit"] = rule.dir_scan_limit
    return rendered


def _registry_rule(rule: RegistryRule) -> dict[str, object]:
    rendered: dict[str, object] = {"Path": rule.path, "Recursive": rule.recursive}
    if rule.value_names:
        rendered["ValueNames"] = list(rule.value_names)
    return rendered
