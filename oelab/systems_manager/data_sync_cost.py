"""What data syncs and queries over their objects cost, by the list prices in prices.toml."""

from dataclasses import dataclass

from oelab.data_files import read_toml
from oelab.systems_manager.inventory_types import InventoryTypes

PRICES = read_toml("prices.toml", __package__)

# AWS:InstanceInformation, AWS:Tag, AWS:ComplianceItem and AWS:ComplianceSummary come by themselves.
_TYPES_OF_EVERY_NODE = 4
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class FleetEstimate:
    """A fleet whose inventory is collected every `interval_minutes`, of so many types a node.

    It is the worst case: AWS does not document whether an object is written again when nothing in
    it has changed, so each counts as written at each run.
    """

    nodes: int
    types: int
    interval_minutes: int

    @property
    def objects(self) -> int:
        """How many objects there are at any time."""
        return self.nodes * self.types

    @property
    def puts_a_day(self) -> int:
        """How many objects are written a day."""
        return self.objects * _MINUTES_A_DAY // self.interval_minutes

    @property
    def put_usd_a_day(self) -> float:
        """What writing them costs."""
        price: float = PRICES["s3"]["puts_per_thousand"]
        return self.puts_a_day * price / 1000


def types_of(types: InventoryTypes) -> int:
    """How many types a sync writes of a node, of those that are collected; none that users name."""
    chosen = sum(types.chosen()) - types.custom_inventory
    return chosen + _TYPES_OF_EVERY_NODE


def scan_usd(scanned_bytes: int) -> float:
    """What Athena takes for a query that has read so much."""
    athena = PRICES["athena"]
    billed: float = max(scanned_bytes, athena["least_bytes"]) * athena["terabyte_scanned"] / 10**12
    return billed
