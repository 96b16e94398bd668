"""What `oelab wait` shows."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rich.live import Live
from rich.table import Table

from oelab.findings import Rule
from oelab.review.commands.session import Session
from oelab.review.commands.status_document import SCHEMA, document
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.models import Unread
from oelab.review.output import Output, coloured, harmless
from oelab.review.read.fleet import read_fleet
from oelab.review.verdicts.fleet import judge
from oelab.review.verdicts.verdict import OK, NodeVerdict

# A node that is inventoried but does not comply has arrived: `status` and `compliance` judge that.
_ARRIVED = (
    Rule.NON_COMPLIANT_ASSOCIATION,
    Rule.NON_COMPLIANT_PATCH,
    Rule.NON_COMPLIANT_CUSTOM,
)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait and how often to look, in seconds; the clock can be another one."""

    timeout: int
    every: int
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class _Progress:
    """Shows what has changed: live on a terminal, else a line each."""

    out: Output
    live: Live | None
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    lost: bool = False

    def show(self, verdicts: Sequence[NodeVerdict], unread: Sequence[Unread]) -> None:
        if self.live:
            self.live.update(_table(verdicts, unread), refresh=True)
            return
        if bool(unread) != self.lost:
            self.lost = bool(unread)
            self.out.say(
                f"AWS could not be read, trying again: {unread[0].reason}"
                if unread
                else "AWS can be read again"
            )
        for each in verdicts:
            if each.unread:
                continue
            line = _line(each)
            if self.said.get((each.place, each.name)) != line:
                self.said[each.place, each.name] = line
                self.out.say(f"{each.name}: {line}")


def show(session: Session, patience: Patience) -> ExitCode:
    """Look until all is there, or the time is up, or something can never be read."""
    deadline = patience.now() + patience.timeout
    live = _live(session.out)
    progress = _Progress(session.out, live)
    shown: AbstractContextManager[object] = live or nullcontext()
    with shown:
        while True:
            snapshots = read_fleet(session.places, session.expectation)
            verdicts = judge(snapshots, session.expectation)
            unread = [each for snapshot in snapshots for each in snapshot.unread()]
            missing = [each for each in verdicts if not _has_arrived(each)]
            if any(not each.passing for each in unread):
                break
            progress.show(verdicts, unread)
            if not (missing or unread) or patience.now() >= deadline:
                break
            patience.sleep(min(patience.every, max(0.0, deadline - patience.now())))
    if session.out.as_json:
        session.out.json(SCHEMA, document(verdicts, unread))
    session.out.warn_unread(unread)
    _conclude(session.out, verdicts, missing, unread, patience)
    return exit_code(findings=bool(missing), unread=bool(unread))


def _live(out: Output) -> Live | None:
    if out.quiet or out.as_json or not out.messages.is_terminal:
        return None
    return Live(console=out.messages, auto_refresh=False)


def _has_arrived(verdict: NodeVerdict) -> bool:
    return not verdict.unread and all(each.rule in _ARRIVED for each in verdict.findings)


def _conclude(
    out: Output,
    verdicts: Sequence[NodeVerdict],
    missing: Sequence[NodeVerdict],
    unread: Sequence[Unread],
    patience: Patience,
) -> None:
    if not missing and not unread:
        out.say(f"all {len(verdicts)} expected nodes are managed and inventoried")
        return
    hopeless = any(not each.passing for each in unread)
    if not hopeless:
        out.fail(
            f"after {patience.timeout} seconds {len(missing)} of {len(verdicts)} expected nodes "
            "are not there yet:"
        )
    for each in missing:
        # Why a node is not read has been said of its place.
        if each.findings or not hopeless:
            out.fail(f"  {each.name}: {_line(each)}")


def _line(verdict: NodeVerdict) -> str:
    if _has_arrived(verdict):
        return "managed and inventoried"
    if not verdict.findings:
        return f"not read: {', '.join(verdict.unread)}"
    worst = verdict.findings[0]
    return f"{worst.rule}: {worst.reason}"


def _table(verdicts: Sequence[NodeVerdict], unread: Sequence[Unread]) -> Table:
    arrived = sum(map(_has_arrived, verdicts))
    title = f"{arrived} of {len(verdicts)} nodes managed and inventoried"
    if unread:
        title += f"; trying again: {harmless(unread[0].reason)}"
    table = Table(title=title, box=None, title_justify="left", pad_edge=False)
    for column in ("Node", "Verdict", "Reason"):
        table.add_column(column, overflow="fold")
    for each in verdicts:
        done = _has_arrived(each)
        reason = "" if done or not each.findings else each.findings[0].reason
        verdict = coloured(OK if done else each.verdict)
        table.add_row(harmless(each.name), verdict, harmless(reason))
    return table
