"""What a check has found, and how grave it is."""

from dataclasses import dataclass
from enum import StrEnum

from oelab.checks.template import Resource
from oelab.rules import Fault


class Severity(StrEnum):
    """An error fails the synth; what is unknown is told to those who ask for strictness."""

    ERROR = "error"
    WARNING = "warning"
    UNKNOWN = "unknown"


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


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong, and the resource under whose path it can be acknowledged."""

    rule: Rule
    severity: Severity
    resource: Resource
    fault: Fault
