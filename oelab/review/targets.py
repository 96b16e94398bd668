"""Which nodes an association applies to, and which of several inventory associations prevails.

Source: "Troubleshooting problems with Systems Manager Inventory" in the Systems Manager user
guide: a node takes part in one inventory association. One of Quick Setup prevails over explicit
ones (by id, tag or resource group), and these over one for all nodes. What is overridden is
skipped; two of equal rank both fail on the node. Keys of targets are `canonical` throughout: the
guide itself writes both `InstanceIds` and `instanceids`.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from oelab.review.models import Association
from oelab.systems_manager.documents import QUICK_SETUP_INVENTORY

INSTANCE_IDS = "InstanceIds"
ALL_NODES = "*"
TAG_PREFIX = "tag:"
RESOURCE_GROUP = "resource-groups:Name"


class Rank(IntEnum):
    """Of two inventory associations on a node, the one with the higher rank runs."""

    ALL_NODES = 0
    EXPLICIT = 1
    QUICK_SETUP = 2


def canonical(key: str) -> str:
    """A target's key as it is written here; AWS takes it in any case, but for a tag's own key."""
    folded = key.casefold()
    if folded.startswith(TAG_PREFIX):
        return f"{TAG_PREFIX}{key[len(TAG_PREFIX) :]}"
    return next((each for each in (INSTANCE_IDS, RESOURCE_GROUP) if each.casefold() == folded), key)


def rank(association: Association) -> Rank:
    """The rank of an inventory association."""
    if association.name.startswith(QUICK_SETUP_INVENTORY):
        return Rank.QUICK_SETUP
    return Rank.ALL_NODES if is_for_all_nodes(association) else Rank.EXPLICIT


def is_for_all_nodes(association: Association) -> bool:
    """Whether it has the wildcard for a target."""
    return any(key == INSTANCE_IDS and ALL_NODES in values for key, values in association.targets)


def names_resource_group(association: Association) -> bool:
    """Whether its nodes are those of a resource group, which tags alone do not tell."""
    return any(key == RESOURCE_GROUP for key, _ in association.targets)


def applies(association: Association, node_id: str, tags: Mapping[str, str]) -> bool:
    """Whether all of its targets hold for a node; a resource group never does, as far as known."""
    return bool(association.targets) and all(
        _holds(key, values, node_id, tags) for key, values in association.targets
    )


def prevailing(associations: Iterable[Association]) -> list[Association]:
    """Those of the highest rank: one runs, several conflict."""
    present = list(associations)
    highest = max(map(rank, present), default=Rank.ALL_NODES)
    return [association for association in present if rank(association) == highest]


def _holds(key: str, values: tuple[str, ...], node_id: str, tags: Mapping[str, str]) -> bool:
    if key == INSTANCE_IDS:
        return ALL_NODES in values or node_id in values
    tag = key.removeprefix(TAG_PREFIX)
    # A tag without values is one of any value, as in oelab.checks.associations.
    return key.startswith(TAG_PREFIX) and tag in tags and (not values or tags[tag] in values)
