"""What the document AWS-GatherSoftwareInventory and the agent behind it accept."""

from collections.abc import Iterator

from oelab.constraints.kinds import Constraint, Items, Number, Text
from oelab.findings import Finding
from oelab.systems_manager.inventory_types import InventoryTypes

_SOURCE = "Systems Manager User Guide, file and Windows registry inventory"
_KEY = r"HKEY_[A-Z_]+\\\S.*"
_KEY_FORM = r"a key such as HKEY_LOCAL_MACHINE\SOFTWARE\Amazon, with its hive in full"

_NOT_BLANK = Text("NotBlank", _SOURCE, r"[\s\S]*\S[\s\S]*", "a text that is not blank")

_FILE_RULE: dict[str, Constraint] = {
    "path": _NOT_BLANK,
    "patterns": Items("FilePatterns", _SOURCE, "patterns such as '*'", _NOT_BLANK, at_least=1),
    "dir_scan_limit": Number("DirScanLimit", _SOURCE, at_least=1),
}
_REGISTRY_RULE: dict[str, Constraint] = {
    "path": Text("RegistryPath", _SOURCE, _KEY, _KEY_FORM),
    "value_names": Items("RegistryValueNames", _SOURCE, "names", _NOT_BLANK, at_most=250),
}


def inventory_types(where: str, value: InventoryTypes) -> Iterator[Finding]:
    """At least one type, and what each file rule and each registry rule must be."""
    if not any(value.chosen()):
        reason = "must collect at least one inventory type"
        remedy = "turn on applications, or leave the association out"
        yield Finding("InventoryTypes", where, reason, remedy, "none", _SOURCE)
    for name, constraints in (("files", _FILE_RULE), ("windows_registry", _REGISTRY_RULE)):
        for number, rule in enumerate(getattr(value, name)):
            for field, constraint in constraints.items():
                at = f"{where}.{name}[{number}].{field}"
                yield from constraint.findings(at, getattr(rule, field))
