"""What `oelab image pin` shows and writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from oelab.review.commands.options import SETTINGS_FILE, Common
from oelab.review.commands.session import BadInputError, Session
from oelab.review.concurrency import side_by_side
from oelab.review.exit_codes import ExitCode
from oelab.review.images import Image
from oelab.review.models import Unread
from oelab.review.output import unread_documents
from oelab.review.read.access import Clients
from oelab.review.read.errors import attempt
from oelab.review.read.images import read_latest_image
from oelab.settings.pins import PinsError, write_pins

SCHEMA = "oelab.image-pin/1"


@dataclass(frozen=True, kw_only=True)
class Pin:
    """The image of a Region now, and the id that the settings pin there, or ""."""

    region: str
    image: Image
    pinned: str

    @property
    def is_new(self) -> bool:
        """Whether the settings hold another id, or none."""
        return self.pinned != self.image.image_id


def show(session: Session, options: Common, *, write: bool) -> ExitCode:
    """The pins as they would be, and what becomes of the file."""
    parameter = session.settings.image
    if not parameter.startswith("/"):
        raise BadInputError(
            f"`image` is {parameter!r}, and only a parameter tells which image is the latest"
        )
    named = SETTINGS_FILE if options.settings_file is None else options.settings_file
    path = Path(named)
    if write and not path.is_file():
        raise BadInputError(f"there is no {named or 'file'} to write to; name one with --settings")
    answers = side_by_side([partial(_read, each, parameter) for each in session.places])
    unread = [each for each in answers if isinstance(each, Unread)]
    pins = [
        Pin(region=place.place.region, image=image, pinned=_pinned(session, place))
        for place, image in zip(session.places, answers, strict=True)
        if isinstance(image, Image)
    ]
    new = [each for each in pins if each.is_new]
    written = write and not unread
    if written and new:
        _write(path, new)
    _show(session, pins, unread, written=written)
    if new and not unread:
        into = named or "the file that --settings names"
        session.out.say(f"written to {path}" if written else f"--write puts this into {into}")
    if unread:
        return ExitCode.UNREAD
    return ExitCode.FINDINGS if new and not written else ExitCode.WELL


def _read(clients: Clients, parameter: str) -> Image | Unread:
    found = attempt(partial(read_latest_image, clients, parameter))
    if found is None:
        return Unread(
            place=clients.place,
            call="ec2:DescribeImages",
            reason=f"there is no image of the id that {parameter} holds",
        )
    return found


def _pinned(session: Session, place: Clients) -> str:
    return session.settings.image_pins.get(place.place.region, "")


def _write(path: Path, pins: Sequence[Pin]) -> None:
    try:
        write_pins(path, {each.region: each.image.image_id for each in pins})
    except PinsError as error:
        raise BadInputError(f"{path}: {error}") from error
    except OSError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror}") from error


def _show(
    session: Session, pins: Sequence[Pin], unread: Sequence[Unread], *, written: bool
) -> None:
    if session.out.as_json:
        documents = [_document(each) for each in pins]
        body = {"unread": unread_documents(unread), "written": written, "pins": documents}
        session.out.json(SCHEMA, body)
    elif pins:
        session.out.table(
            ("Region", "Image", "Created", "In the settings"),
            [
                (
                    each.region,
                    each.image.image_id,
                    each.image.created.date().isoformat() if each.image.created else "not known",
                    (each.pinned or "none") if each.is_new else "the same",
                )
                for each in pins
            ],
        )
    session.out.warn_unread(unread)


def _document(pin: Pin) -> dict[str, object]:
    return {
        "region": pin.region,
        "image_id": pin.image.image_id,
        "name": pin.image.name,
        "created": pin.image.created,
        "pinned": pin.pinned,
    }
