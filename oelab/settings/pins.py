"""Writes image ids into a settings file, and leaves the rest of it as it stands."""

import codecs
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table, Whitespace

from oelab.findings import BadInputError

TABLE = "image_pins"


def write_pins(path: Path, pins: Mapping[str, str]) -> None:
    """Put these ids by Region into a settings file, as `with_pins` does, or leave it as it is.

    Its mode stays, and so does a byte order mark. Raises `BadInputError`, and `OSError` where its
    folder cannot be written to.
    """
    content = path.read_bytes()
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    text = with_pins(content.decode(encoding), pins)
    # A link stays one: what it leads to is replaced.
    _replace(path.resolve(), text.encode(encoding))


def with_pins(text: str, pins: Mapping[str, str]) -> str:
    """The text of a settings file with these ids by Region in its table `image_pins`.

    Other pins, comments, order and line ends stay. Raises `BadInputError` where it is not TOML.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise BadInputError(f"the settings file must be TOML: {error}") from error
    table: Any = document.setdefault(TABLE, tomlkit.table())
    after = _take_what_follows(table) if isinstance(table, Table) else []
    table.update(pins)
    for item in after:
        table.add(item)
    written = document.as_string()
    if text.count("\r\n") == text.count("\n") > 0:
        # What is added ends in \n.
        written = written.replace("\r\n", "\n").replace("\n", "\r\n")
    return written


def _take_what_follows(table: Table) -> list[Any]:
    """Remove from a table the blank line after its last key, and the comments on what comes next.

    tomlkit counts them as the table's own, and would add keys behind them.
    """
    body = table.value.body
    keys = [number for number, (key, _) in enumerate(body) if key is not None]
    start = keys[-1] + 1 if keys else 0
    blanks = (n for n, (_, item) in enumerate(body) if n >= start and isinstance(item, Whitespace))
    end = next(blanks, len(body))
    after = [item for _, item in body[end:]]
    del body[end:]
    return after


def _replace(path: Path, content: bytes) -> None:
    """Write next to the file and rename, so that an interruption leaves the old one whole."""
    with TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder, path.name)
        draft.write_bytes(content)
        shutil.copymode(path, draft)
        draft.replace(path)
