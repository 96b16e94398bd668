"""Answers a question on any engine; looks up the versions that satisfy a comparison first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from oelab.queries import Query, questions, views
from oelab.query.parameters import Argument, question_of, values_of
from oelab.query.report import QueryReport, Row, UnreadItem, Value
from oelab.review.evaluate.package_versions import parse_conditions, scheme_of
from oelab.systems_manager.data_sync_cost import scan_usd


class Engine(Protocol):
    """Runs the statement of a question."""

    def run(self, query: Query, arguments: Sequence[Argument]) -> QueryReport:
        """The rows of a question with these arguments for its parameters."""


def answer(question: str, parameters: Mapping[str, str], engine: Engine) -> QueryReport:
    """The answer of an engine to the question of this name, with parameters as texts by name.

    A parameter of the kind `versions` takes two steps, as SQL cannot compare versions: which there
    are, and then the rows of those that satisfy it. One of the kind `workload` is looked up too:
    that nothing differs from a workload without nodes says nothing.

    Raises FindingsError for an unknown question and for parameters that are unknown, missing or
    wrong, and what the engine raises.
    """
    query = question_of(question)
    values = values_of(query, parameters)
    kinds = [parameter.kind for parameter in query.parameters]
    if "versions" in kinds:
        report = _with_versions(query, dict(zip(kinds, values, strict=True)), engine)
    else:
        report = engine.run(query, values)
    named = [value for kind, value in zip(kinds, values, strict=True) if kind == "workload"]
    if named and not report.unread:
        report = _with_workloads(report, named, engine)
    scanned = report.scanned_bytes
    return replace(report, usd=None if scanned is None else scan_usd(scanned))


def _with_workloads(report: QueryReport, named: Sequence[Argument], engine: Engine) -> QueryReport:
    """The report, with each named workload that no node has as one that could not be read."""
    found = engine.run(views()["workload"], [])
    column = found.columns.index("workload")
    with_nodes = {row[column] for row in found.rows}
    reason = "no node in the data has it as its tag Workload"
    missing = [UnreadItem(f"workload {each}", reason) for each in named if each not in with_nodes]
    scanned = report.scanned_bytes
    return replace(
        report,
        unread=found.unread or tuple(missing),
        scanned_bytes=None if scanned is None else scanned + (found.scanned_bytes or 0),
    )


def _with_versions(query: Query, values: Mapping[str, Argument], engine: Engine) -> QueryReport:
    """The rows of a question about a package (`text`) whose version satisfies `versions`.

    Both questions name the platform and `fullversion`, by which rows are chosen: one version may
    satisfy the comparison on one platform and not on another.
    """
    package, conditions = str(values["text"]), parse_conditions(str(values["versions"]))
    found = engine.run(questions()["package_versions"], [package])
    matching, unread = set(), list(found.unread)
    for row in found.rows:
        kind, platform, installed = map(str, _platform_and_version(found, row))
        held = [condition.holds(installed, scheme_of(kind, platform)) for condition in conditions]
        if all(held):
            matching.add((kind, platform, installed))
        elif None in held and False not in held:
            name = f"{package} {installed} on {platform or 'an unknown platform'}"
            unread.append(UnreadItem(name, f"cannot be compared with {values['versions']}"))
    if not matching:
        return QueryReport.of(query, unread=tuple(unread), scanned_bytes=found.scanned_bytes)
    report = engine.run(query, [package, sorted({version for _, _, version in matching})])
    rows = (row for row in report.rows if _platform_and_version(report, row) in matching)
    scanned = [each.scanned_bytes for each in (found, report) if each.scanned_bytes is not None]
    return QueryReport.of(
        query,
        rows,
        unread=tuple(dict.fromkeys(unread)),
        scanned_bytes=sum(scanned) if scanned else None,
    )


def _platform_and_version(report: QueryReport, row: Row) -> tuple[Value, ...]:
    named = dict(zip(report.columns, row, strict=True))
    return named["platformtype"], named["platformname"], named["fullversion"]
