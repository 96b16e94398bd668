"""A node takes part in one inventory association: which one runs there, and what the others do.

Source: "Troubleshooting problems with Systems Manager Inventory" in the Systems Manager user
guide. Quick Setup's association prevails over explicit ones (by id, tag or resource group), and
these prevail over the one for all nodes. What is overridden is skipped. Several of the highest
rank all fail on the node.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

QUICK_SETUP_PREFIX = "AWS-QuickSetup-SSM-CollectInventory-"


class Decision(StrEnum):
    """What becomes of an inventory association on one node."""

    RUNS = "runs"
    SKIPPED = "skipped"
    FAILS = "fails"


class Rank(IntEnum):
    """The association of the highest rank runs."""

    ALL_NODES = 0
    EXPLICIT = 1
    QUICK_SETUP = 2


@dataclass(frozen=True, kw_only=True)
class Contender:
    """An inventory association whose targets match the node."""

    association_id: str
    name: str = ""
    is_for_all_nodes: bool = False

    @property
    def rank(self) -> Rank:
        if self.name.startswith(QUICK_SETUP_PREFIX):
            return Rank.QUICK_SETUP
        return Rank.ALL_NODES if self.is_for_all_nodes else Rank.EXPLICIT


def decide(contenders: Iterable[Contender]) -> dict[str, Decision]:
    """By association id, what becomes of each on the node that they all match."""
    present = list(contenders)
    highest = max((each.rank for each in present), default=None)
    best = [each for each in present if each.rank == highest]
    won = Decision.RUNS if len(best) == 1 else Decision.FAILS
    return {each.association_id: won if each in best else Decision.SKIPPED for each in present}
