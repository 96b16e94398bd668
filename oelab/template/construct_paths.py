"""Which construct defined which resource, by the metadata next to the templates.

The templates themselves name the constructs only where the CDK's `pathMetadata` is on.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

_Metadata = Mapping[str, Sequence[Mapping[str, Any]]]
_NO_METADATA: _Metadata = {}


class ConstructPaths:
    """The construct paths of one stack and of those nested in it.

    `metadata` is what the manifest says of each construct, and `file` holds the rest of it. The
    file is read when the first path is asked for.
    """

    def __init__(self, metadata: _Metadata = _NO_METADATA, file: Path | None = None) -> None:
        self._in_manifest = metadata
        self._file = file

    def of(self, template_file: str) -> dict[str, str]:
        """The construct paths by logical id. Two nested stacks may use the same logical id."""
        owner = self.of_stack(template_file)
        return {
            logical_id: path
            for path, logical_id in self._by_entry["aws:cdk:logicalId"].items()
            if owner is None or _owner(path, self.templates) == owner
        }

    def of_stack(self, template_file: str) -> str | None:
        """The construct path of the stack that a template was made from."""
        return {file: path for path, file in self.templates.items()}.get(template_file)

    @property
    def templates(self) -> Mapping[str, str]:
        """The templates of stacks by construct path."""
        return self._by_entry["aws:cdk:templateFile"]

    @cached_property
    def _by_entry(self) -> dict[str, dict[str, str]]:
        """What the CDK notes of constructs: by the type of the entry, then by path."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        rest = json.loads(self._file.read_text(encoding="utf-8")) if self._file else {}
        for path, entries in {**self._in_manifest, **rest}.items():
            for entry in entries:
                found[entry["type"]][path.lstrip("/")] = entry.get("data")
        return found


def _owner(path: str, stacks: Mapping[str, str]) -> str:
    owners = (stack for stack in stacks if path.startswith(f"{stack}/"))
    return max(owners, key=len, default="")
