"""Files that are kept, to be compared with those of today to the byte, on whatever machine."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

import pytest


def compare(folder: Path, today: Mapping[str, bytes], *, update: bool) -> None:
    """Fail where the files of today differ from those in `folder`; with `update` keep them."""
    folder.mkdir(parents=True, exist_ok=True)
    if update:
        for file in files_in(folder):
            file.unlink()
        for name, content in today.items():
            (folder / name).write_bytes(content)
    kept = {file.name: file.read_bytes() for file in files_in(folder)}
    names = [name for name in sorted({*kept, *today}) if kept.get(name) != today.get(name)]
    if names:
        lines = (
            line for name in names for line in difference(name, kept.get(name), today.get(name))
        )
        hint = f"{', '.join(names)}: if this is meant, run: make snapshots"
        pytest.fail("\n".join([*lines, hint]), pytrace=False)


def difference(name: str, kept: bytes | None, today: bytes | None) -> Iterator[str]:
    before, after = ((content or b"").decode().splitlines() for content in (kept, today))
    return unified_diff(before, after, f"kept/{name}", f"today/{name}", lineterm="")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
