"""Turns parsed TOML into dataclasses by their type hints; reports values of a wrong type.

Reading never stops at a fault: it notes the fault, goes on with an empty value, and says which
paths it could not read, so that all the rest can be checked and nothing follows from those.
"""

import dataclasses
import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from oelab.constraints.kinds import key_path
from oelab.findings import Finding

# By the type of a field: what TOML gives, how that is called, and what to do about anything else.
_TYPES: dict[Any, tuple[type, str, str]] = {
    str: (str, "a string", "put it in quotes"),
    int: (int, "a whole number", "write it in digits, without quotes"),
    bool: (bool, "true or false", "write true or false, without quotes"),
    tuple: (list, "a list", "put it in [ ]"),
    Mapping: (dict, "a table", "write a table, with a name = value for each key"),
}


class Reader:
    """Reads values and collects what is wrong with their types and keys in `findings`.

    `unread` are the paths whose values could not be read, misspelt keys among them.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.unread: set[str] = set()

    def read(self, where: str, hint: Any, value: Any) -> Any:
        """A `hint` from `value`: keys that are not given take their defaults."""
        if get_origin(hint) is types.UnionType:
            hint = get_args(hint)[0]
        kind = get_origin(hint) or hint
        toml_type, name, remedy = _TYPES.get(kind, _TYPES[Mapping])
        if kind is tuple and dataclasses.is_dataclass(get_args(hint)[0]):
            name, remedy = "a list of tables", f"write [[{where}]] above each"
        # In Python a bool is an int; in TOML it is not.
        if type(value) is not toml_type:
            self._refuse("SettingType", where, value, f"must be {name}", remedy)
            value = toml_type()
        if dataclasses.is_dataclass(kind):
            return self._table(where, kind, value)
        if kind is tuple:
            item = get_args(hint)[0]
            return tuple(self.read(f"{where}[{n}]", item, each) for n, each in enumerate(value))
        if kind is Mapping:
            item = get_args(hint)[1]
            return {key: self.read(key_path(where, key), item, value[key]) for key in value}
        return value

    def _table(self, where: str, kind: Any, table: Mapping[str, object]) -> Any:
        hints = get_type_hints(kind)
        self._check_keys(where, tuple(hints), table)
        given = {}
        for field in dataclasses.fields(kind):
            at = key_path(where, field.name)
            if field.name in table:
                given[field.name] = self.read(at, hints[field.name], table[field.name])
            elif field.default is field.default_factory is dataclasses.MISSING:
                if not {at, where} & self.unread:
                    self._refuse("MissingSetting", at, None, "must be given", "add it to the table")
                given[field.name] = (get_origin(hints[field.name]) or hints[field.name])()
        return kind(**given)

    def _check_keys(self, where: str, known: tuple[str, ...], table: Mapping[str, object]) -> None:
        for key in table:
            if key in known:
                continue
            similar = difflib.get_close_matches(key.lower().replace("-", "_"), known, n=1)
            remedy = f"did you mean {similar[0]!r}?" if similar else f"known are {', '.join(known)}"
            at = key_path(where, key)
            self._refuse("UnknownSetting", at, table[key], "must be a known setting", remedy)
            # What is meant is given, though under a wrong name: nothing is missing there.
            self.unread.update(key_path(where, each) for each in similar if each not in table)

    def _refuse(self, rule: str, where: str, value: object, reason: str, remedy: str) -> None:
        self.findings.append(Finding(rule, where, reason, remedy, value))
        self.unread.add(where)


def without(findings: Iterable[Finding], paths: set[str]) -> Iterator[Finding]:
    """The findings that neither lie at or below one of the paths nor rest on one of them."""
    for finding in findings:
        subjects = (str(finding.subject), *finding.rests_on)
        if not any(_covers(path, at) for path in paths for at in subjects):
            yield finding


def _covers(path: str, where: str) -> bool:
    return where == path or where.startswith((f"{path}.", f"{path}["))
