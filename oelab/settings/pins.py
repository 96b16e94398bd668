"""Writes image ids into a settings file, and leaves the rest of it as it stands."""

import codecs
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

TABLE = "image_pins"

_HEADER = re.compile(rf"[ \t]*\[[ \t]*{TABLE}[ \t]*\][ \t]*(#.*)?\r?")
_ANY_HEADER = re.compile(r"[ \t]*\[")
_PIN = re.compile(
    r"""[ \t]*(?P<quote>["']?)(?P<region>[a-z0-9-]+)(?P=quote)[ \t]*=[ \t]*"""
    r"""(?P<mark>["'])(?P<id>[^"']*)(?P=mark)"""
)


class PinsError(ValueError):
    """A settings file in which the pins stand so that they cannot be rewritten safely."""


def write_pins(path: Path, pins: Mapping[str, str]) -> None:
    """Put these ids by Region into a settings file, as `with_pins` does, or leave it as it is.

    Its mode stays, and so does a byte order mark. Raises `PinsError`, and `OSError` where its
    folder cannot be written to.
    """
    content = path.read_bytes()
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    text = with_pins(content.decode(encoding), pins)
    # A link stays one: what it leads to is replaced.
    _replace(path.resolve(), text.encode(encoding))


def with_pins(text: str, pins: Mapping[str, str]) -> str:
    """The text of a settings file with these ids by Region in its table `[image_pins]`.

    Other pins, comments, order and line ends stay. The text is read again afterwards: raises
    `PinsError` unless the pins, and nothing else, are changed by it.
    """
    expected = tomllib.loads(text.replace("\r\n", "\n"))
    expected[TABLE] = {**expected.get(TABLE, {}), **pins}
    written = _rewritten(text, pins)
    try:
        found = tomllib.loads(written.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:
        found = {}
    if found != expected:
        raise PinsError(
            f"the pins are not where they can be rewritten: write them as a table [{TABLE}], with "
            "a line for each Region"
        )
    return written


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that whatever interrupts it finds the old one whole."""
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
        draft = Path(file.name)
        try:
            file.write(content)
            file.flush()
            shutil.copymode(path, draft)
            draft.replace(path)
        except BaseException:
            draft.unlink()
            raise


def _rewritten(text: str, pins: Mapping[str, str]) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    lines = _with_table(text, line_end).split("\n")
    start = next(number for number, line in enumerate(lines) if _HEADER.fullmatch(line))
    last, missing = start, dict(pins)
    for number in range(start + 1, len(lines)):
        if _ANY_HEADER.match(lines[number]):
            break
        if pin := _PIN.match(lines[number]):
            last = number
            image_id = missing.pop(pin["region"], pin["id"])
            lines[number] = pin.string[: pin.start("id")] + image_id + pin.string[pin.end("id") :]
    added = [f'{region} = "{image_id}"{line_end[:-1]}' for region, image_id in missing.items()]
    return "\n".join([*lines[: last + 1], *added, *lines[last + 1 :]])


def _with_table(text: str, line_end: str) -> str:
    if any(_HEADER.fullmatch(line) for line in text.split("\n")):
        return text
    before = f"{text.rstrip()}{line_end}{line_end}" if text.strip() else ""
    return f"{before}[{TABLE}]{line_end}"
