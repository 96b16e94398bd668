"""Check the arguments of constructs by their annotations, before jsii sees them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, wraps
from inspect import signature
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    NamedTuple,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import aws_cdk as cdk
from constructs import Construct

from oelab.constraints.kinds import key_path, wrong_type
from oelab.findings import Finding, FindingsError, Rule

# How the CDK writes a token into a string. Where it is not to be seen, the CDK itself is asked.
_PLACEHOLDER = "${Token["
_WORDS = {
    str: "a text",
    bool: "True or False",
    int: "a number",
    Sequence: "a list",
    Mapping: "a table",
}

P = ParamSpec("P")
R = TypeVar("R")
Check = Callable[[str, Any], Iterator[Finding]]


def check_arguments(
    *rules: Callable[..., Iterator[Finding]],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a function raise `FindingsError` with all that is wrong with its arguments.

    The annotation of an argument says what it must be. `Annotated[str, IMAGE_ID]` also names what
    constrains the text, and a text in there is the remedy for what is of another type. `rules` are
    about several arguments; they take all of them by name and run where all types are right.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        names = list(signature(function).parameters)
        defaults: dict[str, Any] = getattr(function, "__kwdefaults__", None) or {}

        @cache
        def accepted() -> dict[str, tuple[_Option, ...]]:
            hints = get_type_hints(function, include_extras=True)
            return {name: _options(hints[name]) for name in names if name in hints}

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            given: dict[str, Any] = dict(zip(names, args, strict=False)) | kwargs
            found = [
                finding
                for name, options in accepted().items()
                if name in given
                for finding in _findings(name, given[name], options)
            ]
            if not any(finding.rule == Rule.VALUE_TYPE for finding in found):
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


class _Option(NamedTuple):
    """One of the types that an annotation allows; `items` are the options of what is within."""

    classes: tuple[type, ...]
    constraints: tuple[Check, ...]
    remedies: tuple[str, ...]
    items: tuple[tuple["_Option", ...], ...]


def _options(annotation: Any) -> tuple[_Option, ...]:
    return tuple(map(_option, _members(annotation)))


def _option(annotation: Any) -> _Option:
    is_annotated = get_origin(annotation) is Annotated
    kind, *metadata = get_args(annotation) if is_annotated else (annotation,)
    origin = get_origin(kind)
    return _Option(
        classes=tuple(get_origin(each) or each for each in _members(kind)),
        constraints=tuple(
            getattr(each, "findings", each) for each in metadata if not isinstance(each, str)
        ),
        remedies=tuple(each for each in metadata if isinstance(each, str)),
        items=tuple(map(_options, get_args(kind))) if origin in (Sequence, Mapping) else (),
    )


def _members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, or the annotation by itself."""
    is_union = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if is_union else (annotation,)


def _findings(where: str, value: Any, options: tuple[_Option, ...]) -> Iterator[Finding]:
    """What is wrong with a value: its type, what is within, or else what constrains it."""
    for option in options:
        if any(_is_a(value, each) for each in option.classes):
            found = list(_findings_within(where, value, option))
            for check in () if found else option.constraints:
                found += check(where, value)
            yield from found
            return
    yield _misfit(where, value, options)


def _findings_within(where: str, value: Any, option: _Option) -> Iterator[Finding]:
    match option.items:
        case (items,):
            for number, item in enumerate(value):
                yield from _findings(f"{where}[{number}]", item, items)
        case (keys, values):
            for key, item in value.items():
                at = key_path(where, str(key))
                yield from _findings(at, key, keys)
                yield from _findings(at, item, values)


def _misfit(where: str, value: Any, options: tuple[_Option, ...]) -> Finding:
    classes = [each for option in options for each in option.classes if each is not NoneType]
    words = " or ".join(_WORDS.get(each, f"of type {each.__name__}") for each in classes)
    remedies = [remedy for option in options for remedy in option.remedies]
    if isinstance(value, str) and Sequence in classes:
        remedies = [f"write [{value!r}]"]
    remedy = remedies[0] if remedies else "give it one"
    return wrong_type(where, value, f"must be {words}", "signature in oelab.constructs", remedy)


def _is_a(value: Any, kind: type) -> bool:
    if kind is int:
        # A token of a number is a float.
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is Sequence:
        return isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if issubclass(kind, str):
        return isinstance(value, str)
    is_interface = getattr(kind, "_is_protocol", False)
    return _implements(value, kind) if is_interface else isinstance(value, kind)


def _implements(value: Any, interface: type) -> bool:
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
    if finding.rule == Rule.VALUE_TYPE:
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
