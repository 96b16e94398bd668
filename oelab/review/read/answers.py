"""Answers of AWS as values of the models."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar, get_type_hints

import jmespath

from oelab.review.models import In
from oelab.review.read.errors import IncompleteAnswerError

T = TypeVar("T")


def find(answer: Mapping[str, Any], path: str) -> Any:
    """What AWS always answers at a JMESPath. Raises `IncompleteAnswerError` where it is not."""
    found = jmespath.search(path, answer)
    if found is None:
        raise IncompleteAnswerError(field=path)
    return found


def from_answer(model: Callable[..., T], answer: Mapping[str, Any], **given: Any) -> T:
    """A value of `model` with the fields of an answer, and those of `given` that it has.

    A field has the name that AWS gives it, `ping_status` for `PingStatus`, unless an `In` says
    where it is. What the answer lacks has the default of the field; `IncompleteAnswerError` is
    raised where the field has none.
    """
    places = _places_of(model)
    read = _expression_of(model).search(answer)
    found = {name: places[name].convert(read[name]) for name in places if read[name] is not None}
    found |= {name: value for name, value in given.items() if name in places}
    for name in _required_of(model):
        if name not in found:
            raise IncompleteAnswerError(field=places[name].path)
    return model(**found)


@cache
def _required_of(model: Any) -> tuple[str, ...]:
    """The fields of a model that have no default."""
    without = (MISSING, MISSING)
    return tuple(x.name for x in fields(model) if (x.default, x.default_factory) == without)


@cache
def _expression_of(model: Any) -> Any:
    """The JMESPath expression that finds all fields of a model at once."""
    parts = (f"{name}: {place.path}" for name, place in _places_of(model).items())
    return jmespath.compile(f"{{{', '.join(parts)}}}")


@cache
def _places_of(model: Any) -> Mapping[str, In]:
    """Where the fields of a model are in an answer."""
    places = {}
    for name, hint in get_type_hints(model, include_extras=True).items():
        own = In("".join(map(str.capitalize, name.split("_"))))
        named = (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, In))
        places[name] = next(named, own)
    return places
