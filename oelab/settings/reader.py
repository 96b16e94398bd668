"""Turns a parsed TOML table into a dataclass, guided by the type hints of its fields.

Reading never stops at a fault: it notes the fault, puts the default in place of the value and
goes on, so that the rules can judge all the rest.
"""

import dataclasses
import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from oelab.rules import Fault
from oelab.rules.tags import of_key

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
    """Reads tables and collects the faults of their types and keys in `faults`."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def table(self, where: str, kind: type[T], value: object) -> T:
        """A `kind` from `value`: keys that are not given or are wrong take their defaults."""
        table = value if isinstance(value, dict) else {}
        if table is not value:
            self._wrong_type(where, Mapping, value)
        hints = get_type_hints(kind)
        self._unknown_keys(where, kind, table)
        given = {}
        for field in dataclasses.fields(cast("Any", kind)):
            at = f"{where}.{field.name}" if where else field.name
            hint = hints[field.name]
            if field.name not in table:
                if _is_required(field):
                    self._missing(at, table, kind)
                    given[field.name] = _placeholder(hint)
                continue
            before = len(self.faults)
            read = self._value(at, hint, table[field.name])
            if _is_whole(self.faults[before:], at) or _is_required(field):
                given[field.name] = read
        return kind(**given)

    def _value(self, where: str, hint: Any, value: object) -> Any:
        if dataclasses.is_dataclass(hint):
            return self.table(where, cast("type[Any]", hint), value)
        origin = get_origin(hint)
        if origin is types.UnionType:
            return self._value(where, get_args(hint)[0], value)
        plain = origin or hint
        if not _fits(plain, value):
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
        self.faults.append(Fault(where=where, value=value, rule=rule, remedy=remedy))

    def _missing(self, where: str, table: Mapping[str, object], kind: type) -> None:
        name = where.rpartition(".")[2]
        if any(_similar(key, kind) == name for key in table):
            return
        fault = Fault(where=where, value=None, rule="must be given", remedy="add it to the table")
        self.faults.append(fault)

    def _unknown_keys(self, where: str, kind: type, table: Mapping[str, object]) -> None:
        known = [field.name for field in dataclasses.fields(cast("Any", kind))]
        for key in table:
            if key in known:
                continue
            similar = _similar(key, kind)
            remedy = f"did you mean {similar!r}?" if similar else f"known are {', '.join(known)}"
            at = of_key(where, key) if where else of_key("", key)[1:]
            rule = "must be a setting, and is not"
            self.faults.append(Fault(where=at, value=table[key], rule=rule, remedy=remedy))


def without(faults: Iterable[Fault], paths: set[str]) -> Iterator[Fault]:
    """The faults that neither lie at or below one of the paths nor rest on one of them."""
    for fault in faults:
        rests_on = getattr(fault, "rests_on", ())
        if not any(_covers(path, at) for path in paths for at in (fault.where, *rests_on)):
            yield fault


def _covers(path: str, where: str) -> bool:
    return where == path or where.startswith((f"{path}.", f"{path}["))


def _is_whole(faults: list[Fault], where: str) -> bool:
    """Whether the value itself could be read, whatever is wrong inside it."""
    return all(fault.where != where for fault in faults)


def _fits(plain: Any, value: object) -> bool:
    if plain is tuple:
        return isinstance(value, list)
    if plain is Mapping:
        return isinstance(value, dict)
    # In Python a bool is an int; in TOML it is not.
    return type(value) is plain


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def _placeholder(hint: Any) -> Any:
    """Something of the type, for a value that has a fault already and will not be judged."""
    if get_origin(hint) is types.UnionType:
        return None
    return (get_origin(hint) or hint)() if get_origin(hint) is not Mapping else {}


def _similar(key: str, kind: type) -> str | None:
    known = [field.name for field in dataclasses.fields(kind)]
    normal = key.lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(normal, known, n=1, cutoff=0.6)), None)
