"""Which inventory the document AWS-GatherSoftwareInventory collects from a node.

Sources: the document itself, the plugin aws:softwareInventory of the SSM Agent, and "Metadata
collected by Inventory" in the Systems Manager user guide.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from oelab.data_files import read_toml
from oelab.systems_manager.tristate import Answer, all_of

_DATA = read_toml("inventory_types.toml", __package__)

APPLICATION = "AWS:Application"
"""The type that lists packages."""

ENABLED_OR_DISABLED = ("Enabled", "Disabled")
_ENABLED = ENABLED_OR_DISABLED[0]
_CUSTOM = "Custom:"
_RULES = ("files", "windowsRegistry")
"""The parameters that take rules in JSON, where the others take `Enabled` or `Disabled`."""


class InventoryType(NamedTuple):
    """A type of inventory, and the document's parameter that turns it on.

    On a healthy node a type that `is_never_empty` has at least one entry. Any other may have none,
    and AWS's answers are then the same as for a type that is not collected.
    """

    name: str
    parameter: str
    is_windows_only: bool = False
    is_never_empty: bool = False


INVENTORY_TYPES = {name: InventoryType(name, **given) for name, given in _DATA["types"].items()}
"""The types that have a name of their own; `customInventory` collects those that users name."""

type_of = INVENTORY_TYPES.get
"""The type of a name; None for one that the document does not collect, or a custom one."""

_PARAMETERS = [each.parameter for each in INVENTORY_TYPES.values()]
FLAGS = (*(each for each in _PARAMETERS if each not in _RULES), "customInventory")
"""The parameters of the document that take `Enabled` or `Disabled`."""


def collected_types(
    parameters: Mapping[str, Sequence[str]], *, windows: bool
) -> tuple[InventoryType, ...]:
    """The types that the parameters of an association turn on and that a platform has.

    The agent takes `Enabled` in this spelling only. A parameter that is left out does not count, as
    the document's defaults are not documented for all of them.
    """
    types = INVENTORY_TYPES.values()
    return tuple(each for each in types if collects(parameters, each.name, is_windows=windows))


def collects(
    parameters: Mapping[str, Sequence[str]], type_name: str, *, is_windows: Answer
) -> Answer:
    """Whether an association with these parameters collects a type from a node of a platform.

    A parameter that is left out has the default of the document, which is not documented for all.
    What users name is collected where it is: that is never certain. The document does not collect
    any other type, such as AWS:Tag.
    """
    if found := type_of(type_name):
        is_on = _is_on(found.parameter, parameters) if found.parameter in parameters else None
        return all_of((is_on, is_windows if found.is_windows_only else True))
    if type_name.startswith(_CUSTOM):
        return None if _is_on("customInventory", parameters) else False
    return False


def _is_on(parameter: str, parameters: Mapping[str, Sequence[str]]) -> bool:
    value = next(iter(parameters.get(parameter, ())), "")
    return bool(value.strip()) if parameter in _RULES else value == _ENABLED


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


KEYS_OF_RULES: Mapping[str, str] = _DATA["keys_of_rules"]
"""How the agent spells what file rules and registry rules say."""


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
        parameters = {}
        for field in fields(self):
            chosen = getattr(self, field.name)
            # Older versions of the document refuse billingInfo, so it is sent only where wanted.
            if isinstance(chosen, bool) and (chosen or field.name != "billing_info"):
                parameters[_camel_case(field.name)] = [ENABLED_OR_DISABLED[not chosen]]
            elif chosen:
                parameters[_camel_case(field.name)] = [json.dumps([_rule(rule) for rule in chosen])]
        return parameters


def _rule(rule: FileRule | RegistryRule) -> dict[str, object]:
    """A rule as the agent reads it; what is not limited is left out."""
    given = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return {KEYS_OF_RULES[name]: value for name, value in given.items() if value not in (None, ())}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
