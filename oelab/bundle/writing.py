"""The templates of the bundle, and their files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oelab.bundle.foundation import FOUNDATION
from oelab.bundle.inventory import INVENTORY
from oelab.bundle.manifest import manifest
from oelab.bundle.rendering import as_yaml, synthesize
from oelab.bundle.workload import WORKLOAD

BUNDLE = (
    FOUNDATION,
    WORKLOAD,
    INVENTORY,
)
"""Every template, in the order in which they are launched."""

MANIFEST = "manifest.json"


def write_bundle(directory: Path, flags: Mapping[str, Any]) -> None:
    """Write the templates and their manifest, the same bytes wherever and whenever."""
    directory.mkdir(parents=True, exist_ok=True)
    rendered = {}
    for bundled in BUNDLE:
        template = synthesize(bundled, flags)
        content = as_yaml(template).encode()
        (directory / bundled.file_name).write_bytes(content)
        rendered[bundled] = template, content
    text = json.dumps(manifest(rendered), indent=2) + "\n"
    (directory / MANIFEST).write_bytes(text.encode())
