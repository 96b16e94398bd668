"""What `oelab image check` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from oelab.review.commands.session import Session
from oelab.review.concurrency import side_by_side
from oelab.review.exit_codes import ExitCode, exit_code
from oelab.review.images import Image, Judgement, judge, why_replace
from oelab.review.models import Unread
from oelab.review.output import coloured, unread_documents
from oelab.review.read.access import Clients
from oelab.review.read.account import read_parameter
from oelab.review.read.errors import attempt
from oelab.review.read.images import read_image
from oelab.review.verdicts.verdict import OK
from oelab.settings import Settings

SCHEMA = "oelab.image-check/1"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A pinned id, the image of it where there is one, and what is to be said of it.

    `image_id` is "" in a Region that lacks a pin beside those that have one. `latest` is what the
    parameter holds now, None where nobody asked.
    """

    region: str
    image_id: str
    image: Image | None
    age_days: int | None
    latest: str | Unread | None
    judgement: Judgement


def show(session: Session, max_age: int) -> ExitCode:
    """Each pinned image, with its age and its faults."""
    settings = session.settings
    places = [place for place in session.places if _id_in(settings, place.place.region)]
    found = side_by_side(
        [partial(_check, each, settings, timedelta(days=max_age)) for each in places]
    )
    checked = [each for each in found if isinstance(each, Checked)]
    if settings.image_pins:
        checked += [_lacking(each, settings) for each in session.places if each not in places]
    unread = [each for each in found if isinstance(each, Unread)]
    unread += [each.latest for each in checked if isinstance(each.latest, Unread)]
    _show(session, checked, unread)
    if not (places or settings.image_pins):
        session.out.say(f"nothing is pinned: `image` is whatever {settings.image} holds")
    return exit_code(findings=any(each.judgement.faults for each in checked), unread=bool(unread))


def _id_in(settings: Settings, region: str) -> str:
    given = "" if settings.image.startswith("/") else settings.image
    return settings.image_pins.get(region, given)


def _lacking(clients: Clients, settings: Settings) -> Checked:
    region, others = clients.place.region, ", ".join(settings.image_pins)
    fault = f"images are pinned for {others} alone: pin one here before deploying a workload"
    return Checked(
        region=region,
        image_id="",
        image=None,
        age_days=None,
        latest=None,
        judgement=Judgement(faults=(fault,)),
    )


def _check(clients: Clients, settings: Settings, at_most: timedelta) -> Checked | Unread:
    region = clients.place.region
    image_id = _id_in(settings, region)
    image = attempt(partial(read_image, clients, image_id))
    if isinstance(image, Unread):
        return image
    now = datetime.now(UTC)
    why = why_replace(image, now, at_most)
    latest: str | Unread | None = None
    # A reviewer may not read every parameter, so it is asked for where it matters alone.
    if why and settings.image.startswith("/"):
        latest = attempt(partial(read_parameter, clients, settings.image))
    known = None if isinstance(latest, Unread) else latest
    return Checked(
        region=region,
        image_id=image_id,
        image=image,
        age_days=(now - image.created).days if image and image.created else None,
        latest=latest,
        judgement=judge(image_id, image, why, settings, known),
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
                    each.image_id or "-",
                    "-" if each.age_days is None else f"{each.age_days} days",
                    coloured("; ".join(each.judgement.faults) or OK, *each.judgement.notes),
                )
                for each in checked
            ],
            prose=("Verdict",),
        )
    session.out.warn_unread(unread)


def _document(each: Checked) -> dict[str, object]:
    return {
        "region": each.region,
        "image_id": each.image_id,
        "name": each.image.name if each.image else None,
        "created": each.image.created if each.image else None,
        "age_days": each.age_days,
        "latest": None if isinstance(each.latest, Unread) else each.latest,
        "faults": list(each.judgement.faults),
        "notes": list(each.judgement.notes),
    }
