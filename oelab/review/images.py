"""Images as EC2 describes them, and what is wrong with those that are pinned."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oelab.settings import Settings
from oelab.systems_manager.images import ImageFamily, architecture_of_type, family_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An Amazon Machine Image (DescribeImages); `created` is None where EC2 does not tell it."""

    image_id: str
    name: str
    created: datetime | None
    architecture: str
    root_device_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """`faults` are reasons to act, `notes` are none."""

    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def why_replace(image: Image | None, now: datetime, at_most: timedelta) -> str:
    """Why another image should take the place of a pinned one, or ""; None is one that is gone."""
    if image is None:
        return "not there any more, or not for this account"
    if image.created and now - image.created > at_most:
        return f"older than {at_most.days} day{'' if at_most.days == 1 else 's'}"
    return ""


def judge(
    image_id: str, image: Image | None, why: str, settings: Settings, latest: str | None
) -> Judgement:
    """What is to be said of a pinned image that should be replaced for the reason `why`, if any.

    `latest` is the id that the parameter of the settings holds now, None where that is not known.
    """
    age = _replaced(image_id, image, why, settings, latest) if why else Judgement()
    if image is None:
        return age
    unknown = () if image.created else ("age not known",)
    return replace(age, faults=(*age.faults, *unfit(image, settings)), notes=(*age.notes, *unknown))


def _replaced(
    image_id: str, image: Image | None, why: str, settings: Settings, latest: str | None
) -> Judgement:
    if not settings.image.startswith("/"):
        return Judgement(faults=(f"{why}: give the id of another one",))
    if latest is None:
        return Judgement(faults=(f"{why}, and what the parameter holds is not known",))
    if latest != image_id:
        return Judgement(faults=(f"{why}: run `oelab image pin --write`",))
    if image is None:
        return Judgement(faults=(f"{why}, and the parameter holds no other: name another `image`",))
    # Nobody can do anything about it before the image's makers publish another.
    return Judgement(notes=(f"{why}, and the parameter holds none newer",))


def unfit(image: Image, settings: Settings) -> Iterator[str]:
    """Why the instances of the settings cannot start from an image."""
    yield from _processor(image, settings)
    yield from _root_device(image, family_of(settings.image, settings.image_family))


def _processor(image: Image, settings: Settings) -> Iterator[str]:
    types = {
        kind.instance_type
        for workload in settings.workloads
        for kind in workload.kinds
        if kind.count
    }
    for each in sorted(types):
        if (architecture_of_type(each) or image.architecture) != image.architecture:
            yield f"made for {image.architecture}, which {each} is not"


def _root_device(image: Image, family: ImageFamily) -> Iterator[str]:
    if image.root_device_name != family.root_device_name:
        yield (
            f"its root volume is {image.root_device_name} and not {family.root_device_name} as in "
            f"{family.name}: mend `image_family`"
        )
