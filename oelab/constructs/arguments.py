"""Check the arguments of constructs by their annotations, before jsii sees them."""

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, wraps
from inspect import signature
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, ParamSpec, TypeVar, get_args, get_origin

import aws_cdk as cdk
from constructs import Construct

from oelab.constraints.kinds import VALUE_TYPE, wrong_type
from oelab.findings import Finding, FindingsError

# How the CDK writes a token into a string. Where it is not to be seen, the CDK itself is asked.
_PLACEHOLDER = "${Token["
_SOURCE = "signature in oelab.constructs"
_NAMES = {str: "text", bool: "True or False", int: "number", Sequence: "list", Mapping: "table"}

P = ParamSpec("P")
R = TypeVar("R")
Rules = Callable[..., Iterator[Finding]]


def check_arguments(*rules: Rules) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a function raise `FindingsError` with all that is wrong with its arguments.

    The annotation of an argument says what it must be. `Annotated[str, IMAGE_ID]` also names what
    constrains the text, and a text in there is the remedy for what is of another type. `rules` are
    about several arguments; they take all of them by name and run where all types are right.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        names = list(signature(function).parameters)
        defaults: dict[str, Any] = getattr(function, "__kwdefaults__", None) or {}

        @cache
        def accepted() -> dict[str, list[_Option]]:
            hints = typing.get_type_hints(function, include_extras=True)
            return {name: _options(annotation) for name, annotation in hints.items()}

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            given: dict[str, Any] = dict(zip(names, args, strict=False)) | kwargs
            found: list[Finding] = []
            for name, options in accepted().items():
                if name in given:
                    found += _findings(name, given[name], options)
            found += _unknown_id(given.get("construct_id"))
            if not any(finding.rule == VALUE_TYPE for finding in found):
                found += [finding for rule in rules for finding in rule(**defaults | given)]
            # Tokens are looked for last, as values are seldom wrong and asking jsii takes time.
            found = [finding for finding in found if not _is_token(finding)]
            if found:
                path = _path(given) or function.__qualname__.removesuffix(".__init__")
                raise FindingsError(
                    replace(finding, subject=f"{path}: {finding.subject}") for finding in found
                )
            return function(*args, **kwargs)

        return checked

    return decorate


def _unknown_id(construct_id: Any) -> Iterator[Finding]:
    """Names of resources are made of the ids of constructs."""
    if isinstance(construct_id, str) and _PLACEHOLDER in construct_id:
        reason, remedy = "must be a text that is known at synth", "write it out"
        yield wrong_type("construct_id", construct_id, reason, _SOURCE, remedy)


class _Option(NamedTuple):
    """One of the types that an annotation allows, and what else it says; `items` are of a list."""

    classes: tuple[type, ...]
    metadata: tuple[Any, ...]
    items: "list[_Option]"


def _options(annotation: Any) -> list[_Option]:
    options = []
    for member in _members(annotation):
        kind, *metadata = get_args(member) if get_origin(member) is Annotated else (member,)
        classes = tuple(get_origin(each) or each for each in _members(kind))
        items = _options(get_args(kind)[0]) if classes == (Sequence,) else []
        options.append(_Option(classes, tuple(metadata), items))
    return options


def _members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the annotation by itself."""
    is_union = get_origin(annotation) in (typing.Union, UnionType)
    return get_args(annotation) if is_union else (annotation,)


def _findings(where: str, value: Any, options: list[_Option]) -> list[Finding]:
    """What is wrong with a value: its type, the items of a list, or else what constrains it."""
    for option in options:
        if any(_is_a(value, each) for each in option.classes):
            found: list[Finding] = []
            for number, item in enumerate(value if option.items else ()):
                found += _findings(f"{where}[{number}]", item, option.items)
            for each in () if found else option.metadata:
                if not isinstance(each, str):
                    found += getattr(each, "findings", each)(where, value)
            return found
    return [_misfit(where, value, options)]


def _misfit(where: str, value: Any, options: list[_Option]) -> Finding:
    kinds = [kind for option in options for kind in option.classes if kind is not NoneType]
    said = [each for option in options for each in option.metadata if isinstance(each, str)]
    remedy = said[0] if said else "give one of that type"
    if isinstance(value, str) and Sequence in kinds:
        remedy = f"write [{value!r}]"
    reason = f"must be of type {' or '.join(_NAMES.get(kind, kind.__name__) for kind in kinds)}"
    return wrong_type(where, value, reason, _SOURCE, remedy)


def _is_a(value: Any, kind: type) -> bool:
    if kind is int:
        # A token of a number is a float.
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is Sequence:
        return isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if issubclass(kind, str):
        return isinstance(value, str)
    is_interface = getattr(kind, "_is_protocol", False)
    return implements(value, kind) if is_interface else isinstance(value, kind)


def implements(value: Any, interface: type) -> bool:
    """Whether a construct has an interface of the CDK."""
    declared = getattr(type(value), "__jsii_ifaces__", ())
    if any(interface in each.__mro__ for each in declared):
        return True
    # What is imported is a proxy, which has to be asked.
    members = (name for name in vars(interface) if not name.startswith("_"))
    return not isinstance(value, type) and all(hasattr(value, name) for name in members)


def _path(given: Mapping[str, Any]) -> str:
    """The path of the construct that is being made, "" where there is none."""
    scope = given.get("scope")
    if not isinstance(scope, Construct) or "construct_id" not in given:
        return ""
    return f"{scope.node.path}/{given['construct_id']}".lstrip("/")


def _is_token(finding: Finding) -> bool:
    """Whether a finding is about a value that only the deployment knows."""
    if finding.rule == VALUE_TYPE:
        return False
    given = finding.value if isinstance(finding.value, list | tuple) else [finding.value]
    return any(
        _PLACEHOLDER in str(item)
        or cdk.Token.is_unresolved(item)
        # The one element that stands for a whole list is recognized only within that list.
        or cdk.Token.is_unresolved([item])
        for item in given
        if isinstance(item, str | int | float)
    )
