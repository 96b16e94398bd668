"""Writes image ids into a settings file, and leaves the rest of it as it stands."""

import re
import tomllib
from collections.abc import Mapping

TABLE = "image_pins"

_HEADER = re.compile(rf"[ \t]*\[[ \t]*{TABLE}[ \t]*\][ \t]*(#.*)?\r?")
_ANY_HEADER = re.compile(r"[ \t]*\[")
_PIN = re.compile(
    r"""[ \t]*(?P<quote>["']?)(?P<region>[a-z0-9-]+)(?P=quote)[ \t]*=[ \t]*"""
    r"""(?P<mark>["'])(?P<id>[^"']*)(?P=mark)"""
)


class PinsError(ValueError):
    """A settings file in which the pins stand so that they cannot be rewritten safely."""


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
