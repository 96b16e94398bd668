"""How an association's run ended on a node.

AWS documents no closed list of statuses: one that is not known here did not end well.
"""

from enum import Enum, auto

from oelab.review.models import Outcome


class Ending(Enum):
    """What a status amounts to; what is skipped is so because another association prevails."""

    WELL = auto()
    UNDECIDED = auto()
    SKIPPED = auto()
    BADLY = auto()


_ENDINGS = {
    "Success": Ending.WELL,
    "Skipped": Ending.SKIPPED,
    **dict.fromkeys(("", "Pending", "InProgress", "Associated", "Creating"), Ending.UNDECIDED),
}


def ending(outcome: Outcome | None) -> Ending:
    """How it ended; without an outcome that is undecided."""
    return _ENDINGS.get(outcome.status, Ending.BADLY) if outcome else Ending.UNDECIDED
