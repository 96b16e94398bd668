"""What the document AWS-GatherSoftwareInventory and the agent behind it accept."""

from collections.abc import Iterator

from oelab.constraints.text import length, shape
from oelab.findings import Finding
from oelab.systems_manager.inventory_types import FileRule, InventoryTypes, RegistryRule

_INVENTORY = "Systems Manager User Guide, file and Windows registry inventory"
_LONGEST_WINDOWS_PATH = 260
_LONGEST_LINUX_PATH = 4096
_LONGEST_WINDOWS_VALUE_NAME = 16383
_REGISTRY_VALUES = 250


def inventory_types(where: str, value: InventoryTypes) -> Iterator[Finding]:
    """At least one type, every file rule and every registry rule. Source: as below."""
    if not any(value.chosen()):
        yield Finding(
            subject=where,
            value="none",
            reason="must collect at least one inventory type",
            remedy="turn on applications, or leave the association out",
            source=_INVENTORY,
        )
    for number, files in enumerate(value.files):
        yield from file_rule(f"{where}.files[{number}]", files)
    for number, registry in enumerate(value.windows_registry):
        yield from registry_rule(f"{where}.windows_registry[{number}]", registry)


def file_rule(where: str, value: FileRule) -> Iterator[Finding]:
    """A path, one pattern or more, and a limit of one directory or more.

    Source: Systems Manager User Guide, file and Windows registry inventory.
    """
    yield from length(f"{where}.path", value.path, 1, _LONGEST_LINUX_PATH, _INVENTORY)
    if not value.patterns:
        yield Finding(
            subject=f"{where}.patterns",
            value=value.patterns,
            reason="must hold at least one pattern",
            remedy="write '*' for all files",
            source=_INVENTORY,
        )
    for number, pattern in enumerate(value.patterns):
        at = f"{where}.patterns[{number}]"
        yield from length(at, pattern, 1, _LONGEST_WINDOWS_PATH, _INVENTORY)
    if value.dir_scan_limit is not None and value.dir_scan_limit < 1:
        yield Finding(
            subject=f"{where}.dir_scan_limit",
            value=value.dir_scan_limit,
            reason="must be at least 1",
            remedy="leave it out for the agent's own limit of 5,000 directories",
            source=_INVENTORY,
        )


def registry_rule(where: str, value: RegistryRule) -> Iterator[Finding]:
    """A key below a hive named in full, and no blank value name. Source: as above."""
    yield from shape(
        f"{where}.path",
        value.path,
        r"HKEY_[A-Z_]+\\\S.*",
        reason="must be a key below a hive such as HKEY_LOCAL_MACHINE",
        remedy=r"write it in full, as in HKEY_LOCAL_MACHINE\SOFTWARE\Amazon",
        source=_INVENTORY,
    )
    if len(value.value_names) > _REGISTRY_VALUES:
        yield Finding(
            subject=f"{where}.value_names",
            value=f"{len(value.value_names)} names",
            reason=f"must hold at most {_REGISTRY_VALUES} names",
            remedy="the agent lists no more values; choose the ones you read",
            source=_INVENTORY,
        )
    for number, name in enumerate(value.value_names):
        at = f"{where}.value_names[{number}]"
        yield from length(at, name, 1, _LONGEST_WINDOWS_VALUE_NAME, _INVENTORY)
