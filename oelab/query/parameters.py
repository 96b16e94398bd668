"""The values of a question's parameters, from text."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from oelab.constraints.kinds import Text
from oelab.findings import Finding, FindingsError
from oelab.queries import Field, Query, questions
from oelab.review.package_versions import parse

Parameter = str | int

# Athena takes 1,024 characters with the quotes around a text, each of which may be doubled.
_TEXT = Text(
    "QueryText",
    "Athena API Reference, StartQueryExecution",
    pattern=r"[^\x00-\x1f]*",
    form="characters without control characters",
    at_least=1,
    at_most=500,
)
_WHOLE = Text("QueryNumber", "", "[0-9]{1,4}", "a whole number of up to 4 digits")


def question_of(name: str) -> Query:
    """The question of this name; raises FindingsError where there is none."""
    if found := questions().get(name):
        return found
    similar = difflib.get_close_matches(name, questions(), n=1)
    known = ", ".join(questions())
    raise FindingsError(
        [
            Finding(
                rule="Question",
                subject="question",
                value=name,
                reason="must be the name of a question",
                remedy=f"did you mean {similar[0]!r}?" if similar else f"known are {known}",
            )
        ]
    )


def values_of(query: Query, given: Mapping[str, str]) -> tuple[Parameter, ...]:
    """The value of each parameter, in their order; raises FindingsError with all that is wrong."""
    if found := [*_unknown(query, given), *_missing(query, given), *_wrong(query, given)]:
        raise FindingsError(found)
    return tuple(
        int(given[each.name]) if each.kind == "integer" else given[each.name]
        for each in query.parameters
    )


def read_assignments(texts: Iterable[str]) -> dict[str, str]:
    """Parameters by name from texts like `package=openssl`; raises FindingsError for others."""
    found, given = [], {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name or name in given:
            reason = "must be given once" if name in given else "must be written as NAME=VALUE"
            found.append(_finding("QueryParameter", name, text, reason, "write it in this form"))
        given[name] = value
    if found:
        raise FindingsError(found)
    return given


def _unknown(query: Query, given: Mapping[str, str]) -> Iterator[Finding]:
    known = [each.name for each in query.parameters]
    for name in given:
        if name not in known:
            remedy = f"known are {', '.join(known)}" if known else "leave it out; it takes none"
            reason = f"must be a parameter of {query.name}"
            yield _finding("UnknownParameter", name, given[name], reason, remedy)


def _missing(query: Query, given: Mapping[str, str]) -> Iterator[Finding]:
    for each in query.parameters:
        if each.name not in given:
            remedy = f"write {each.name}=VALUE: {each.description}"
            yield _finding("MissingParameter", each.name, None, "must be given", remedy)


def _wrong(query: Query, given: Mapping[str, str]) -> Iterator[Finding]:
    for each in query.parameters:
        if each.name in given:
            yield from _wrong_value(each, given[each.name])


def _wrong_value(field: Field, value: str) -> Iterator[Finding]:
    constraint = _WHOLE if field.kind == "integer" else _TEXT
    found = list(constraint.findings(f"parameter {field.name}", value))
    yield from found
    if field.kind == "versions" and not found:
        try:
            parse(value)
        except ValueError as error:
            remedy = "write it like '<3.0.14' or '>=3.0,<3.1'"
            yield _finding("VersionCondition", field.name, value, str(error), remedy)


def _finding(rule: str, name: str, value: object, reason: str, remedy: str) -> Finding:
    return Finding(
        rule=rule, subject=f"parameter {name}", value=value, reason=reason, remedy=remedy
    )
