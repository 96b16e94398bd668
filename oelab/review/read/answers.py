"""Answers of AWS as values of the models."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar, get_type_hints

import jmespath

from oelab.review.models import In
from oelab.review.read.errors import IncompleteAnswerError

T = TypeVar("T")

_NAMES = re.compile(r"\w+(\.\w+)*")
"""A JMESPath, or the beginning of one, that goes from name to name."""


def find(answer: Mapping[str, Any], path: str) -> Any:
    """What AWS always answers at a JMESPath. Raises `IncompleteAnswerError` where it is not."""
    found = _search_of(path)(answer)
    if found is None:
        raise _incomplete(path)
    return found


def from_answer(model: Callable[..., T], answer: Mapping[str, Any], **given: Any) -> T:
    """A value of `model` with the fields of an answer, and those of `given` that it has.

    A field has the name that AWS gives it, `ping_status` for `PingStatus`, unless an `In` says
    where it is. What the answer lacks has the default of the field; `IncompleteAnswerError` is
    raised where the field has none.
    """
    places = _places_of(model)
    found = {name: given[name] for name in given if name in places}
    for name, place in places.items():
        if name not in given and (part := _search_of(place.path)(answer)) is not None:
            found[name] = place.convert(part)
    for name in _required_of(model):
        if name not in found:
            raise _incomplete(places[name].path)
    return model(**found)


def _incomplete(path: str) -> IncompleteAnswerError:
    names = _NAMES.match(path)
    return IncompleteAnswerError(field=names.group() if names else path)


@cache
def _required_of(model: Any) -> tuple[str, ...]:
    """The fields of a model that have no default."""
    without = (MISSING, MISSING)
    return tuple(x.name for x in fields(model) if (x.default, x.default_factory) == without)


@cache
def _search_of(path: str) -> Callable[[Any], Any]:
    """What finds a JMESPath in an answer; names are found without the cost of an interpreter."""
    if not _NAMES.fullmatch(path):
        search: Callable[[Any], Any] = jmespath.compile(path).search
        return search
    names = path.split(".")

    def search_names(answer: Any) -> Any:
        for name in names:
            answer = answer.get(name) if isinstance(answer, dict) else None
        return answer

    return search_names


@cache
def _places_of(model: Any) -> Mapping[str, In]:
    """Where the fields of a model are in an answer."""
    places = {}
    for name, hint in get_type_hints(model, include_extras=True).items():
        own = In("".join(map(str.capitalize, name.split("_"))))
        named = (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, In))
        places[name] = next(named, own)
    return places
