"""The report of `oelab image check`: whether the pinned images are there, young enough and fit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from oelab.environment import Environment
from oelab.findings import Finding, Severity
from oelab.report import Column
from oelab.review.evaluate.node import verdict_of
from oelab.review.evaluate.rules import finding, finding_in
from oelab.review.models import ReviewReport, Unread, known
from oelab.review.records import Image
from oelab.review.snapshots import PinnedImage, Snapshot, reading_of
from oelab.settings import Settings
from oelab.systems_manager.images import architecture_of_type, family_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageStatus:
    """The image of one Region."""

    environment: Environment
    image_id: Annotated[str, Column("Image", needed=True)]
    """The id that the settings give there; "" for none."""
    latest: Annotated[str, Column("Latest", needed=True)]
    """The id that the parameter holds; `check` asks for it only where the image is old or gone."""
    name: Annotated[str, Column("Name", prose=True)]
    """The name of the image, `pin`: of the latest one; "" where it is gone."""
    creation_date: Annotated[datetime | None, Column("Created")]
    """When that image was made; null where it is gone, or EC2 does not report it."""
    age_days: Annotated[int | None, Column("Age in days", needed=True)]
    """Its age; null where that is not known."""
    verdict: Annotated[str, Column("Verdict", needed=True)]
    """`ok`, or the rule of its most serious finding."""


@dataclass(frozen=True, kw_only=True)
class ImageCheckReport(ReviewReport):
    """What `oelab image check` has found."""

    empty = "the settings pin no image: each deployment takes the latest one"
    table = ("images",)
    schema: str = "oelab.image-check/1"
    images: tuple[ImageStatus, ...]
    """The image of each Region."""


@dataclass(frozen=True, kw_only=True)
class ImagePinReport(ImageCheckReport):
    """What `oelab image pin` has found, and whether it has written it."""

    schema: str = "oelab.image-pin/1"
    written_to: str = ""
    """The settings file that the pins were written to; "" for none."""

    @property
    def new_pins(self) -> Mapping[str, str]:
        """The ids by Region that the settings do not hold."""
        new = (each for each in self.images if each.image_id != each.latest)
        return {each.environment.region: each.latest for each in new}


def evaluate_pins(read: Sequence[PinnedImage], now: datetime) -> ImagePinReport:
    """The pins as they would be."""
    return ImagePinReport(**reading_of(read), **_evaluate(read, _unpinned, now))


def evaluate_images(
    read: Sequence[PinnedImage], settings: Settings, *, oldest: datetime, now: datetime
) -> ImageCheckReport:
    """Each image of the settings, with its age and what is wrong with it."""
    given = [each for each in read if each.image_id or settings.image_pins]
    found = _evaluate(given, lambda it: _faults(it, settings, oldest), now)
    return ImageCheckReport(**reading_of(read), **found)


def _evaluate(
    read: Sequence[PinnedImage], find: Callable[[PinnedImage], Iterator[Finding]], now: datetime
) -> dict[str, Any]:
    """The fields of a report, except for what could not be read."""
    found = [(each, [*find(each)]) for each in read if not isinstance(each.image, Unread)]
    return {
        "findings": tuple(each for _, findings in found for each in findings),
        "images": tuple(_status(each, findings, now) for each, findings in found),
    }


def _status(read: PinnedImage, findings: Sequence[Finding], now: datetime) -> ImageStatus:
    image = known(read.image, None) or Image()
    created = image.creation_date
    return ImageStatus(
        environment=read.environment,
        image_id=read.image_id,
        latest=known(read.latest, ""),
        name=image.name,
        creation_date=created,
        age_days=(now - created).days if created else None,
        verdict=verdict_of(findings, ()),
    )


def _unpinned(read: PinnedImage) -> Iterator[Finding]:
    """Whether the settings hold another image than the parameter, or none."""
    if read.image_id != read.latest:
        pinned = read.image_id or "no image"
        contrast = f"and {read.latest} is the latest"
        yield finding_in(read, "image-not-pinned", owner="", pinned=pinned, contrast=contrast)


def not_pinned(read: Snapshot, settings: Settings, owner: str = "") -> Finding:
    """That the settings pin no image here, though they do elsewhere."""
    pinned, contrast = "no image", f"which pin one in {', '.join(settings.image_pins)}"
    return finding_in(read, "image-not-pinned", owner=owner, pinned=pinned, contrast=contrast)


def _faults(read: PinnedImage, settings: Settings, oldest: datetime) -> Iterator[Finding]:
    """What is wrong with an image of the settings, or with the lack of one."""
    image, subject = known(read.image, None), read.subject(read.image_id)
    if not read.image_id:
        yield not_pinned(read, settings)
    elif image is None:
        yield finding("image-gone", subject, remedy=_remedy(read, settings))
    else:
        if image.creation_date is None:
            yield finding("image-age-unknown", subject)
        elif image.is_older(oldest):
            # There is nothing to do before the makers of the image publish another.
            severity = Severity.NOTE if read.latest == read.image_id else None
            remedy = _remedy(read, settings)
            yield finding("image-old", subject, severity, image=image, remedy=remedy)
        for misfit in _misfits(image, settings):
            yield finding("image-unfit", subject, misfit=misfit)


def _remedy(read: PinnedImage, settings: Settings) -> str:
    """What to do about an image that should be replaced."""
    if not settings.image.startswith("/"):
        return "give the id of another one"
    if isinstance(read.latest, Unread):
        return f"see why {settings.image} could not be read, which may hold another one"
    if read.latest != read.image_id:
        return "run `oelab image pin --write`"
    return "name another `image`, or wait until its makers publish one: there is none that is newer"


def _misfits(image: Image, settings: Settings) -> Iterator[str]:
    """Why the instances of the settings cannot start from an image."""
    kinds = (kind for workload in settings.workloads for kind in workload.kinds if kind.count)
    for instance_type in sorted({kind.instance_type for kind in kinds}):
        if architecture_of_type(instance_type) not in (None, image.architecture):
            yield f"is made for {image.architecture}, which {instance_type} is not"
    family = family_of(settings.image, settings.image_family)
    if image.root_device_name != family.root_device_name:
        devices = f"{image.root_device_name}, and not {family.root_device_name}"
        yield f"has the root volume {devices} as images of {family.name}"
