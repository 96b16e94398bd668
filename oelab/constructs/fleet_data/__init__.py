"""Inventory of the whole fleet in one bucket, and what Athena needs to answer questions about it.

Not among the names of `oelab.constructs`: the modules of the CDK that these need take long to
import.
"""

from oelab.constructs.fleet_data.access import FleetDataAccess
from oelab.constructs.fleet_data.data_sync import InventoryDataSync
from oelab.constructs.fleet_data.tables import InventoryTables

__all__ = ["FleetDataAccess", "InventoryDataSync", "InventoryTables"]
