"""Turns `--param NAME=VALUE` into the values of a question's `?`, by its declared parameters."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from oelab.constraints.kinds import Text
from oelab.findings import BadInputError, Finding, FindingsError
from oelab.queries import Query, questions
from oelab.review.evaluate.package_versions import parse_conditions

Parameter = str | int
Argument = Parameter | Sequence[str]
"""A value in the place of a `?`; several of them for one that stands in `IN (?)`."""

# Athena takes 1,024 characters with the quotes around a text, each of which may be doubled.
_SOURCE = "Athena API Reference, StartQueryExecution"
_TEXT = Text("QueryText", _SOURCE, r"[^\x00-\x1f]*", "characters, none for control", 1, 500)
_WHOLE = Text("QueryNumber", "", "[0-9]{1,4}", "a whole number of up to 4 digits")


def question_of(name: str) -> Query:
    """The question of this name; raises FindingsError where there is none."""
    if found := questions().get(name):
        return found
    similar = difflib.get_close_matches(name, questions(), n=1)
    remedy = f"did you mean {similar[0]!r}?" if similar else f"known are {', '.join(questions())}"
    raise FindingsError(
        [Finding("Question", "question", "must be one of the questions", remedy, name)]
    )


def values_of(query: Query, given: Mapping[str, str]) -> tuple[Parameter, ...]:
    """The value of each parameter, in their order; raises FindingsError with all that is wrong."""
    if found := list(_faults(query, given)):
        raise FindingsError(found)
    return tuple(
        int(given[each.name]) if each.kind == "integer" else given[each.name]
        for each in query.parameters
    )


def expanded(query: Query, arguments: Sequence[Argument]) -> tuple[str, list[Parameter]]:
    """The statement with a `?` for each value, and the values."""
    values = [[each] if isinstance(each, str | int) else list(each) for each in arguments]
    marks = iter(", ".join("?" * len(each)) for each in values)
    statement = re.sub(r"\?", lambda _: next(marks), query.statement)
    return statement, [value for each in values for value in each]


def read_assignments(texts: Iterable[str]) -> dict[str, str]:
    """Parameters by name from texts like `package=openssl`; raises FindingsError for others."""
    found: list[Finding] = []
    given: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name or name in given:
            reason, remedy = "must be given once, as NAME=VALUE", "write each one in this form"
            found.append(Finding("QueryParameter", f"parameter {name}", reason, remedy, text))
        given[name] = value
    if found:
        raise FindingsError(found)
    return given


def _faults(query: Query, given: Mapping[str, str]) -> Iterator[Finding]:
    known = {each.name: each for each in query.parameters}
    for name in (*known, *(given.keys() - known.keys())):
        subject, value = f"parameter {name}", given.get(name)
        if name not in known:
            remedy = f"known are {', '.join(known)}" if known else "leave it out; it takes none"
            reason = f"must be a parameter of {query.name}"
            yield Finding("UnknownParameter", subject, reason, remedy, value)
        elif value is None:
            remedy = f"write --param {name}=VALUE: {known[name].description}"
            yield Finding("MissingParameter", subject, "must be given", remedy)
        else:
            yield from _wrong_value(subject, known[name].kind, value)


def _wrong_value(subject: str, kind: str, value: str) -> Iterator[Finding]:
    constraint = _WHOLE if kind == "integer" else _TEXT
    found = list(constraint.findings(subject, value))
    yield from found
    if kind == "versions" and not found:
        try:
            parse_conditions(value)
        except BadInputError:
            remedy = "write it like '<3.0.14' or '>=3.0,<3.1'"
            reason = "must be comparisons with versions, separated by commas"
            yield Finding("VersionCondition", subject, reason, remedy, value)
