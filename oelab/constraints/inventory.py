"""What the document AWS-GatherSoftwareInventory and the agent accept; limits in inventory.toml."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from oelab.constraints.kinds import Choice, Constraint, Flag, Items, Number, Text, wrong_type
from oelab.constraints.rules import violation
from oelab.findings import Finding
from oelab.systems_manager.inventory_types import (
    ENABLED_OR_DISABLED,
    FLAGS,
    KEYS_OF_RULES,
    FileRule,
    InventoryTypes,
    RegistryRule,
)

_NOT_BLANK = Text.declared("inventory.NotBlank")
_FLAG = Flag.declared("inventory.InventoryFlag")
_STATE = Choice.declared("inventory.InventoryFlag", values=ENABLED_OR_DISABLED)
_RULES = Items.declared("inventory.InventoryRules")
_SOURCE = _RULES.source
_ONE_VALUE = Items.declared("inventory.InventoryParameter")

_KINDS = {"files": FileRule, "windows_registry": RegistryRule}
_REQUIRED = ("path", "patterns")
_FIELDS: dict[type, dict[str, Constraint]] = {
    FileRule: {
        "path": _NOT_BLANK,
        "patterns": Items.declared("inventory.FilePatterns", each=_NOT_BLANK),
        "recursive": _FLAG,
        "dir_scan_limit": Number.declared("inventory.DirScanLimit"),
    },
    RegistryRule: {
        "path": Text.declared("inventory.RegistryPath"),
        "recursive": _FLAG,
        "value_names": Items.declared("inventory.RegistryValueNames", each=_NOT_BLANK),
    },
}


def inventory_types(where: str, value: InventoryTypes) -> Iterator[Finding]:
    """At least one type, and what each file rule and each registry rule must be."""
    if not any(value.chosen()):
        yield violation("InventoryTypes", where, "none")
    for field in fields(value):
        at, chosen = f"{where}.{field.name}", getattr(value, field.name)
        if field.name in _KINDS:
            yield from _rules(at, chosen, _KINDS[field.name])
        else:
            yield from _FLAG.required(at, chosen)


def _rules(where: str, rules: Any, kind: type[FileRule | RegistryRule]) -> Iterator[Finding]:
    found = list(_RULES.required(where, rules))
    for number, rule in enumerate(() if found else rules):
        at = f"{where}[{number}]"
        if isinstance(rule, kind):
            found += _fields(at, vars(rule), {name: name for name in _FIELDS[kind]}, kind)
        else:
            remedy = f"write {kind.__name__}(path=…)"
            found.append(wrong_type(at, rule, f"must be a {kind.__name__}", _SOURCE, remedy))
    yield from found


def _fields(
    where: str, rule: Mapping[str, Any], keys: Mapping[str, str], kind: type
) -> Iterator[Finding]:
    """What is wrong with the fields of a rule, which has them under these keys."""
    for name, key in keys.items():
        at, value, constraint = f"{where}.{key}", rule.get(key), _FIELDS[kind][name]
        if isinstance(value, float):
            # A token of a number would be lost in the text that the rule is written into.
            yield wrong_type(at, value, "must be a whole number", _SOURCE, "write out the number")
        elif name in _REQUIRED:
            yield from constraint.required(at, value)
        else:
            yield from constraint.findings(at, value)


def document_parameters(where: str, given: Mapping[str, Sequence[Any]]) -> Iterator[Finding]:
    """The parameters of an association: names that the document has, each with one value."""
    kinds = {"files": FileRule, "windowsRegistry": RegistryRule}
    for name, values in given.items():
        at = f"{where}.{name}"
        if name not in (*FLAGS, *kinds):
            yield _unknown(at, name, (*FLAGS, *kinds), _ONE_VALUE)
            continue
        yield from _ONE_VALUE.findings(at, values)
        for value in values:
            found = _json(at, value, kinds[name]) if name in kinds else _STATE.findings(at, value)
            yield from found


def _json(where: str, value: object, kind: type) -> Iterator[Finding]:
    """Rules as the agent reads them; a blank text stands for none."""
    if not isinstance(value, str) or not value.strip():
        return
    try:
        rules = json.loads(value)
    except ValueError:
        rules = None
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        yield violation(_RULES.rule, where, value)
        return
    keys = {name: KEYS_OF_RULES[name] for name in _FIELDS[kind]}
    for number, rule in enumerate(rules):
        for key in rule.keys() - keys.values():
            yield _unknown(f"{where}[{number}].{key}", key, tuple(keys.values()), _RULES)
        yield from _fields(f"{where}[{number}]", rule, keys, kind)


def _unknown(
    where: str, name: str, known: Sequence[str] | Mapping[str, str], of: Constraint
) -> Finding:
    """A name that is not known, and the one that is meant if it is near."""
    meant = get_close_matches(name, known, n=1)
    remedy = f"write {meant[0]!r}" if meant else f"choose one of {', '.join(known)}"
    return Finding(of.rule, where, "must be a name that is known there", remedy, name, of.source)
