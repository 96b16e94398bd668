"""What `oelab image check` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from oelab.review.commands.session import Session
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.images import Image, faults_of, replacement
from oelab.review.models import Unread
from oelab.review.output import coloured, unread_documents
from oelab.review.reader.errors import attempt
from oelab.review.reader.images import read_image
from oelab.review.side_by_side import side_by_side

SCHEMA = "oelab.image-check/1"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A pinned id, the image of it where there is one, and what is wrong with it."""

    region: str
    image_id: str
    image: Image | None
    age_days: int | None
    faults: tuple[str, ...]


def show(session: Session, max_age: int) -> ExitCode:
    """Each pinned image, with its age and its faults."""
    places = [place for place in session.places if _id_in(session, place.place.region)]
    ids = [_id_in(session, place.place.region) for place in places]
    found = side_by_side(
        [
            partial(attempt, partial(read_image, place, image_id))
            for place, image_id in zip(places, ids, strict=True)
        ]
    )
    unread = [each for each in found if isinstance(each, Unread)]
    checked = [
        _checked(session, place.place.region, image_id, image, max_age)
        for place, image_id, image in zip(places, ids, found, strict=True)
        if not isinstance(image, Unread)
    ]
    _show(session, checked, unread)
    if not places:
        session.out.say(f"nothing is pinned: `image` is whatever {session.settings.image} holds")
    return exit_code(findings=any(each.faults for each in checked), unread=bool(unread))


def _id_in(session: Session, region: str) -> str:
    settings = session.settings
    given = "" if settings.image.startswith("/") else settings.image
    return settings.image_pins.get(region, given)


def _checked(
    session: Session, region: str, image_id: str, image: Image | None, max_age: int
) -> Checked:
    if image is None:
        gone = f"not there any more, or not for this account: {replacement(session.settings)}"
        return Checked(region=region, image_id=image_id, image=None, age_days=None, faults=(gone,))
    now = datetime.now(UTC)
    faults = faults_of(image, session.settings, now, timedelta(days=max_age))
    return Checked(
        region=region,
        image_id=image_id,
        image=image,
        age_days=(now - image.created).days,
        faults=tuple(faults),
    )


def _show(session: Session, checked: Sequence[Checked], unread: Sequence[Unread]) -> None:
    if session.out.as_json:
        documents = [_document(each) for each in checked]
        session.out.json(SCHEMA, {"unread": unread_documents(unread), "images": documents})
    elif checked:
        session.out.table(
            ("Region", "Image", "Age", "Verdict"),
            [
                (
                    each.region,
                    each.image_id,
                    "" if each.age_days is None else f"{each.age_days} days",
                    coloured("; ".join(each.faults) or "ok"),
                )
                for each in checked
            ],
        )
    session.out.warn_unread(unread)


def _document(each: Checked) -> dict[str, object]:
    return {
        "region": each.region,
        "image_id": each.image_id,
        "name": each.image.name if each.image else None,
        "created": each.image.created if each.image else None,
        "age_days": each.age_days,
        "faults": list(each.faults),
    }
