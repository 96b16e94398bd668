"""`oelab image pin`: pins the latest images in a settings file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from oelab.findings import BadInputError
from oelab.review.evaluate.images import ImagePinReport, evaluate_pins
from oelab.review.read.connection import Connection, read_all
from oelab.review.read.images import read_latest_image
from oelab.settings import Settings
from oelab.settings.pins import write_pins


def pin_images(
    connections: Sequence[Connection], settings: Settings, *, write_to: Path | None
) -> ImagePinReport:
    """The image that the parameter of the settings holds in each Region.

    With `write_to` the ids are written into that settings file, unless any could not be read.
    Raises `BadInputError` where nothing could be pinned or written.
    """
    if not settings.image.startswith("/"):
        raise BadInputError(
            f"`image` must be the path of a parameter, which names the latest image, got "
            f"{settings.image!r}; name one, or leave `image` out"
        )
    if write_to and not write_to.is_file():
        raise BadInputError(f"there is no file {write_to} to write to; name one with --settings")
    read = read_all(connections, read_latest_image, settings)
    report = evaluate_pins(read, datetime.now(UTC))
    if write_to is None or report.unread or not report.new_pins:
        return report
    write_pins(write_to, report.new_pins)
    return replace(report, written_to=str(write_to), findings=())
