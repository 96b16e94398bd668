"""The reports of the review as text."""

from collections.abc import Sequence

from oelab.findings import Finding, Severity
from oelab.render.output import Output
from oelab.render.tables import print_facts, print_table
from oelab.report import Report
from oelab.review.evaluate.associations import AssociationsReport, AssociationStatus
from oelab.review.evaluate.compliance import ComplianceReport
from oelab.review.evaluate.fleet import StatusReport
from oelab.review.evaluate.images import ImagePinReport
from oelab.review.evaluate.seen_node import count
from oelab.review.evaluate.syncs import SyncReport
from oelab.review.models import ReviewReport, Subject
from oelab.review.records import Execution

# A cause that hits a whole fleet has the same reason everywhere; so many examples show it.
_EXAMPLES = 3
_LONGEST_LIST = 20


def print_report(report: Report, out: Output) -> None:
    """A report, for a person to read."""
    match report:
        case StatusReport(nodes=(node,)):
            out.print(f"{node.name}: {node.verdict}")
            print_facts(out, node)
            out.print()
            _print_tables(out, report.associations)
        case StatusReport():
            _print_tables(out, report.nodes, report.associations)
        case AssociationsReport():
            for each in report.associations:
                _print_association(each, report, out)
        case ComplianceReport():
            _print_tables(out, report.types, report.items)
            _print_tables(out, [each for each in report.nodes if not each.is_compliant])
        case SyncReport():
            _print_tables(out, report.syncs, report.types)
        case _:
            _print_tables(out, () if report.table_rows is report.findings else report.table_rows)
    _print_findings(report, out)
    if isinstance(report, StatusReport):
        for environment in report.without_nodes:
            out.print(f"{environment}: no expected node is there")
        totals = ", ".join(f"{number} {verdict}" for verdict, number in report.totals.items())
        out.print(f"{count(len(report.nodes), 'expected node')}: {totals or 'none'}")
    if isinstance(report, ImagePinReport) and report.written_to:
        out.say(f"written to {report.written_to}")
    if not (report.table_rows or report.findings or [*report.not_read]):
        out.say(report.empty)


def _print_tables(out: Output, *tables: Sequence[object]) -> None:
    for rows in tables:
        if rows:
            print_table(out, rows)
            out.print()


def _print_findings(report: Report, out: Output) -> None:
    """The findings of each rule, with some examples and the remedy."""
    groups: dict[tuple[str, Severity, str, str], list[Finding]] = {}
    for each in report.findings:
        owner = each.subject.owner if isinstance(each.subject, Subject) else ""
        groups.setdefault((each.rule, each.severity, owner, each.remedy), []).append(each)
    for (rule, severity, owner, remedy), group in groups.items():
        label = "" if severity is Severity.ERROR else f"{severity}: "
        out.print(f"{label}{rule}{f' ({len(group)} times)' if len(group) > 1 else ''}")
        for each in group[:_EXAMPLES]:
            out.print(f"  {_where(each, report)}{each.subject} {each.reason}")
        if len(group) > _EXAMPLES:
            out.print(f"  and {len(group) - _EXAMPLES} more; --json lists them all")
        if owner:
            out.print(f"  Owner: {owner}")
        out.print(f"  Remedy: {remedy}")
        out.print()


def _where(found: Finding, report: Report) -> str:
    """The environment of a finding, where several were read."""
    is_one_of_many = isinstance(report, ReviewReport) and len(report.environments) > 1
    environment = found.subject.environment if isinstance(found.subject, Subject) else None
    # What is in none of several environments has no place.
    return f"{environment}: " if is_one_of_many and any(environment or ()) else ""


def _print_association(each: AssociationStatus, report: AssociationsReport, out: Output) -> None:
    out.print(f"{each.label}: {each.verdict}")
    print_facts(out, each)
    for run in (x for x in report.executions if x.association_id == each.association_id):
        ended = describe_run(run, each.node_count)
        out.print(f"  run at {run.created_time:%Y-%m-%d %H:%M:%S UTC}: {ended}")
    outcomes = [x for x in report.outcomes if x.association_id == each.association_id]
    if outcomes:
        out.print("  the latest outcome on each node, of the last run that it was in:")
        _print_tables(out, outcomes[:_LONGEST_LIST])
    if len(outcomes) > _LONGEST_LIST:
        out.print(f"  and {len(outcomes) - _LONGEST_LIST} more; --json lists them all")


def describe_run(run: Execution, node_count: int) -> str:
    """How a run ended, and on how many of the nodes of its association."""
    status = run.detailed_status or run.status
    if not run.nodes:
        return status
    total = sum(run.nodes.values())
    by_outcome = ", ".join(f"{number} {outcome}" for outcome, number in run.nodes.items())
    outcomes = f" ({by_outcome})" if run.nodes.keys() - {run.status} else ""
    if total >= node_count:
        return f"{status}, on {count(total, 'node')}{outcomes}"
    # State Manager runs an association at once on nodes that come online, and only on these.
    own = "nodes that come online have a run of their own"
    return f"{status}, on {total} of {count(node_count, 'node')}{outcomes}; {own}"
