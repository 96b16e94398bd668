"""The ids of what the checks find."""

from enum import StrEnum


class Rule(StrEnum):
    """The ids of the findings, by which people acknowledge them."""

    OVERLAP = "InventoryOverlap"
    SKIPPED = "InventorySkipped"
    NO_TARGET = "InventoryTargetsNothing"
    REGION = "InventoryRegion"
    PROFILE = "NodeInstanceProfile"
    ROLE = "NodeRole"
    EGRESS = "NodeEgress"
    ROUTE = "NodeRoute"
    METADATA = "NodeMetadata"
    AGENT = "NodeAgent"
