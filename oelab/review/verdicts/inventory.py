"""Whether the right association gathers a node's inventory, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from oelab.review import schedule, targets
from oelab.review.models import Association, Outcome
from oelab.review.verdicts.causes import Cause, Finding
from oelab.review.verdicts.connection import ago
from oelab.review.verdicts.run_status import Ending, ending

# A run may start late and take some minutes, so that one interval alone proves nothing.
STALE_INTERVALS = 2


def association(
    present: Sequence[Association], ours: Sequence[Association], outcomes: Mapping[str, Outcome]
) -> Iterator[Finding]:
    """What keeps our association from running on a node.

    `present` are the inventory associations that apply there, `ours` those of them that the
    settings name, `outcomes` the latest ones on the node by association id.
    """
    if not present:
        yield Finding(
            cause=Cause.NO_ASSOCIATION,
            reason="no inventory association targets the node",
        )
        return
    winners = targets.prevailing(present)
    if len(winners) > 1:
        names = " and ".join(sorted(each.label for each in winners))
        yield Finding(
            cause=Cause.ASSOCIATION_CONFLICT,
            reason=f"{names} both target the node, so that both fail there",
        )
        return
    (winner,) = winners
    for mine in ours:
        if mine != winner:
            yield Finding(
                cause=Cause.ASSOCIATION_OVERRIDDEN,
                reason=f"{mine.label} is skipped, because {winner.label} prevails"
                f"{_said(outcomes.get(mine.association_id))}",
            )
    yield from _run(winner, outcomes.get(winner.association_id))


def notes(present: Sequence[Association], ours: Sequence[Association]) -> Iterator[str]:
    """What becomes of the associations of others, where one of ours alone prevails."""
    winners = targets.prevailing(present)
    if len(winners) != 1:
        return
    for other in present:
        if other not in winners and other not in ours:
            yield f"{other.label} is skipped, because {winners[0].label} prevails"


def _said(outcome: Outcome | None) -> str:
    if outcome is None or ending(outcome) is not Ending.SKIPPED:
        return ""
    return f" ({outcome.detailed_status})"


def _run(winner: Association, outcome: Outcome | None) -> Iterator[Finding]:
    ended = ending(outcome)
    if ended is Ending.WELL:
        return
    if outcome is None or ended is Ending.UNDECIDED:
        reason = f"{winner.label} has not ended on the node yet"
        yield Finding(cause=Cause.ASSOCIATION_PENDING, reason=reason)
        return
    status, detail = outcome.status, outcome.detailed_status
    said = f"{status} ({detail})" if detail and detail != status else status
    yield Finding(cause=Cause.ASSOCIATION_FAILED, reason=f"{winner.label} ended as {said}")


def captured(
    captures: Mapping[str, datetime | None], expression: str, now: datetime
) -> Iterator[Finding]:
    """What is missing of a node's inventory, or is old.

    `captures` are the types that the node is to have, with the time where it has them;
    `expression` is the schedule of the association that gathers them.
    """
    have = {name: moment for name, moment in captures.items() if moment}
    lacking = [name for name in captures if name not in have]
    if captures and not have:
        reason = "no inventory has arrived from the node"
        yield Finding(cause=Cause.INVENTORY_MISSING, reason=reason)
        return
    if lacking:
        reason = f"the node has inventory, but no {', '.join(lacking)}"
        yield Finding(cause=Cause.TYPE_NOT_COLLECTED, reason=reason)
    every = schedule.interval(expression)
    if not every:
        return
    stale = {name: at for name, at in have.items() if now - at > STALE_INTERVALS * every}
    if stale:
        yield Finding(
            cause=Cause.INVENTORY_STALE,
            reason=f"{', '.join(stale)} captured {ago(min(stale.values()), now)}, which is more "
            f"than {STALE_INTERVALS} intervals of {_minutes(every)}",
        )


def _minutes(every: timedelta) -> str:
    return f"{int(every / timedelta(minutes=1))} minutes"
