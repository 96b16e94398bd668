"""From a question and its parameters to a report."""

from collections.abc import Mapping

from oelab.queries import Query, questions
from oelab.query.engine import Argument, Engine
from oelab.query.parameters import question_of, values_of
from oelab.query.report import QueryReport, Result, UnreadItem
from oelab.review.evaluate.package_versions import parse_conditions, scheme_of
from oelab.systems_manager.data_sync_cost import scan_usd

_VERSIONS = "package_versions"


def answer(question: str, parameters: Mapping[str, str], engine: Engine) -> QueryReport:
    """The answer of an engine to the question of this name, with parameters as texts by name.

    A parameter of the kind `versions` takes two steps, as SQL cannot compare versions: which there
    are, and then the rows of those that satisfy it.

    Raises FindingsError for an unknown question and for parameters that are unknown, missing or
    wrong, and what the engine raises.
    """
    query = question_of(question)
    values = values_of(query, parameters)
    kinds = [parameter.kind for parameter in query.parameters]
    if "versions" in kinds:
        result = _with_versions(query, dict(zip(kinds, values, strict=True)), engine)
    else:
        result = engine.run(query, values)
    scanned = result.scanned_bytes
    return QueryReport(
        question=query.name,
        columns=tuple(column.name for column in query.columns),
        rows=result.rows,
        unread=result.unread,
        scanned_bytes=scanned,
        usd=None if scanned is None else scan_usd(scanned),
    )


def _with_versions(query: Query, values: Mapping[str, Argument], engine: Engine) -> Result:
    """The rows of a question about a package (`text`) whose version satisfies `versions`.

    Both questions name the platform and `fullversion`, by which rows are chosen: one version may
    satisfy the comparison on one platform and not on another.
    """
    package, conditions = str(values["text"]), parse_conditions(str(values["versions"]))
    versions = questions()[_VERSIONS]
    found = engine.run(versions, [package])
    matching, unread = set(), list(found.unread)
    for row in found.rows:
        named = {c.name: str(value) for c, value in zip(versions.columns, row, strict=True)}
        installed = named["fullversion"]
        scheme = scheme_of(named["platformtype"], named["platformname"])
        held = [condition.holds(installed, scheme) for condition in conditions]
        if all(held):
            matching.add((named["platformtype"], named["platformname"], named["fullversion"]))
        elif None in held and False not in held:
            name = f"{package} {installed} on {named['platformname'] or 'an unknown platform'}"
            unread.append(UnreadItem(name, f"cannot be compared with {values['versions']}"))
    if not matching:
        return Result((), tuple(unread), found.scanned_bytes)
    columns = [column.name for column in query.columns]
    of_platform = [columns.index(name) for name in ("platformtype", "platformname", "fullversion")]
    result = engine.run(query, [package, sorted({version for _, _, version in matching})])
    rows = tuple(row for row in result.rows if tuple(row[n] for n in of_platform) in matching)
    scanned = [each.scanned_bytes for each in (found, result) if each.scanned_bytes is not None]
    return Result(rows, tuple(dict.fromkeys(unread)), sum(scanned) if scanned else None)
