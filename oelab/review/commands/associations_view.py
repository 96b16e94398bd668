"""What `oelab associations` shows."""

from collections import Counter
from collections.abc import Mapping

from oelab.review.commands.session import Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.expected_fleet import Expectation
from oelab.review.models import AssociationDetails, Outcome, Unread
from oelab.review.output import Output, unread_documents
from oelab.review.read.association_report import AssociationReport, PlaceReport, Run, read_reports
from oelab.review.verdicts.run_status import Ending, ending
from oelab.review.verdicts.verdict import OK, UNREAD
from oelab.systems_manager.documents import INVENTORY_DOCUMENT
from oelab.systems_manager.targets import criteria_of, describe

SCHEMA = "oelab.associations/1"
NO_TARGETS = "no-targets"
_NO_TARGETS = "no managed node matches its targets; tag the nodes, or change the targets"
_WIDEST_LIST = 20


def show(session: Session, *, all_documents: bool, runs: int) -> ExitCode:
    """Each association of each place, in the order AWS lists them."""
    document = "" if all_documents else INVENTORY_DOCUMENT
    found = read_reports(session.places, document, runs)
    unread = [each for place in found for each in place.unread]
    judged = [
        (place, report, verdict(report, session.expectation))
        for place in found
        for report in place.reports
    ]
    if session.out.as_json:
        documents = [
            _document(report, judgement, place.names, runs) for place, report, judgement in judged
        ]
        session.out.json(SCHEMA, {"unread": unread_documents(unread), "associations": documents})
    else:
        for place, report, judgement in judged:
            _print(session.out, report, judgement, place, runs)
        if not judged and not unread:
            session.out.say("there is no such association; deploy the inventory stack")
    session.out.warn_unread(unread)
    bad = any(judgement != OK for _, _, judgement in judged)
    return exit_code(findings=bad, unread=bool(unread))


def verdict(report: AssociationReport, expectation: Expectation) -> str:
    """ "ok", "unread", "no-targets", "pending" or "failed", by the latest outcome on each node.

    As in the verdict on a node, one of the settings that is skipped has failed, and one of others
    has not.
    """
    if report.has_targets is False:
        return NO_TARGETS
    if isinstance(report.runs, Unread):
        return UNREAD
    endings = {node_id: ending(outcome) for node_id, outcome in report.latest().items()}
    failures = {Ending.BADLY}
    if expectation.is_ours(report.association):
        failures.add(Ending.SKIPPED)
    if failures & set(endings.values()):
        return "failed"
    if isinstance(report.reaches, Unread) or any(
        isinstance(run.outcomes, Unread) for run in report.runs
    ):
        return UNREAD
    ended = {node_id for node_id, ended in endings.items() if ended is not Ending.UNDECIDED}
    return OK if ended and ended >= set(report.reaches) else "pending"


def _print(
    out: Output, report: AssociationReport, judgement: str, place: PlaceReport, runs: int
) -> None:
    association = report.association
    out.print(f"{association.label}: {judgement}")
    facts = {
        "id": association.association_id,
        "place": str(report.place),
        "document": association.document,
        "targets": _targets(report),
        "schedule": association.schedule or "none: runs when it changes",
        "next run": _next_run(report),
        "logs": _logs(report.details),
    }
    for name, value in facts.items():
        out.print(f"  {name:<9} {value}")
    if report.has_targets is False:
        out.print(f"  {_NO_TARGETS}")
    for run in () if isinstance(report.runs, Unread) else report.runs[:runs]:
        out.print(
            f"  run at {run.execution.created:%Y-%m-%d %H:%M:%S UTC}: {run_told(run, report)}"
        )
    _print_outcomes(out, report, place.names)
    out.print()


def run_told(run: Run, report: AssociationReport) -> str:
    """How a run ended, and on how many of the nodes that the association reaches."""
    status = run.execution.detailed_status or run.execution.status
    if isinstance(run.outcomes, Unread):
        return status
    outcomes = {o.node_id: o.status for o in run.outcomes if o.node_id not in report.gone}
    counts = Counter(outcomes.values())
    by_outcome = ", ".join(f"{count} {each}" for each, count in counts.most_common())
    told = f" ({by_outcome})" if counts.keys() - {run.execution.status} else ""
    reached = () if isinstance(report.reaches, Unread) else report.reaches
    everyone = outcomes.keys() | report.latest().keys() | set(reached)
    if len(outcomes) == len(everyone):
        return f"{status}, on {_nodes(len(outcomes))}{told}"
    # State Manager runs an association at once on nodes that come online, and on these alone.
    return (
        f"{status}, on {len(outcomes)} of {_nodes(len(everyone))}{told}; nodes that come online "
        "have a run of their own"
    )


def _nodes(count: int) -> str:
    return f"{count} node{'' if count == 1 else 's'}"


def _print_outcomes(out: Output, report: AssociationReport, names: Mapping[str, str]) -> None:
    worst_first = sorted(
        report.latest().values(),
        key=lambda each: (ending(each) is Ending.WELL, names.get(each.node_id, each.node_id)),
    )
    if not worst_first:
        return
    out.print(f"  latest outcome on {_nodes(len(worst_first))}, each from the last run it was in:")
    out.table(
        ["Node", "Instance", "Outcome"],
        [
            (names.get(each.node_id, "-"), each.node_id, _said(each))
            for each in worst_first[:_WIDEST_LIST]
        ],
        prose=("Outcome",),
    )
    if len(worst_first) > _WIDEST_LIST:
        out.print(f"  and {len(worst_first) - _WIDEST_LIST} more; --json lists them all")


def _said(outcome: Outcome) -> str:
    if outcome.detailed_status in ("", outcome.status):
        return outcome.status
    return f"{outcome.status}: {outcome.detailed_status}"


def _targets(report: AssociationReport) -> str:
    return describe(report.association.targets) or "none"


def _next_run(report: AssociationReport) -> str:
    moment = report.next_run()
    return f"{moment:%Y-%m-%d %H:%M UTC} (computed)" if moment else "not known"


def _logs(details: AssociationDetails | Unread) -> str:
    if isinstance(details, Unread):
        return "not read"
    if not details.log_bucket:
        return "none kept"
    prefix = f"{details.log_prefix}/" if details.log_prefix else ""
    return f"s3://{details.log_bucket}/{prefix}NODE/"


def _document(
    report: AssociationReport, judgement: str, names: Mapping[str, str], runs: int
) -> dict[str, object]:
    association = report.association
    return {
        "place": str(report.place),
        "id": association.association_id,
        "name": association.name,
        "verdict": judgement,
        "document": association.document,
        "targets": [
            {"key": key, "values": list(values)} for key, values in criteria_of(association.targets)
        ],
        "schedule": association.schedule,
        "last_run": association.last_run,
        "next_run_computed": report.next_run(),
        "logs": _logs(report.details),
        "nodes": [_outcome(each, names) for each in report.latest().values()],
        "runs": None
        if isinstance(report.runs, Unread)
        else [_run(each, names) for each in report.runs[:runs]],
    }


def _run(run: Run, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "id": run.execution.execution_id,
        "created": run.execution.created,
        "status": run.execution.status,
        "nodes": None
        if isinstance(run.outcomes, Unread)
        else [_outcome(each, names) for each in run.outcomes],
    }


def _outcome(outcome: Outcome, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "id": outcome.node_id,
        "name": names.get(outcome.node_id, ""),
        "status": outcome.status,
        "detailed_status": outcome.detailed_status,
        "ended": outcome.ended,
    }
