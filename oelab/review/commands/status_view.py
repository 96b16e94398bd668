"""What `oelab status` shows."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from oelab.review.commands.session import BadInputError, Session
from oelab.review.commands.status_document import (
    SCHEMA,
    document,
    node_document,
    status_document,
    totals,
)
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.fleet_snapshot import Snapshot
from oelab.review.models import AssociationStatus, Unread
from oelab.review.output import Output, coloured, unread_documents
from oelab.review.read.associations import read_statuses
from oelab.review.read.errors import attempt
from oelab.review.read.fleet import read_fleet
from oelab.review.verdicts.connection import ago
from oelab.review.verdicts.fleet import judge
from oelab.review.verdicts.remedies import REMEDIES
from oelab.review.verdicts.verdict import NodeVerdict

if TYPE_CHECKING:
    from rich.text import Text

# A cause that hits a whole fleet has the same reason everywhere; these many examples tell it.
_EXAMPLES = 3


def show_fleet(session: Session) -> ExitCode:
    """Every expected node, worst first, and the causes with their remedies."""
    snapshots = read_fleet(session.places, session.expectation)
    verdicts = judge(snapshots, session.expectation)
    unread = [each for snapshot in snapshots for each in snapshot.unread()]
    if session.out.as_json:
        session.out.json(SCHEMA, document(verdicts, unread))
    else:
        _print(session.out, verdicts, _now(snapshots))
    session.out.warn_unread(unread)
    return exit_code(findings=any(each.findings for each in verdicts), unread=bool(unread))


def show_node(session: Session, wanted: str) -> ExitCode:
    """One node, with its own account of each association."""
    snapshots = read_fleet(session.places, session.expectation)
    verdicts = judge(snapshots, session.expectation)
    unread = [each for snapshot in snapshots for each in snapshot.unread()]
    found = [each for each in verdicts if wanted in (each.node_id, each.name)]
    if not found:
        session.out.warn_unread(unread)
        if unread:
            return ExitCode.UNREAD
        known = ", ".join(sorted(each.name for each in verdicts)[:10]) or "none"
        raise BadInputError(f"no expected node is called {wanted!r}; expected are: {known}")
    documents = []
    for verdict in found:
        statuses = _statuses(session, verdict)
        if isinstance(statuses, Unread):
            unread.append(statuses)
            statuses = ()
        documents.append(
            {**node_document(verdict), "associations": [status_document(each) for each in statuses]}
        )
        if not session.out.as_json:
            _print_node(session.out, verdict, statuses, _now(snapshots))
    if session.out.as_json:
        session.out.json(SCHEMA, {"unread": unread_documents(unread), "nodes": documents})
    session.out.warn_unread(unread)
    return exit_code(findings=any(each.findings for each in found), unread=bool(unread))


def _statuses(session: Session, verdict: NodeVerdict) -> tuple[AssociationStatus, ...] | Unread:
    clients = next((each for each in session.places if str(each.place) == verdict.place), None)
    if clients is None or not verdict.node_id:
        return ()
    return attempt(partial(read_statuses, clients, verdict.node_id))


def _now(snapshots: Sequence[Snapshot]) -> datetime:
    return max((each.read_at for each in snapshots), default=datetime.now(UTC))


def _print(out: Output, verdicts: Sequence[NodeVerdict], now: datetime) -> None:
    several = len({each.place for each in verdicts}) > 1
    columns = ["Node", "Instance", "Verdict", *(["Place"] if several else [])]
    needed = list(columns)
    columns += ["Inventory", "Association", "Profile", "Agent", "Compliance", "Platform"]
    rows = []
    for each in verdicts:
        row: list[str | Text] = [each.name, each.node_id or "-", coloured(each.verdict)]
        row += [each.place or "-"] if several else []
        agent = f"{each.agent_version} {each.ping}".strip()
        row += [_captured(each, now), each.outcome or "-", each.profile or "-", agent or "-"]
        row += [_complies(each), each.platform or "-"]
        rows.append(row)
    out.table(columns, rows, needed=needed)
    out.print()
    for rule, remedy in REMEDIES.items():
        _print_findings(out, rule, remedy, verdicts)
    for note, count in Counter(note for each in verdicts for note in each.notes).items():
        out.print(f"Note, on {_nodes(count)}: {note}")
    out.print(_totals_line(verdicts))


def _print_findings(out: Output, rule: str, remedy: str, verdicts: Sequence[NodeVerdict]) -> None:
    hit = [(each, finding) for each in verdicts for finding in each.findings]
    hit = [(each, finding) for each, finding in hit if finding.rule == rule]
    if not hit:
        return
    out.print(f"{rule}, {_nodes(len(hit))}")
    for each, finding in hit[:_EXAMPLES]:
        out.print(f"  {each.name}: {finding.reason}")
    if len(hit) > _EXAMPLES:
        out.print(f"  and {len(hit) - _EXAMPLES} more; --json lists them all")
    out.print(f"  Remedy: {remedy}")
    out.print()


def _print_node(
    out: Output, verdict: NodeVerdict, statuses: Sequence[AssociationStatus], now: datetime
) -> None:
    out.print(f"{verdict.name} ({verdict.node_id or 'not launched'}): {verdict.verdict}")
    facts = {
        "place": verdict.place,
        "instance": verdict.state,
        "profile": verdict.profile,
        "agent": f"{verdict.agent_version} {verdict.ping}".strip(),
        "platform": verdict.platform,
        "inventory": _captured(verdict, now),
        "compliance": _complies(verdict),
    }
    for name, value in facts.items():
        out.print(f"  {name:<11} {value or '-'}")
    for finding in verdict.findings:
        out.print(f"\n  {finding.rule}: {finding.reason}")
        out.print(f"  Remedy: {finding.remedy}")
    for note in verdict.notes:
        out.print(f"\n  Note: {note}")
    for each in statuses:
        out.print(f"\n  association {each.name or each.association_id}: {each.detailed_status}")
        for line in (each.summary.strip(), each.error_code, each.output_url):
            if line:
                out.print(f"    {line}")


def _captured(verdict: NodeVerdict, now: datetime) -> str:
    return ago(verdict.captured, now) if verdict.captured else "-"


def _nodes(count: int) -> str:
    return f"{count} node{'' if count == 1 else 's'}"


def _complies(verdict: NodeVerdict) -> str:
    return {None: "-", True: "compliant", False: "non-compliant"}[verdict.compliant]


def _totals_line(verdicts: Sequence[NodeVerdict]) -> str:
    counts_by_verdict = totals(verdicts)
    nodes = counts_by_verdict.pop("nodes")
    counts = ", ".join(f"{count} {verdict}" for verdict, count in counts_by_verdict.items())
    return f"{nodes} expected node{'' if nodes == 1 else 's'}: {counts or 'none'}"
