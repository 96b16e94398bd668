"""Whether the right association gathers a node's inventory, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from oelab.findings import Rule
from oelab.review.models import Association, Outcome
from oelab.review.verdicts.connection import ago
from oelab.review.verdicts.remedies import Observation
from oelab.review.verdicts.run_status import Ending, ending
from oelab.systems_manager.precedence import precedence
from oelab.systems_manager.schedule import interval, parse

# A run may start late and take some minutes, so that one interval by itself proves nothing.
STALE_INTERVALS = 2


def association(
    present: Sequence[Association], ours: Sequence[Association], outcomes: Mapping[str, Outcome]
) -> Iterator[Observation]:
    """What keeps our association from running on a node.

    `present` are the inventory associations that apply there, `ours` those of them that the
    settings name, `outcomes` the latest ones on the node by association id.
    """
    decision = precedence(present)
    if decision.conflicting:
        names = " and ".join(sorted(each.label for each in decision.conflicting))
        reason = f"{names} both target the node, so that both fail there"
        yield Rule.ASSOCIATION_CONFLICT, reason
        return
    if decision.running is None:
        yield Rule.NO_ASSOCIATION, "no inventory association targets the node"
        return
    for mine in ours:
        if mine in decision.skipped:
            reason = f"{mine.label} is skipped, because {decision.running.label} prevails"
            detail = _detail_of_skipped(outcomes.get(mine.association_id))
            yield Rule.ASSOCIATION_OVERRIDDEN, f"{reason}{detail}"
    yield from _run(decision.running, outcomes.get(decision.running.association_id))


def notes(present: Sequence[Association], ours: Sequence[Association]) -> Iterator[str]:
    """What becomes of the associations of others, where only one prevails."""
    decision = precedence(present)
    if decision.running is None:
        return
    for other in decision.skipped:
        if other not in ours:
            yield f"{other.label} is skipped, because {decision.running.label} prevails"


def _detail_of_skipped(outcome: Outcome | None) -> str:
    if outcome is None or ending(outcome) is not Ending.SKIPPED:
        return ""
    return f" ({outcome.detailed_status})"


def _run(winner: Association, outcome: Outcome | None) -> Iterator[Observation]:
    ended = ending(outcome)
    if ended is Ending.WELL:
        return
    if outcome is None or ended is Ending.UNDECIDED:
        yield Rule.ASSOCIATION_PENDING, f"{winner.label} has not ended on the node yet"
        return
    status, detail = outcome.status, outcome.detailed_status
    said = f"{status} ({detail})" if detail and detail != status else status
    yield Rule.ASSOCIATION_FAILED, f"{winner.label} ended as {said}"


def captured(
    captures: Mapping[str, datetime | None], expression: str, now: datetime
) -> Iterator[Observation]:
    """What is missing of a node's inventory, or is old.

    `captures` are the types that the node is to have, with the time where it has them;
    `expression` is the schedule of the association that gathers them.
    """
    have = {name: moment for name, moment in captures.items() if moment}
    lacking = [name for name in captures if name not in have]
    if captures and not have:
        yield Rule.INVENTORY_MISSING, "no inventory has arrived from the node"
        return
    if lacking:
        reason = f"the node has inventory, but no {', '.join(lacking)}"
        yield Rule.TYPE_NOT_COLLECTED, reason
    every = interval(parse(expression))
    if not every:
        return
    stale = {name: at for name, at in have.items() if now - at > STALE_INTERVALS * every}
    if stale:
        yield (
            Rule.INVENTORY_STALE,
            f"{', '.join(stale)} captured {ago(min(stale.values()), now)}, which is more than "
            f"{STALE_INTERVALS} intervals of {int(every / timedelta(minutes=1))} minutes",
        )
