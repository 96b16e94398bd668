"""The Regions that have Systems Manager, in all partitions."""

import json
from pathlib import Path

SYSTEMS_MANAGER_REGIONS = frozenset(json.loads(Path(__file__).with_suffix(".json").read_text()))
"""As the locked SDK knows them; the list is written by `tools/regions`."""
