"""One inventory association a node: which of several prevails, and what becomes of the others.

From the user guide's "Troubleshooting problems with Systems Manager Inventory": Quick Setup's
association prevails over explicit ones (by id, tag or resource group), and these over one for all
nodes. What is overridden is skipped. Two of the same kind on one node both fail there.
"""

from dataclasses import dataclass

from localaws.systems_manager import targets
from localaws.systems_manager.associations import QUICK_SETUP_PREFIX
from localaws.systems_manager.documents import INVENTORY_DOCUMENT
from localaws.systems_manager.state import Association, Node

OVERRIDDEN = "OverriddenByExplicitInventoryAssociation"


@dataclass(frozen=True)
class Verdict:
    """What the rule says about one association on one node; both fields empty: it may run."""

    overridden: bool = False
    conflict: str = ""


def rivals(associations: list[Association], node: Node) -> list[Association]:
    """The inventory associations that apply to the node."""
    return [
        association
        for association in associations
        if association.document == INVENTORY_DOCUMENT and targets.applies_to(association, node)
    ]


def judge(association: Association, present: list[Association]) -> Verdict:
    highest = max(_rank(rival) for rival in present)
    if _rank(association) < highest:
        return Verdict(overridden=True)
    equals = sorted(a.association_id for a in present if _rank(a) == highest)
    if len(equals) == 1:
        return Verdict()
    return Verdict(
        conflict=(
            "aws:softwareInventory detected multiple inventory configurations associated with one "
            "instance. Each instance can be associated with just one inventory configuration. "
            f"Conflicting inventory configuration IDs: {equals[0]} and {equals[1]}"
        )
    )


def _rank(association: Association) -> int:
    if str(association.settings.get("AssociationName", "")).startswith(QUICK_SETUP_PREFIX):
        return 2
    return 0 if targets.is_wildcard(association) else 1
