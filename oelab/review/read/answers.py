"""Answers of AWS as values of the models."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, get_type_hints

from oelab.review.models import In

T = TypeVar("T")


def from_answer(model: Callable[..., T], answer: Mapping[str, Any], **given: Any) -> T:
    """A value of `model` with the fields of an answer, and those of `given` that it has.

    A field has the name that AWS gives it, `ping_status` for `PingStatus`, unless an `In` says
    where it is. What the answer lacks has the default of the field.
    """
    places = _places_of(model)
    found = {name: value for name, value in given.items() if name in places}
    for name, place in places.items():
        if name in found:
            continue
        for path in place.paths:
            value = _look_up(answer, path)
            if value is not None:
                found[name] = place.convert(value)
                break
    return model(**found)


@cache
def _places_of(model: Any) -> Mapping[str, In]:
    """Where the fields of a model are in an answer."""
    places = {}
    for name, hint in get_type_hints(model, include_extras=True).items():
        own = In("".join(map(str.capitalize, name.split("_"))))
        named = (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, In))
        places[name] = next(named, own)
    return places


def _look_up(answer: Any, path: str) -> Any:
    """What is at a path, None where it is not there; "" is the answer itself."""
    step, _, rest = path.partition(".")
    if not step:
        return answer
    if step.endswith("[]"):
        return tuple(_look_up(each, rest) for each in answer.get(step[:-2], ()))
    value = answer.get(step)
    return _look_up(value, rest) if rest and value is not None else value
