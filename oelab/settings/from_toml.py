"""Turns a parsed TOML table into a dataclass, guided by the type hints of its fields.

Reading never stops at a fault: it notes the fault, puts the default in place of the value and
goes on, so that the rules can judge all the rest.
"""

import dataclasses
import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from oelab.constraints.tags import of_key
from oelab.findings import Finding

T = TypeVar("T")

_NAMES = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    tuple: "a list",
    Mapping: "a table",
}
_REMEDIES = {
    str: "put it in quotes",
    int: "write it in digits, without quotes",
    bool: "write true or false, without quotes",
    tuple: "put it in [ ]",
    Mapping: "write a table, with a name = value for each key",
}


class Reader:
    """Reads tables and collects the faults of their types and keys in `faults`.

    `unread` are the paths whose values could not be read, misspelt keys among them.
    """

    def __init__(self) -> None:
        self.faults: list[Finding] = []
        self.unread: set[str] = set()

    def table(self, where: str, kind: type[T], value: object) -> T:
        """A `kind` from `value`: keys that are not given or are wrong take their defaults."""
        table = value if isinstance(value, dict) else {}
        if table is value:
            self._keys(where, kind, table)
        else:
            self._wrong_type(where, Mapping, value)
        hints = get_type_hints(kind)
        given = {}
        for field in _fields(kind):
            at = _join(where, field.name)
            if field.name in table:
                read = self._value(at, hints[field.name], table[field.name])
                if at not in self.unread or _is_required(field):
                    given[field.name] = read
            elif _is_required(field):
                given[field.name] = _placeholder(hints[field.name])
        return kind(**given)

    def _value(self, where: str, hint: Any, value: object) -> Any:
        if dataclasses.is_dataclass(hint):
            return self.table(where, cast("type[Any]", hint), value)
        origin = get_origin(hint)
        if origin is types.UnionType:
            return self._value(where, get_args(hint)[0], value)
        plain = origin or hint
        if not _fits(plain, value):
            if plain is tuple and dataclasses.is_dataclass(get_args(hint)[0]):
                rule, remedy = "must be a list of tables", f"write [[{where}]] above each"
                self._unreadable(where, value, rule, remedy)
            else:
                self._wrong_type(where, plain, value)
            return _placeholder(hint)
        if plain is tuple:
            item = get_args(hint)[0]
            listed = enumerate(cast("list[object]", value))
            return tuple(self._value(f"{where}[{number}]", item, each) for number, each in listed)
        if plain is Mapping:
            item = get_args(hint)[1]
            keyed = cast("dict[str, object]", value).items()
            return {key: self._value(of_key(where, key), item, each) for key, each in keyed}
        return value

    def _wrong_type(self, where: str, plain: Any, value: object) -> None:
        rule, remedy = f"must be {_NAMES[plain]}", _REMEDIES[plain]
        self._unreadable(where, value, rule, remedy)

    def _unreadable(self, where: str, value: object, reason: str, remedy: str) -> None:
        self.faults.append(Finding(subject=where, value=value, reason=reason, remedy=remedy))
        self.unread.add(where)

    def _keys(self, where: str, kind: type, table: Mapping[str, object]) -> None:
        known = [field.name for field in _fields(kind)]
        for key in table:
            if key in known:
                continue
            remedy = f"known are {', '.join(known)}"
            if similar := _similar(key, known):
                remedy = f"did you mean {similar!r}?"
                # What is meant is given, though under a wrong name: nothing is missing there.
                self.unread.update({_join(where, similar)} - {_join(where, name) for name in table})
            self._unreadable(_join(where, key), table[key], "must be a known setting", remedy)
        for field in _fields(kind):
            at = _join(where, field.name)
            if field.name not in table and _is_required(field) and at not in self.unread:
                self._unreadable(at, None, "must be given", "add it to the table")


def without(faults: Iterable[Finding], paths: set[str]) -> Iterator[Finding]:
    """The faults that neither lie at or below one of the paths nor rest on one of them."""
    for fault in faults:
        subjects = (str(fault.subject), *fault.rests_on)
        if not any(_covers(path, at) for path in paths for at in subjects):
            yield fault


def _covers(path: str, where: str) -> bool:
    return where == path or where.startswith((f"{path}.", f"{path}["))


def _fits(plain: Any, value: object) -> bool:
    if plain is tuple:
        return isinstance(value, list)
    if plain is Mapping:
        return isinstance(value, dict)
    # In Python a bool is an int; in TOML it is not.
    return type(value) is plain


def _fields(kind: type) -> tuple["dataclasses.Field[Any]", ...]:
    return dataclasses.fields(cast("Any", kind))


def _join(where: str, key: str) -> str:
    return of_key(where, key).removeprefix(".")


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def _placeholder(hint: Any) -> Any:
    """Something of the type, for a value that has a fault already and will not be judged."""
    plain = get_origin(hint) or hint
    if plain is types.UnionType:
        return None
    return {} if plain is Mapping else plain()


def _similar(key: str, known: list[str]) -> str | None:
    normal = key.lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(normal, known, n=1)), None)
